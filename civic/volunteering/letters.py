"""What to tell volunteers, when, and whether it is still so when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from civic.core import clock
from civic.core.db import db
from civic.identity import queries as identity
from civic.identity.letters import address_of
from civic.identity.models import Person, User
from civic.outbox import actions as outbox
from civic.outbox.delivery import Address, Kind
from civic.outbox.models import Message
from civic.volunteering.models.attendance import Certificate, Hours
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.models.people import Volunteer
from civic.volunteering.models.qualifications import Qualification
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.queries import people, rechecks
from civic.volunteering.rules.signing import NEAR
from civic.volunteering.states import ShiftStatus, SignUpStatus

# Who took a place so shortly before the reminder has just read what it says.
APART = timedelta(hours=2)


def evening_before(starts_at: datetime) -> datetime:
    """18:00 on the day before; for a shift signed up for later than that, at once."""
    day = clock.local(starts_at).date() - timedelta(days=1)
    return max(datetime.combine(day, time(18, 0), tzinfo=clock.zone()).astimezone(starts_at.tzinfo), clock.now())


# Nobody should set out for nothing: these go to a number where there is no account.
TOLD_ANYWAY = ("shift_cancelled", "shift_changed", "shift_restored", "taken_off")


# Several shifts taken on one page are taken one after the other: their letter waits so long for the last of them.
GATHERED = timedelta(seconds=5)


def tell(kind: str, sign_up: SignUp, *, due_at: datetime | None = None, occasion: str = "", group: str | None = None) -> None:
    """A letter about a place, to the volunteer or to whoever signs up for them."""
    hearer = people.hearer_for(sign_up.person_id)
    recipient = ("user", hearer) if hearer is not None else None
    if recipient is None and kind in TOLD_ANYWAY:
        phone_of = people.phone_owner_for(sign_up.person_id)
        recipient = ("person", phone_of) if phone_of is not None else None
    key = f"{sign_up.id}:{sign_up.times}:{occasion}"
    if recipient is not None and not outbox.is_owed(kind, key):
        outbox.enqueue(kind, key, recipient, due_at=due_at, group=group, sign_up=sign_up.id, times=sign_up.times)


def tell_placed(sign_up: SignUp, event_id: int, *, is_one_of_many: bool) -> None:
    """The letters of a place just taken, or of a turn in line just begun; of all that one page takes it is one letter. It is a
    new place (`times`), so none was written before: nothing is looked up while everybody waits for the shift."""
    hearer = people.hearer_for(sign_up.person_id)
    if hearer is None:
        return
    about = {"sign_up": sign_up.id, "times": sign_up.times}
    kind, key = "waiting" if sign_up.status is SignUpStatus.WAITING else "signed_up", f"{sign_up.id}:{sign_up.times}:"
    due_at = clock.now() + GATHERED if is_one_of_many else None
    outbox.enqueue(kind, key, ("user", hearer), due_at=due_at, group=f"placed:{event_id}", **about)
    reminded_at = _reminded_at(sign_up)
    if kind == "signed_up" and reminded_at is not None:
        outbox.enqueue("shift_reminder", key, ("user", hearer), due_at=reminded_at, group=_evening(reminded_at), **about)


def tell_accepted(sign_up: SignUp) -> None:
    """The letters of a place that was offered and is taken now."""
    tell("signed_up", sign_up)
    reminded_at = _reminded_at(sign_up)
    if reminded_at is not None:
        tell("shift_reminder", sign_up, due_at=reminded_at, group=_evening(reminded_at))


def _reminded_at(sign_up: SignUp) -> datetime | None:
    """When to remind; not at all where who took the place has hardly put the telephone down."""
    moment = evening_before(sign_up.starts_at)
    return moment if moment > clock.now() + APART else None


def _evening(moment: datetime) -> str:
    """All the shifts of a day are one reminder."""
    return f"reminders:{moment:%y%m%d}"


def tell_ask(kind: str, ask: HandOver, person_id: int) -> None:
    """A letter about handing a place over, to who is asked or to who asked."""
    hearer = people.hearer_for(person_id)
    if hearer is not None and not outbox.is_owed(kind, str(ask.id)):
        outbox.enqueue(kind, str(ask.id), ("user", hearer), ask=ask.id)


def tell_place_left(shift: Shift, sign_up: SignUp) -> None:
    """To whoever runs the event: a place fell free soon before its shift, and nobody stands in line for it."""
    if clock.now() > shift.starts_at - timedelta(hours=shift.event.withdraw_hours) and shift.event.organiser_id is not None:
        outbox.enqueue("place_left", f"{sign_up.id}:{sign_up.times}", ("user", shift.event.organiser_id), shift=shift.id)


def tell_hours(kind: str, hours: Hours) -> None:
    """A letter about hours."""
    hearer = people.hearer_for(hours.person_id)
    if hearer is not None and not outbox.is_owed(kind, str(hours.id)):
        outbox.enqueue(kind, str(hours.id), ("user", hearer), group=outbox.of_this_deed("hours"), hours=hours.id)


def tell_stars(volunteer: Volunteer) -> None:
    """That somebody reached a star."""
    hearer = people.hearer_for(volunteer.person_id)
    key = f"{volunteer.person_id}:{volunteer.stars}"
    if hearer is not None and not outbox.is_owed("star_reached", key):
        outbox.enqueue("star_reached", key, ("user", hearer), person=volunteer.person_id)


def tell_changed(sign_ups: Sequence[SignUp]) -> None:
    """That shifts are somewhere else, or over earlier: one letter for each person."""
    for row in sign_ups:
        tell("shift_changed", row, occasion=f"{clock.now():%y%m%d%H%M%S}", group=outbox.of_this_deed("changed"))


def tell_called_off(sign_ups: Sequence[SignUp]) -> None:
    """That shifts do not take place: one letter for each person."""
    for row in sign_ups:
        tell("shift_cancelled", row, group=outbox.of_this_deed("called_off"))


def tell_restored(sign_ups: Sequence[SignUp]) -> None:
    """That shifts take place after all, and what became of one's places: one letter for each person."""
    for row in sign_ups:
        tell("shift_restored", row, group=outbox.of_this_deed("restored"))


