"""Letters of the accounts: codes for mailboxes, and the news of an appointment."""

from __future__ import annotations

from datetime import datetime, time

from civic.core import clock, crypto, text
from civic.core.db import db
from civic.identity import queries
from civic.identity.models import BirthCorrection, ContactProof, Deputy, Grant, Kinship, LetterWay, NameCorrection, Person, User
from civic.outbox.delivery import Address, Kind, can_text
from civic.outbox.models import Message


def _code_due(message: Message) -> bool:
    proof = db.session.get(ContactProof, message.recipient_id)
    return proof is not None and proof.used_at is None and proof.expires_at > clock.now()


def _code_latest(message: Message) -> datetime | None:
    """Somebody sits in front of the page and waits for it."""
    proof = db.session.get(ContactProof, message.recipient_id)
    return proof.expires_at if proof is not None else None


def quiet_hours_of(user_id: int) -> tuple[time, time]:
    """Between which hours an account does not want to be written to; both alike: never quiet."""
    choice = queries.letter_choice_of(user_id)
    return time(choice.quiet_from), time(choice.quiet_until)


def _code_address(message: Message) -> Address | None:
    return Address("email", crypto.decrypt("outbox.code.address", str(message.fact("address"))), "")


def _code_context(message: Message) -> dict[str, object]:
    return {"code": crypto.decrypt("outbox.code", str(message.fact("code")))}


def _grant(message: Message) -> Grant | None:
    return db.session.get(Grant, message.fact("grant"))


def _appointed_due(message: Message) -> bool:
    grant = _grant(message)
    return grant is not None and grant.ended_at is None


def _ended_due(message: Message) -> bool:
    grant = _grant(message)
    return grant is not None and grant.ended_at is not None


def address_of(message: Message) -> Address | None:
    """Where the account a letter is for hears: the way it chose, where it has that; else its mailbox, else its phone. None for a closed one."""
    user = db.session.get(User, message.recipient_id)
    if user is None or user.closed_at is not None:
        return None
    if user.phone and can_text() and queries.letter_choice_of(user.id).way is LetterWay.SMS:
        return Address("sms", user.phone, user.person.name)
    if user.email:
        return Address("email", user.email, user.person.name)
    return Address("sms", user.phone, user.person.name) if user.phone else None


def _deputy(message: Message) -> Deputy | None:
    return db.session.get(Deputy, message.fact("deputy"))


def _deputy_due(message: Message) -> bool:
    row = _deputy(message)
    return row is not None and row.ended_at is None


def _correction_due(message: Message) -> bool:
    return db.session.get(NameCorrection, message.fact("correction")) is not None


def _kinship(message: Message) -> Kinship | None:
    return db.session.get(Kinship, message.fact("kinship"))


def _kin_asked(message: Message) -> bool:
    row = _kinship(message)
    return row is not None and row.ended_at is None and row.confirmed_at is None


def _kin_running(message: Message) -> bool:
    row = _kinship(message)
    return row is not None and row.ended_at is None


def _of_kin(message: Message) -> dict[str, object]:
    """The other by a masked name: a letter may be read over a shoulder, and who was named need not know who names them so."""
    row = _kinship(message)
    assert row is not None
    other = db.session.get(Person, message.fact("other") or row.person_id)
    assert other is not None
    # Who named somebody by a number learns a name only from that one's yes.
    may_read = row.confirmed_at is not None or other.id == row.person_id
    return {"name": text.masked_name(other.name) if may_read else None, "link": "/identity/kin"}


def _told_address(message: Message) -> Address:
    """Where the account was reached before the change, whatever it is now."""
    way = str(message.fact("way"))
    name = crypto.decrypt("outbox.told.name", str(message.fact("name")))
    return Address("sms" if way == "sms" else "email", crypto.decrypt("outbox.told.address", str(message.fact("address"))), name)


def _told_context(message: Message) -> dict[str, object]:
    return {"at": message.created_at}


# An owner has to hear of these whatever became of the account since.
TOLD = Kind(still_due=lambda _message: True, address=_told_address, context=_told_context)



def _birthday(message: Message) -> BirthCorrection | None:
    return db.session.get(BirthCorrection, message.fact("correction"))


def _of_birthday(message: Message) -> dict[str, object]:
    row = _birthday(message)
    assert row is not None
    hearer = db.session.get_one(User, message.recipient_id)
    return {"whom": row.person.name if hearer.person_id != row.person_id else None, "correction": row, "link": "/identity/birthday"}


KINDS = {
    "birthday_corrected": Kind(still_due=lambda m: _birthday(m) is not None, address=address_of, context=_of_birthday),
    "kin_named": Kind(still_due=_kin_asked, address=address_of, context=_of_kin),
    "kin_confirmed": Kind(still_due=_kin_running, address=address_of, context=_of_kin),
    "kin_ended": Kind(still_due=lambda m: _kinship(m) is not None, address=address_of, context=_of_kin),
    "password_changed": TOLD,
    "contact_changed": TOLD,
    "account_closed": TOLD,
    "name_corrected": Kind(still_due=_correction_due, address=address_of, context=lambda m: {"correction": m.fact("correction")}),
    "deputy_named": Kind(still_due=_deputy_due, address=address_of, context=lambda m: {"deputy": _deputy(m)}),
    "code": Kind(still_due=_code_due, address=_code_address, context=_code_context, latest=_code_latest),
    "role_ended": Kind(still_due=_ended_due, address=address_of, context=lambda m: {"grant": _grant(m)}),
    "appointed": Kind(still_due=_appointed_due, address=address_of, context=lambda m: {"grant": _grant(m)}),
}
