"""A person's word on what may be public: given per purpose, withdrawn at will, never erased as a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Invalid
from civic.identity.models import Consent, ConsentMethod, Purpose
from civic.identity.permissions import Actor

# What cannot hold at the same time: to say the one takes back the other.
INSTEAD_OF = {Purpose.CREDIT: Purpose.CREDIT_WAIVED, Purpose.CREDIT_WAIVED: Purpose.CREDIT}
WORDING = "2026-11"  # the version of the text people agree to on the consent page


def running(person_id: int) -> frozenset[Purpose]:
    """The purposes a person allows now."""
    return frozenset(
        db.session.scalars(
            select(Consent.purpose).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        )
    )


def is_taken_back(person_id: int, purpose: Purpose) -> bool:
    """Whether a person once allowed it and no longer does; never asked is not taken back."""
    standing = db.session.scalars(select(Consent.withdrawn_at).where(Consent.person_id == person_id, Consent.purpose == purpose)).all()
    return bool(standing) and None not in standing


def give(
    actor: Actor, person_id: int, purposes: Iterable[Purpose], method: ConsentMethod, *, region_path: str
) -> None:
    """Record consent for these purposes; one that runs already is left as it is."""
    chosen = set(purposes)
    if {Purpose.CREDIT, Purpose.CREDIT_WAIVED} <= chosen:
        raise Invalid("credit_both", _l("信用记录要么同意查，要么免查，只能选一样。"), field="purposes")
    for purpose in sorted(chosen - running(person_id)):
        if purpose in INSTEAD_OF:
            withdraw(actor, person_id, INSTEAD_OF[purpose], region_path=region_path)
        db.session.add(
            Consent(
                person_id=person_id,
                purpose=purpose,
                wording=WORDING,
                method=method,
                given_at=clock.now(),
                recorded_by_id=actor.user_id,
            )
        )
        audit.record(
            actor.user_id, "consent.give", ("person", person_id), region_path=region_path, purpose=purpose.value,
            wording=WORDING, method=method.value,
        )
    db.session.flush()


def history(person_id: int) -> Sequence[Consent]:
    """Everything a person ever said about it, the newest first: purpose, version, time, how, withdrawn when."""
    return db.session.scalars(
        select(Consent).where(Consent.person_id == person_id).options(joinedload(Consent.recorded_by)).order_by(Consent.id.desc())
    ).all()


def withdraw(actor: Actor, person_id: int, purpose: Purpose, *, region_path: str | None) -> bool:
    """End a running consent; whether there was one."""
    consent = db.session.scalars(
        select(Consent).where(
            Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
        )
    ).first()
    if consent is None:
        return False
    consent.withdrawn_at = clock.now()
    consent.withdrawn_by_id = actor.user_id
    audit.record(actor.user_id, "consent.withdraw", ("person", person_id), region_path=region_path, purpose=purpose.value)
    db.session.flush()
    return True