def tell_recheck(row: SignUp) -> None:
    """To who runs the event, else who leads its team: a rule stands against places of one person. One letter for one person."""
    event = row.shift.event
    recipients = [event.organiser_id] if event.organiser_id is not None else [account for p in rechecks.leaders_of(event.team_id) if (account := people.account_of(p)) is not None]
    for user_id in recipients:
        outbox.enqueue("places_in_question", f"{row.id}:{row.times}:{clock.now():%y%m%d%H%M%S}:{user_id}", ("user", user_id), person=row.person_id, event=event.id)


def _in_question(message: Message) -> list[Recheck]:
    found = rechecks.open_of_person(message.fact("person"))
    return [recheck for recheck in found if recheck.sign_up.shift.event_id == message.fact("event")]


def _of_recheck(message: Message) -> dict[str, object]:
    found = _in_question(message)
    return {"person": found[0].sign_up.person, "event": found[0].sign_up.shift.event, "rechecks": found, "link": f"/volunteering/lists/{found[0].sign_up.shift_id}"}


def _taken_off(message: Message) -> dict[str, object]:
    return _of_sign_up(message) | {"reason": rechecks.last_reason(message.fact("sign_up"))}


def tell_qualification(kind: str, found: Qualification) -> None:
    """That one was given, ends soon, or was taken back."""
    hearer = people.hearer_for(found.person_id)
    if hearer is not None and not outbox.is_owed(kind, str(found.id)):
        outbox.enqueue(kind, str(found.id), ("user", hearer), qualification=found.id)


def _qualification(message: Message) -> Qualification | None:
    return db.session.get(Qualification, message.fact("qualification"))


def _still_good(message: Message) -> bool:
    found = _qualification(message)
    return found is not None and found.revoked_at is None and (found.until is None or found.until >= clock.today())


def _of_qualification(message: Message) -> dict[str, object]:
    found = _qualification(message)
    assert found is not None
    return {"whom": _whom(message, found.person), "qualification": found, "link": "/volunteering/mine"}


def tell_revoked(certificate: Certificate) -> None:
    """That a certificate holds no longer, and why, to whom it was given."""
    hearer = people.hearer_for(certificate.person_id)
    if hearer is not None:
        outbox.enqueue("certificate_revoked", str(certificate.id), ("user", hearer), certificate=certificate.id)


