"""Documents of volunteering: the certificate, the sheet for signing on paper, calendars."""

from __future__ import annotations

from civic.core import clock
from civic.core.pdf import printed, qr
from civic.volunteering.models.attendance import Certificate
from civic.volunteering.models.events import Shift
from civic.volunteering.queries.shifts import Line
from civic.volunteering.rules import tenths


def certificate(found: Certificate, city: str, host: str, base_url: str) -> bytes:
    """志愿服务记录证明, A4: what the platform recorded. Only the recording organisation's stamp makes it a 证明."""
    address = f"{base_url.rstrip('/')}/volunteering/verify/{found.number}"
    return printed(
        "certificate",
        {
            "city": city, "host": host, "number": found.number, "name": found.person.name, "first": _day(found.first), "last": _day(found.last),
            "hours": tenths(found.minutes), "records": found.records, "digest": found.digest, "issued": _day(clock.local(found.issued_at).date()),
            "address": address, "qr": qr(address),
        },
    )  # fmt: skip


def sheet(shift: Shift, lines: list[Line], roles: dict) -> bytes:
    """签到表, A4: one line for each who holds a place, and empty ones for who comes besides. Names only, no phone."""
    local = clock.local(shift.starts_at)
    return printed(
        "attendance",
        {
            "event": f"{shift.event.name} {shift.event.subtitle}".strip(), "post": shift.post.name, "role": str(roles[shift.post.role]),
            "team": shift.event.team.name, "day": _day(local.date()), "hours": f"{local:%H:%M}–{clock.local(shift.ends_at):%H:%M}",
            "names": [line.sign_up.person.name for line in lines if line.turn is None], "empty": 6,
        },
    )  # fmt: skip


def _day(value: object) -> str:
    return f"{value.year}年{value.month}月{value.day}日"  # type: ignore[attr-defined]
