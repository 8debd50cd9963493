"""志愿服务记录证明: issued from final hours, checked by anybody with its number, revoked with a reason."""

from __future__ import annotations

import secrets
from datetime import date
from hashlib import sha256

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, concerned, demand, out_of_reach
from civic.regions import queries as regions
from civic.volunteering import letters
from civic.volunteering.actions.signing import person_held
from civic.volunteering.models.attendance import Certificate, CertificateStatus, Hours
from civic.volunteering.queries import hours as questions

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def issue(actor: Actor, *, first: date, last: date, person_id: int | None = None) -> Certificate:
    """A certificate of the final hours of a period, one's own or those of one's family. The number cannot be guessed; the
    same hours give the same certificate again."""
    whose = actor.person_id if person_id is None else person_id
    if whose is None or not identity.speaks_for(actor.person_id, whose):
        raise out_of_reach()
    if last < first:
        raise Invalid("period_order", _l("止期早于起期，请再看一眼。"), field="last")
    # Clicked twice it is one certificate: the second waits here and finds it.
    person_held(whose)
    rows = questions.final_between(whose, first, last)
    minutes = sum(row.minutes for row in rows)
    if minutes <= 0:
        raise NotNow("nothing_to_certify", _l("这段时间还没有入账的时长。入账以后再来开。"))
    mark = digest_of(rows)
    known = db.session.scalars(
        select(Certificate).where(
            Certificate.person_id == whose, Certificate.first == first, Certificate.last == last, Certificate.digest == mark,
            Certificate.status == CertificateStatus.VALID,
        )
    ).first()  # fmt: skip
    if known is not None:
        return known
    certificate = Certificate(
        number=_new_number(), person_id=whose, first=first, last=last, minutes=minutes, records=len(rows), digest=mark,
        issued_at=clock.now(),
    )  # fmt: skip
    db.session.add(certificate)
    db.session.flush()
    audit.record(actor.user_id, "certificate.issue", ("certificate", certificate.id), minutes=minutes)
    return certificate


def digest_of(rows: object) -> str:
    """The digest of exactly these hours: id, day and minutes of each."""
    lines = (f"{row.id}:{row.day.isoformat()}:{row.minutes}:{row.kind.value}" for row in rows if isinstance(row, Hours))  # type: ignore[attr-defined]
    return sha256("\n".join(lines).encode()).hexdigest()


def _new_number() -> str:
    word = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{clock.today():%Y}-{word[:5]}-{word[5:]}"


def revoke(actor: Actor, number: str, *, reason: str) -> Certificate:
    """Say that a certificate holds no longer; its page says so at once."""
    found = db.session.scalars(locked(select(Certificate).where(Certificate.number == number))).first()
    root = regions.root()
    if found is None or root is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, root.path, concerned(found.person_id))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    if found.status is CertificateStatus.REVOKED:
        raise NotNow("revoked_already", _l("这份证明已经撤销了。"))
    found.status, found.revoked_for = CertificateStatus.REVOKED, reason.strip()[:200]
    letters.tell_revoked(found)
    audit.record(actor.user_id, "certificate.revoke", ("certificate", found.id))
    return found