def _of_certificate(message: Message) -> dict[str, object]:
    found = db.session.get_one(Certificate, message.fact("certificate"))
    whom = _whom(message, found.person)
    return {"whom": whom, "certificate": found, "link": _hours_page(whom, found.person_id)}


def tell_household(volunteer: Volunteer) -> None:
    """That a table wrote somebody down under one's number; to the account, else to the number itself."""
    assert volunteer.guardian_id is not None
    hearer = people.account_of(volunteer.guardian_id)
    recipient = ("user", hearer) if hearer is not None else ("person", volunteer.guardian_id)
    outbox.enqueue("household_joined", f"{volunteer.person_id}", recipient, person=volunteer.person_id)


def _joined(message: Message) -> Volunteer | None:
    return db.session.get(Volunteer, message.fact("person"))


def _to_answer(message: Message) -> bool:
    found = _joined(message)
    return found is not None and found.guardian_id is not None and found.guardian_consented_at is None


def _at_phone(message: Message) -> Address | None:
    """Where an owner without an account hears: on the number that was given."""
    if message.recipient_kind == "user":
        return address_of(message)
    owner = db.session.get(Person, message.recipient_id)
    return Address("sms", owner.phone, owner.name) if owner is not None and owner.phone else None


def _of_household(message: Message) -> dict[str, object]:
    # Who has no account has no page to say it on.
    return {"volunteer": _joined(message), "link": "/volunteering/family" if message.recipient_kind == "user" else None}


def _sign_up(message: Message) -> SignUp | None:
    return db.session.get(SignUp, message.fact("sign_up"))


def _while(*statuses: SignUpStatus) -> Callable[[Message], bool]:
    def ask(message: Message) -> bool:
        found = _sign_up(message)
        return found is not None and found.status in statuses and found.times == message.fact("times")

    return ask


def _before_it(message: Message) -> bool:
    """Whoever cancelled gets no reminder, nor who wants none, nor anybody after the start: asked when it is sent."""
    found = _sign_up(message)
    return (
        identity.letter_choice_of(message.recipient_id).wants_reminders
        and found is not None
        and found.status is SignUpStatus.CONFIRMED
        and found.times == message.fact("times")
        and clock.now() < found.starts_at
    )


def _stands_again(message: Message) -> bool:
    found = _sign_up(message)
    return found is not None and found.times == message.fact("times") and found.shift.status is ShiftStatus.OPEN and clock.now() < found.starts_at


def _whom(message: Message, person: Person) -> str | None:
    """Who of the family a letter is about; none where it is the hearer's own."""
    hearer = db.session.get(User, message.recipient_id) if message.recipient_kind == "user" else None
    heard_by = hearer.person_id if hearer is not None else message.recipient_id
    return person.name if heard_by != person.id else None


def _of_sign_up(message: Message) -> dict[str, object]:
    found = _sign_up(message)
    assert found is not None
    # Who has no account has no page of their own.
    link = "/volunteering/mine" if message.recipient_kind == "user" else f"/volunteering/events/{found.shift.event_id}"
    return {"whom": _whom(message, found.person), "sign_up": found, "shift": found.shift, "event": found.shift.event, "post": found.shift.post, "link": link}


def _ask(message: Message) -> HandOver | None:
    return db.session.get(HandOver, message.fact("ask"))


def _ask_is(*statuses: AskStatus) -> Callable[[Message], bool]:
    return lambda message: (found := _ask(message)) is not None and found.status in statuses


def _still_on(message: Message) -> bool:
    """That nobody took it is worth telling while the place is still the giver's."""
    found = _ask(message)
    return found is not None and found.sign_up.status is SignUpStatus.CONFIRMED and clock.now() < found.shift.starts_at


def _of_ask(message: Message) -> dict[str, object]:
    found = _ask(message)
    assert found is not None
    person = found.to_person if message.kind == "take_over_asked" else found.sign_up.person
    return {"whom": _whom(message, person), "ask": found, "shift": found.shift, "event": found.shift.event, "post": found.shift.post, "link": "/volunteering/mine"}


def _shift(message: Message) -> Shift:
    return db.session.get_one(Shift, message.fact("shift"))


def _before_it_begins(message: Message) -> bool:
    return clock.now() < _shift(message).starts_at


def _of_shift(message: Message) -> dict[str, object]:
    shift = _shift(message)
    return {"shift": shift, "event": shift.event, "post": shift.post, "link": f"/volunteering/desk/events/{shift.event_id}"}


