"""What to tell whom after a step, whether it is still due when it is sent, and to which address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from civic.core.db import db
from civic.identity.letters import address_of
from civic.identity.models import User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.guardians import Guardian
from civic.nominations.models.inquiries import OpinionRequest
from civic.nominations.models.juries import Juror, JurorStatus, Jury, JuryStatus
from civic.nominations.models.notices import Objection
from civic.nominations.models.rounds import RoundStatus
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, juries
from civic.nominations.rules import links
from civic.nominations.states import Status
from civic.outbox import actions as outbox
from civic.outbox.delivery import Address, Kind
from civic.outbox.models import Message


def tell_voice(kind: str, voice: Voice) -> None:
    """A letter to one nominator, once; somebody without telephone has a slip in hand instead."""
    if not voice.is_reachable:
        return
    outbox.enqueue(kind, str(voice.id), ("voice", voice.id), nomination=voice.nomination_id)


def _reachable(nomination_id: int) -> list[Voice]:
    return [voice for voice in cases.voices_of(nomination_id) if voice.is_reachable]


def tell_guardian(nomination_id: int) -> None:
    """What the guardian of a child agreed to, with the link by which they can take it back."""
    outbox.enqueue("guardian_agreed", str(nomination_id), ("guardian", nomination_id), nomination=nomination_id)


# A case that climbs three levels in an hour is one piece of news.
CLIMBS = ("endorsed", "elected", "ready", "declined")


def tell_all(kind: str, nomination: Nomination, decision: Decision, *, due_at: datetime | None = None) -> None:
    """A letter about one step to every nominator of the case; not before `due_at`, while the step may be undone."""
    group = f"climb:{nomination.id}" if kind in CLIMBS else None
    for voice in _reachable(nomination.id):
        outbox.enqueue(
            kind,
            f"{nomination.id}:{decision.number}:{voice.id}",
            ("voice", voice.id),
            due_at=due_at,
            group=group,
            nomination=nomination.id,
            number=decision.number,
        )


def tell_merged(kind: str, ended: Nomination, voice: Voice) -> None:
    """That two cases go on as one: to a nominator, in whose case `ended` is now."""
    if voice.is_reachable:
        outbox.enqueue(kind, f"{ended.id}:{voice.id}", ("voice", voice.id), nomination=voice.nomination_id, ended=ended.id)


def tell_staff(kind: str, nomination: Nomination, user_id: int) -> None:
    """A letter to somebody at a desk, once for each deadline of the case: a case can be late more than once at a level."""
    key = f"{nomination.id}:{nomination.level}:{nomination.due_at:%Y%m%d%H%M}:{user_id}"
    if not outbox.is_owed(kind, key):
        outbox.enqueue(kind, key, ("user", user_id), nomination=nomination.id)


def tell_round(kind: str, nomination: Nomination, round_id: int) -> None:
    """A letter about a round to every nominator of the case, once for each round."""
    for voice in _reachable(nomination.id):
        outbox.enqueue(kind, f"{nomination.id}:{round_id}:{voice.id}", ("voice", voice.id), nomination=nomination.id)


def tell_objector(kind: str, objection_id: int) -> None:
    """A letter to one who objected and left a contact."""
    outbox.enqueue(kind, str(objection_id), ("objection", objection_id), objection=objection_id)


def tell_handler(objection_id: int, user_id: int) -> None:
    """A letter to those who may look into an objection."""
    outbox.enqueue("objection_waits", f"{objection_id}:{user_id}", ("user", user_id), objection=objection_id)


def tell_juror(kind: str, juror_id: int, user_id: int) -> None:
    """That somebody was drawn for a jury, and the reminder: to their account."""
    outbox.enqueue(kind, str(juror_id), ("user", user_id), juror=juror_id)


def tell_jury_short(jury_id: int, user_id: int) -> None:
    """That the list a jury is drawn from is used up: to whoever drew it, once."""
    if not outbox.is_owed("jury_short", str(jury_id)):
        outbox.enqueue("jury_short", str(jury_id), ("user", user_id), jury=jury_id)


def tell_second_look(kind: str, look_id: int, recipient: tuple[str, int], **facts: object) -> None:
    """That somebody asked to look again, to those who may; and what they said, to whoever asked."""
    outbox.enqueue(kind, f"{look_id}:{recipient[0]}:{recipient[1]}", recipient, look=look_id, **facts)


def tell_department(kind: str, request_id: int) -> None:
    """A question, or its reminder, to a department."""
    outbox.enqueue(kind, str(request_id), ("opinion", request_id), opinion=request_id)


def tell_asker(request_id: int, user_id: int) -> None:
    """That a department let its time pass: to whoever asked."""
    outbox.enqueue("opinion_overdue", f"{request_id}:{user_id}", ("user", user_id), opinion=request_id)


def _nomination(message: Message) -> Nomination | None:
    return db.session.get(Nomination, message.fact("nomination"))


def _decision(message: Message) -> Decision | None:
    return db.session.query(Decision).filter_by(
        nomination_id=message.fact("nomination"), number=message.fact("number")
    ).first()


def _always(message: Message) -> bool:
    return _nomination(message) is not None


def _while_it_stands(message: Message) -> bool:
    """The step was not taken back."""
    decision = _decision(message)
    return decision is not None and decision.undone_at is None


def _while_returned(message: Message) -> bool:
    nomination = _nomination(message)
    return nomination is not None and nomination.status is Status.RETURNED and _while_it_stands(message)


def _while_overdue(message: Message) -> bool:
    nomination = _nomination(message)
    return nomination is not None and nomination.raised_path is not None


def _address_of_voice(message: Message) -> Address | None:
    voice = db.session.get(Voice, message.recipient_id)
    if voice is None:
        return None
    if voice.email:
        return Address("email", voice.email, voice.name)
    user = db.session.get(User, voice.user_id) if voice.user_id is not None else None
    if user is not None and user.email:
        return Address("email", user.email, voice.name)
    return Address("sms", voice.phone, voice.name) if voice.phone else None


def _account_of_voice(message: Message) -> int | None:
    voice = db.session.get(Voice, message.recipient_id)
    return voice.user_id if voice is not None else None


def _context(message: Message) -> dict[str, object]:
    nomination = _nomination(message)
    assert nomination is not None
    found: dict[str, object] = {"nomination": nomination, "decision": None, "rule": nomination.rule}
    if message.fact("number") is not None:
        found["decision"] = _decision(message)
    if message.fact("ended") is not None:
        found["ended"] = db.session.get(Nomination, message.fact("ended"))
    if message.recipient_kind == "voice":
        voice = db.session.get(Voice, message.recipient_id)
        found["voice"] = voice
        found["is_first"] = voice is not None and cases.is_first_voice(voice)
        found["link"] = f"/track/t/{links.tracking_token(message.recipient_id)}"
    return found


def _kind(still_due: Callable[[Message], bool], *, staff: bool = False) -> Kind:
    if staff:
        return Kind(still_due=still_due, address=address_of, context=_context)
    return Kind(still_due=still_due, address=_address_of_voice, context=_context, hearer=_account_of_voice)


def _objection(message: Message) -> Objection | None:
    return db.session.get(Objection, message.fact("objection"))


def _while_objection_open(message: Message) -> bool:
    found = _objection(message)
    return found is not None and found.closed_at is None


def _address_of_objector(message: Message) -> Address | None:
    found = _objection(message)
    if found is None or not found.contact:
        return None
    kind = "email" if "@" in found.contact else "sms"
    return Address(kind, found.contact, found.name or "")


def _objection_context(message: Message) -> dict[str, object]:
    found = _objection(message)
    assert found is not None
    return {"objection": found, "link": f"/nominations/objection/{links.objection_token(found.id)}"}


def _guardian(message: Message) -> Guardian | None:
    return db.session.get(Guardian, message.recipient_id)


def _while_agreed(message: Message) -> bool:
    found = _guardian(message)
    return found is not None and found.withdrawn_at is None


def _address_of_guardian(message: Message) -> Address | None:
    found = _guardian(message)
    if found is None:
        return None
    return Address("email" if "@" in found.contact else "sms", found.contact, found.name)


def _guardian_context(message: Message) -> dict[str, object]:
    found = _guardian(message)
    assert found is not None
    return {"guardian": found, "nomination": found.nomination, "link": f"/nominations/guardian/{links.guardian_token(found.nomination_id)}"}


def _while_hanging(message: Message) -> bool:
    nomination = _nomination(message)
    return nomination is not None and nomination.status in (Status.NOTICED, Status.HELD)


def _juror(message: Message) -> Juror | None:
    return db.session.get(Juror, message.fact("juror"))


def _while_asked(message: Message) -> bool:
    found = _juror(message)
    return found is not None and found.status is JurorStatus.ASKED and _is_sitting(found.jury)


def _while_off(message: Message) -> bool:
    found = db.session.get(Juror, message.fact("juror"))
    return found is not None and found.jury.off_reason is not None


def _is_sitting(jury: Jury | None) -> bool:
    return jury is not None and jury.status is JuryStatus.OPEN and jury.round.status is RoundStatus.OPEN


def _jury(message: Message) -> Jury | None:
    return db.session.get(Jury, message.fact("jury"))


def _while_short(message: Message) -> bool:
    found = _jury(message)
    return found is not None and _is_sitting(found) and juries.seats_taken(found.id) < found.size


def _short_context(message: Message) -> dict[str, object]:
    found = _jury(message)
    assert found is not None
    return {"jury": found, "round": found.round, "taken": juries.seats_taken(found.id)}


def _juror_context(message: Message) -> dict[str, object]:
    found = _juror(message)
    assert found is not None
    return {"juror": found, "round": found.jury.round, "link": f"/nominations/jury/{found.jury_id}"}


def _look(message: Message) -> SecondLook | None:
    return db.session.get(SecondLook, message.fact("look"))


def _while_look_open(message: Message) -> bool:
    found = _look(message)
    return found is not None and found.answered_at is None


def _look_context(message: Message) -> dict[str, object]:
    found = _look(message)
    assert found is not None
    context = _objection_context(message) if message.fact("objection") is not None else {}
    return {**context, "look": found, "nomination": found.nomination}


def _opinion(message: Message) -> OpinionRequest | None:
    return db.session.get(OpinionRequest, message.fact("opinion"))


def _while_unanswered(message: Message) -> bool:
    found = _opinion(message)
    return found is not None and found.outcome is None


def _address_of_department(message: Message) -> Address | None:
    found = _opinion(message)
    return Address("email", found.email, "") if found is not None else None


def _opinion_context(message: Message) -> dict[str, object]:
    found = _opinion(message)
    assert found is not None
    return {"opinion": found, "nomination": found.nomination, "link": f"/nominations/opinion/{links.opinion_token(found.id)}"}


KINDS = {
    "received": _kind(_always),
    "joined": _kind(_always),
    "returned": _kind(_while_returned),
    "resumed": _kind(_always),
    "endorsed": _kind(_while_it_stands),
    "elected": _kind(_while_it_stands),
    "declined": _kind(_while_it_stands),
    "withdrawn": _kind(_always),
    "ready": _kind(_while_it_stands),
    "noticed": _kind(_while_hanging),
    "carried": _kind(_always),
    "recalled": _kind(_always),
    "merged": _kind(_always),
    "guardian_agreed": Kind(still_due=_while_agreed, address=_address_of_guardian, context=_guardian_context),
    "others_joined": _kind(_always),
    "objection_received": Kind(
        still_due=lambda m: _objection(m) is not None, address=_address_of_objector, context=_objection_context
    ),
    "objection_answered": Kind(
        still_due=lambda m: _objection(m) is not None, address=_address_of_objector, context=_objection_context
    ),
    "objection_waits": Kind(still_due=_while_objection_open, address=address_of, context=_objection_context),
    "opinion_asked": Kind(still_due=_while_unanswered, address=_address_of_department, context=_opinion_context),
    "opinion_reminder": Kind(still_due=_while_unanswered, address=_address_of_department, context=_opinion_context),
    "opinion_overdue": Kind(still_due=_while_unanswered, address=address_of, context=_opinion_context),
    "second_look_waits": Kind(still_due=_while_look_open, address=address_of, context=_look_context),
    "second_look_reminder": Kind(still_due=_while_look_open, address=address_of, context=_look_context),
    "second_look_overdue": Kind(still_due=_while_look_open, address=address_of, context=_look_context),
    "second_look_answered": Kind(
        still_due=_always, address=_address_of_voice, context=lambda m: {**_context(m), "look": _look(m)}, hearer=_account_of_voice
    ),
    "objection_looked_again": Kind(still_due=lambda m: _look(m) is not None, address=_address_of_objector, context=_look_context),
    "jury_asked": Kind(still_due=_while_asked, address=address_of, context=_juror_context),
    "jury_reminder": Kind(still_due=_while_asked, address=address_of, context=_juror_context),
    "jury_off": Kind(still_due=_while_off, address=address_of, context=_juror_context),
    "jury_short": Kind(still_due=_while_short, address=address_of, context=_short_context),
    "raised": _kind(_while_overdue, staff=True),
}
