"""Everything that is kept of one person, to be taken along: by feature, whole, as JSON and as a page; others stay masked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from civic.audit import queries as audit
from civic.core import clock
from civic.errands import queries as errands
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.identity.models import User
from civic.identity.queries import Rows
from civic.kiosk.queries import cards
from civic.nominations.queries import own as nominations
from civic.outbox import queries as outbox
from civic.points import queries as points
from civic.volunteering.queries import own as volunteering


def everything_of(user: User) -> dict[str, dict[str, Rows]]:
    """{feature: {kind: rows}} of all that the house keeps of the owner of an account, in the city's time."""
    person_id = user.person_id
    found: dict[str, dict[str, Rows]] = {
        "identity": identity.own_data(user),
        "nominations": nominations.own_data(user),
        "honours": honours.own_data(person_id),
        "volunteering": volunteering.own_data(person_id),
        "points": points.own_data(person_id),
        "kiosk": cards.own_data(person_id),
        "errands": errands.own_data(user.id),
        "letters": {"letters": [{"kind": m.kind, "status": m.status, "created_at": m.created_at, "sent_at": m.sent_at} for m in outbox.told(user.id)]},
        "records": {
            "records": [{"at": r.at, "verb": r.verb, "by_me": r.actor_id == user.id} for r in audit.about(user.id, person_id)],
        },
    }  # fmt: skip
    return {feature: {kind: [_plain(row) for row in rows] for kind, rows in kinds.items()} for feature, kinds in found.items()}


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