def _hours(message: Message) -> Hours | None:
    return db.session.get(Hours, message.fact("hours"))


def _of_hours(message: Message) -> dict[str, object]:
    found = _hours(message)
    assert found is not None
    whom = _whom(message, found.person)
    return {"whom": whom, "hours": found, "shift": found.shift, "event": found.shift.event, "link": _hours_page(whom, found.person_id)}


def _hours_page(whom: str | None, person_id: int) -> str:
    return f"/volunteering/hours?of={person_id}" if whom else "/volunteering/hours"


def _of_person(message: Message) -> dict[str, object]:
    volunteer = db.session.get_one(Volunteer, message.fact("person"))
    whom = _whom(message, volunteer.person)
    return {"whom": whom, "volunteer": volunteer, "link": _hours_page(whom, volunteer.person_id)}


def _at_once(_message: Message) -> datetime:
    """Nobody should set out for nothing."""
    return clock.now()


def _of_use_until(starts_at: datetime) -> datetime:
    """Rather in somebody's quiet hours than after the shift began; and at once where an answer has to come before it soon does."""
    return clock.now() if starts_at - clock.now() < NEAR else starts_at


def _before_the_shift(message: Message) -> datetime | None:
    found = _sign_up(message)
    return found.starts_at if found is not None else None


def _while_to_answer(message: Message) -> datetime | None:
    found = _sign_up(message)
    return _of_use_until(found.starts_at) if found is not None else None


def _while_to_take(message: Message) -> datetime | None:
    found = _ask(message)
    return _of_use_until(found.shift.starts_at) if found is not None else None


def _kind(
    still_due: Callable[[Message], bool], context: Callable[[Message], dict[str, object]] = _of_sign_up,
    latest: Callable[[Message], datetime | None] = lambda _message: None,
) -> Kind:  # fmt: skip
    return Kind(still_due=still_due, address=_at_phone, context=context, latest=latest)


KINDS = {
    "certificate_revoked": _kind(lambda m: True, _of_certificate),
    "signed_up": _kind(_while(SignUpStatus.CONFIRMED), latest=_before_the_shift),
    "waiting": _kind(_while(SignUpStatus.WAITING), latest=_before_the_shift),
    "place_offered": _kind(_while(SignUpStatus.OFFERED), latest=_while_to_answer),
    "arranged": _kind(_while(SignUpStatus.OFFERED), latest=_before_the_shift),
    "offer_lapsed": _kind(_while(SignUpStatus.LAPSED)),
    "shift_reminder": _kind(_before_it, latest=_before_the_shift),
    "shift_changed": _kind(_while(SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITING), latest=_before_the_shift),
    "shift_cancelled": _kind(_while(SignUpStatus.CANCELLED), latest=_at_once),
    "shift_restored": _kind(_stands_again, latest=_before_the_shift),
    "taken_off": _kind(_while(SignUpStatus.WITHDRAWN), _taken_off, _before_the_shift),
    "shift_missed": _kind(_while(SignUpStatus.MISSED)),
    "place_left": _kind(_before_it_begins, _of_shift, lambda m: _of_use_until(_shift(m).starts_at)),
    "take_over_asked": _kind(_ask_is(AskStatus.ASKED), _of_ask, _while_to_take),
    "handed_over": _kind(_ask_is(AskStatus.TAKEN), _of_ask),
    "hand_over_ended": _kind(_still_on, _of_ask, _while_to_take),
    "hours_drafted": _kind(lambda m: (h := _hours(m)) is not None and h.final_at is None, _of_hours),
    "hours_settled": _kind(lambda m: _hours(m) is not None, _of_hours),
    "briefing_changed": _kind(_while(SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITING), latest=_before_the_shift),
    "places_in_question": _kind(lambda m: bool(_in_question(m)), _of_recheck),
    "qualification_given": _kind(_still_good, _of_qualification),
    "qualification_ending": _kind(_still_good, _of_qualification),
    "qualification_revoked": _kind(lambda m: (q := _qualification(m)) is not None and q.revoked_at is not None, _of_qualification),
    "household_joined": Kind(still_due=_to_answer, address=_at_phone, context=_of_household),
    "hours_reversed": _kind(lambda m: _hours(m) is not None, _of_hours),
    "star_reached": _kind(lambda m: True, _of_person),
}
