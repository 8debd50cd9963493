"""A person's word on what may be public: given per purpose, withdrawn at will, never erased as a row."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.identity.models import Consent, ConsentMethod, Purpose
from civic.identity.permissions import Actor

WORDING = "2026-11"  # the version of the text people agree to on the consent page


def running(person_id: int) -> frozenset[Purpose]:
    """The purposes a person allows now."""
    return frozenset(
        db.session.scalars(
            select(Consent.purpose).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        )
    )


def give(
    actor: Actor, person_id: int, purposes: Iterable[Purpose], method: ConsentMethod, *, region_path: str
) -> None:
    """Record consent for these purposes; one that runs already is left as it is."""
    for purpose in sorted(set(purposes) - running(person_id)):
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
