"""The complaint box: receiving and answering."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotFound
from civic.identity.permissions import Actor, Permission, demand
from civic.outbox import actions as outbox
from civic.pages.models import Complaint
from civic.pages.rules import complaint_reference

LONGEST = 2000


def receive_complaint(actor: Actor, words: str, *, about: str, contact: str | None, days: int) -> Complaint:
    """Take in a complaint; the answer is due in `days` working days."""
    if not words.strip():
        raise Invalid("complaint_empty", _l("请写一句您想说的。"), field="words")
    if len(words) > LONGEST:
        raise Invalid("complaint_too_long", _l("写得有点长，请缩到 2000 字以内，或者分两次写。"), field="words")
    complaint = Complaint(
        reference=complaint_reference(),
        about=about[:200],
        words=words.strip(),
        contact=contact or None,
        received_at=clock.now(),
        due_at=calendar.add_working_days(clock.now(), days),
    )
    db.session.add(complaint)
    db.session.flush()
    audit.record(actor.user_id, "complaint.receive", ("complaint", complaint.id))
    return complaint


def answer_complaint(actor: Actor, complaint_id: int, answer: str, *, city_path: str) -> Complaint:
    """Answer once; a second answer is refused and shown the first."""
    demand(actor, Permission.COMPLAINT_ANSWER, city_path)
    complaint = db.session.scalars(locked(select(Complaint).where(Complaint.id == complaint_id))).first()
    if complaint is None:
        raise NotFound("not_found", _l("没有找到这条意见。"))
    if complaint.answered_at is not None:
        raise Conflict("answered_meanwhile", _l("这条意见刚刚有人答复过了，请看看答复的内容。"))
    if not answer.strip():
        raise Invalid("answer_empty", _l("请写答复内容。"), field="answer")
    complaint.answer = answer.strip()
    complaint.answered_at = clock.now()
    complaint.answered_by_id = actor.user_id
    audit.record(actor.user_id, "complaint.answer", ("complaint", complaint.id))
    if complaint.contact:
        outbox.enqueue("complaint_answered", str(complaint.id), ("complaint", complaint.id))
    return complaint
