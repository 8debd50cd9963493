"""Proving a phone or mailbox by a code. Codes live ten minutes, as digests; five wrong tries use one up.

A wrong try must count although it is refused, so the deed has two halves: `count_try` in a transaction of its own, which
the view always commits, then `prove` in the deed's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.core import clock, crypto, limits, text, typed
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.identity.models import ContactProof
from civic.identity.rules import Contact, contact_digest
from civic.outbox import actions as outbox
from civic.outbox import delivery

LIVES = timedelta(minutes=10)
PROOF_LIVES = timedelta(minutes=15)
AGAIN_AFTER = timedelta(seconds=60)
TRIES = 5
A_DAY = 10


def may_send(contact: Contact) -> None:
    """Refuse phone codes where the deployment has no sender; offer the mailbox."""
    if contact.kind == "phone" and not delivery.can_text():
        raise NotNow("no_code_sender", _l("这里暂时发不了短信验证码，请改用邮箱，或者打热线请我们代填。"), field="contact")


def send(contact: Contact, purpose: str, *, asker: str) -> int:
    """Send a new code; the number of its proof. `asker` is the network address, limited besides the contact.

    Codes that were typed rightly are given back to both limits: a class of forty behind one address is let through,
    whoever has letters sent to strangers is not.
    """
    may_send(contact)
    mark = contact_digest(contact)
    limits.spend("code.contact", mark, allowed=A_DAY, per=timedelta(days=1))
    limits.spend_at("code.asker", asker, allowed=60, per=timedelta(hours=1))
    now = clock.now()
    last = _newest(mark, purpose)
    if last is not None and now - last.sent_at < AGAIN_AFTER:
        wait = int((AGAIN_AFTER - (now - last.sent_at)).total_seconds()) + 1
        raise NotNow("code_too_soon", _l("刚发过一次，%(seconds)s 秒后可以再发。", seconds=wait), wait=wait)
    code = crypto.one_time_code()
    proof = ContactProof(
        contact_digest=mark,
        contact=f"{contact.kind}:{contact.value}",
        purpose=purpose,
        code_digest=_code_digest(mark, purpose, code),
        sent_at=now,
        expires_at=now + LIVES,
    )
    db.session.add(proof)
    db.session.flush()
    if contact.kind == "phone":
        delivery.show("sms", text.masked_phone(contact.value), "验证码", f"您的验证码是 {code}，10 分钟内有效。别告诉别人。")
    else:
        outbox.enqueue(
            "code", str(proof.id), ("contact", proof.id),
            address=crypto.encrypt("outbox.code.address", contact.value), code=crypto.encrypt("outbox.code", code),
        )  # fmt: skip
    return proof.id


def _newest(mark: str, purpose: str) -> ContactProof | None:
    return db.session.scalars(
        select(ContactProof)
        .where(ContactProof.contact_digest == mark, ContactProof.purpose == purpose)
        .order_by(ContactProof.id.desc())
        .limit(1)
    ).first()


def _code_digest(mark: str, purpose: str, code: str) -> str:
    return crypto.digest("contact_proof", f"{mark}:{purpose}:{code}")


def count_try(contact: Contact, purpose: str) -> None:
    """Count a try against the newest code, before it is looked at."""
    proof = _newest(contact_digest(contact), purpose)
    if proof is not None:
        proof.tries += 1


def prove(contact: Contact, purpose: str, code: str, *, asker: str) -> int:
    """Use the code up, or say what is wrong with it; the number of its proof. What it is for is done with it at once, or
    later through `spend`."""
    mark = contact_digest(contact)
    newest = _newest(mark, purpose)
    proof = db.session.scalars(locked(select(ContactProof).where(ContactProof.id == newest.id))).first() if newest else None
    if proof is None or proof.used_at is not None:
        raise Invalid("code_missing", _l("请先点“发验证码”。"), field="code")
    if proof.expires_at < clock.now():
        raise Invalid("code_expired", _l("这个验证码过了 10 分钟，请再发一次。"), field="code")
    if proof.tries > TRIES:
        raise Invalid("code_used_up", _l("错了好几次，这个验证码不能用了，请再发一次。"), field="code")
    if not crypto.matches(proof.code_digest, _code_digest(mark, purpose, typed.code(code).replace("-", ""))):
        raise Invalid("code_wrong", _l("验证码不对，请对着短信或邮件再看一眼。"), field="code")
    proof.used_at = clock.now()
    limits.give_back("code.contact", mark)
    limits.give_back("code.asker", asker)
    return proof.id


def contact_of(proof_id: int) -> tuple[Contact, str] | None:
    """(contact, purpose) of a code that was sent, while it can still be typed or its proof spent."""
    proof = db.session.get(ContactProof, proof_id)
    if proof is None or proof.contact is None or proof.spent_at is not None or proof.sent_at < clock.now() - LIVES - PROOF_LIVES:
        return None
    kind, _, value = proof.contact.partition(":")
    return Contact("email" if kind == "email" else "phone", value), proof.purpose


def is_proven(proof_id: int, purposes: Collection[str]) -> bool:
    """Whether the right code was typed for one of these purposes and nothing was done with it yet."""
    proof = db.session.get(ContactProof, proof_id)
    return (
        proof is not None and proof.purpose in purposes and proof.used_at is not None and proof.spent_at is None
        and proof.used_at > clock.now() - PROOF_LIVES
    )  # fmt: skip


def spend(proof_id: int, purposes: Collection[str]) -> None:
    """Do with a proof what it was given for: once, and within a quarter of an hour."""
    proof = db.session.scalars(locked(select(ContactProof).where(ContactProof.id == proof_id))).first()
    if proof is None or not is_proven(proof_id, purposes):
        raise NotNow("proof_spent", _l("这次验证已经用过了，或者隔得太久。请重新发一次验证码。"))
    proof.spent_at = clock.now()
