"""Golden texts: every kind of letter, and every letter that tells several things, as people read it.

Each is rendered from rows of the database by the very functions that send it, and compared with `tests/outbox/letters/`. A kind
without a golden text fails. To write them anew after wording was changed: `CIVIC_TEST_LETTERS=write pytest tests/outbox/test_letters.py`,
and read the difference.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer, select

from civic.core import clock, crypto
from civic.core.db import Model, UtcDateTime, db, transaction
from civic.honours.models import Honour
from civic.identity.models import BirthCorrection, ContactProof, Deputy, Grant, Kinship, NameCorrection
from civic.identity.rules import Contact
from civic.nominations.actions import deciding
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.guardians import Guardian
from civic.nominations.models.inquiries import OpinionRequest
from civic.nominations.models.juries import Juror, Jury
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.notices import Notice, NoticeItem, Objection, ObjectionStatus
from civic.nominations.models.rounds import Round
from civic.nominations.models.second_looks import SecondLook
from civic.outbox import actions as outbox
from civic.outbox import delivery
from civic.outbox.models import Message
from civic.pages.models import Complaint
from civic.points.models import Balance, Entry, EntryKind, Good, Lot, Redemption
from civic.volunteering.models.attendance import Certificate, CertificateStatus, Hours, HoursPolicy
from civic.volunteering.models.events import QualificationKind, Shift, SignUp
from civic.volunteering.models.handing import HandOver
from civic.volunteering.models.people import Volunteer
from civic.volunteering.models.qualifications import Qualification
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.states import ShiftStatus, SignUpStatus
from tests.support import builders

GOLDEN = Path(__file__).parent / "letters"
TEMPLATES = Path(__file__).parents[2] / "templates/letters"

TO_VOICE = {"received", "joined", "returned", "resumed", "endorsed", "elected", "declined", "withdrawn", "ready", "noticed", "carried", "recalled",
            "merged", "others_joined", "second_look_answered"}  # fmt: skip
TO_OTHERS = {
    "objection_received": "objection", "objection_answered": "objection", "objection_looked_again": "objection", "opinion_asked": "opinion",
    "opinion_reminder": "opinion", "guardian_agreed": "guardian", "complaint_answered": "complaint", "code": "proof",
}  # fmt: skip
TOLD = ("password_changed", "contact_changed", "account_closed")
# What a letter that tells several is made of.
FAMILIES = {
    "climb": ("endorsed", "endorsed", "elected", "ready", "declined"), "called_off": ("shift_cancelled",) * 2, "changed": ("shift_changed",) * 2,
    "hours": ("hours_drafted",) * 2, "placed": ("signed_up", "waiting"), "reminders": ("shift_reminder",) * 2, "restored": ("shift_restored",) * 2,
}  # fmt: skip


@dataclass
class World:
    """Rows of every sort that letters speak of. `row` fills in what a test does not care for."""

    facts: dict[str, object] = field(default_factory=dict)
    recipients: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def row(self, table: type[Model], **given: object):
        for column in table.__table__.columns:
            if column.key in given or column.nullable or column.default is not None or (column.primary_key and not column.foreign_keys):
                continue
            given[column.key] = self._filler(column)
        found = table(**given)
        db.session.add(found)
        db.session.flush()
        if hasattr(found, "id"):
            self.known[table.__tablename__] = found.id
        return found

    def _filler(self, column) -> object:
        if column.foreign_keys:
            return self.known[next(iter(column.foreign_keys)).column.table.name]
        kind = getattr(column.type, "enum_class", None)
        if kind is not None and issubclass(kind, StrEnum):
            return next(iter(kind))
        if column.key == "region_path":
            return "1."
        for base, value in ((Boolean, False), (UtcDateTime, clock.now()), (DateTime, clock.now()), (Date, clock.today()), (Integer, 3)):
            if isinstance(column.type, base):
                return value
        return 3 if column.type.python_type is int else "写好的话"[: getattr(column.type, "length", None) or 9]


def laid() -> World:
    """The rows."""
    world, now = World(), clock.now()
    later, today = now + timedelta(days=3), clock.today()
    zebra = builders.crossing(days=7)
    voice = builders.voice(zebra.town.line[1], contact=Contact("email", "huang@civic.example"))
    case = voice.nomination_id
    other = builders.voice(zebra.town.line[1], contact=Contact("email", "li@civic.example"), nominee_name="王建国", headline="下雪天守在坡口").nomination_id
    with transaction():
        step = deciding.endorse(zebra.town.actor(1), case, expected=builders.version(case), reason="事迹属实，邻居都认。")
        number = step.number
    volunteer = builders.volunteer("王顺", email="wang@civic.example")
    with transaction():
        hearer, person = volunteer.user_id, volunteer.person_id
        nomination = db.session.get_one(Nomination, case)
        nomination.supplement_due_at = None
        shifts = db.session.scalars(select(Shift).where(Shift.event_id == zebra.event_id).order_by(Shift.starts_at, Shift.id)).all()
        shift, next_shift = shifts[0], shifts[-1]
        world.known |= {
            "user": hearer, "person": person, "nomination": case, "nomination_voice": voice.id, "region": nomination.region_id, "shift": shift.id,
            "event": zebra.event_id, "level_rule": db.session.scalars(select(LevelRule.id).where(LevelRule.level == 2)).first(),
            "team": shift.event.team_id, "hours_policy": db.session.scalars(select(HoursPolicy.id)).first(),
        }  # fmt: skip
        world.row(Guardian, name="陈志强", contact="chen@civic.example")
        round_ = world.row(Round, level=2, name="2026 年三季度")
        world.row(Notice, level=2, days=5, ends_at=later)
        world.row(NoticeItem, ends_at=later)
        objection = world.row(
            Objection, name="赵敏", contact="zhao@civic.example", due_at=later, status=ObjectionStatus.REJECTED, finding="查过", answer="查过了，说的事没有。", closed_at=now,
            investigator_id=hearer,
        )  # fmt: skip
        look = world.row(SecondLook, voice_id=voice.id, level=2, due_at=later, changed=True, answer="又看了一遍，改了。", answered_at=now, answered_by_id=hearer)
        opinion = world.row(OpinionRequest, level=2, email="police@civic.example", due_at=later)
        jury = world.row(Jury, size=9)
        juror = world.row(Juror, answer_by=later, position=1)
        deputy = world.row(Deputy, user_id=zebra.town.desk[2].id, deputy_id=hearer, until=today + timedelta(days=5))
        colleague = db.session.get_one(type(zebra.leader), zebra.town.desk[2].id)
        colleague.person.name = "李岚"
        world.row(NameCorrection, by_id=hearer)
        correction = world.row(BirthCorrection, reason="身份证上是三月")
        kinship = world.row(Kinship, kin_id=colleague.person_id, relation="弟弟", confirmed_at=now)
        grant = db.session.scalars(select(Grant).where(Grant.user_id == colleague.id)).one()
        grant.ended_at, grant.end_reason, grant.ended_by_id = now, "换届了", hearer
        sign_up = world.row(SignUp, status=SignUpStatus.OFFERED, offer_until=later, starts_at=shift.starts_at, ends_at=shift.ends_at)
        ask = world.row(HandOver, until=later, times=1)
        hours = world.row(Hours, minutes=150, how="full", day=shift.day, final_from=later, answer="记重了", answered_at=now)
        second = world.row(SignUp, shift_id=next_shift.id, status=SignUpStatus.CONFIRMED, starts_at=next_shift.starts_at, ends_at=next_shift.ends_at)
        more_hours = world.row(Hours, sign_up_id=second.id, shift_id=next_shift.id, minutes=90, how="full", day=next_shift.day, final_from=later, answer="记重了", answered_at=now)
        world.row(Recheck, sign_up_id=sign_up.id, code=recheck_code())
        world.row(QualificationKind, name="红十字救护员")
        qualification = world.row(
            Qualification, course="十六学时救护课", until=today + timedelta(days=365), revoked_at=now, revoked_by_id=hearer, revoked_for="证书过期",
        )  # fmt: skip
        certificate = world.row(Certificate, number="Z2026-0007", status=CertificateStatus.REVOKED, revoked_for="时长更正了")
        db.session.get_one(Volunteer, person).stars = 1
        db.session.add(Balance(person_id=person, points=30))
        world.row(Entry, kind=EntryKind.EARN, points=30, balance_after=30, source="service:1")
        world.row(Lot, points=30, left=30, expires_on=today + timedelta(days=7))
        world.row(Good, name="保温杯", points=20, stock=3, received=5, taken_down_at=now, taken_down_for="厂家召回")
        redemption = world.row(Redemption, points=20, until=later)
        complaint = world.row(Complaint, reference="Y2607-0001", contact="qian@civic.example", answer="路灯修好了。", answered_at=now, answered_by_id=hearer)
        proof = world.row(ContactProof, expires_at=now + timedelta(minutes=10))
        honour = db.session.scalars(select(Honour).where(Honour.nomination_id == case)).one()
        honour.review_due, honour.review_months = today, 12
        step_of = db.session.scalars(select(Decision).where(Decision.nomination_id == case, Decision.number == number)).one()
        assert step_of.reason
        world.facts = {
            "nomination": case, "number": number, "ended": other, "objection": objection.id, "look": look.id, "opinion": opinion.id, "juror": juror.id,
            "jury": jury.id, "round": round_.id, "deputy": deputy.id, "correction": correction.id, "kinship": kinship.id, "other": colleague.person_id,
            "grant": grant.id, "sign_up": sign_up.id, "times": 1, "ask": ask.id, "hours": hours.id, "shift": shift.id, "person": person,
            "event": zebra.event_id, "qualification": qualification.id, "certificate": certificate.id, "honour": honour.id, "days": 30,
            "redemption": redemption.id, "good": redemption.good_id,
        }  # fmt: skip
        world.known["second"] = second.id
        world.known["more_hours"] = more_hours.id
        world.recipients = {
            "user": hearer, "voice": voice.id, "objection": objection.id, "opinion": opinion.id, "guardian": case, "complaint": complaint.id, "proof": proof.id,
        }  # fmt: skip
    return world


def recheck_code() -> str:
    """A refusal that has words of its own."""
    return sorted(path.stem for path in (TEMPLATES.parent / "volunteering/recheck").glob("*.txt"))[0]


def message(world: World, kind: str, *, second: bool = False) -> Message:
    """A row that owes this letter. `second`: the further one of a family, about another shift."""
    to = "voice" if kind in TO_VOICE else TO_OTHERS.get(kind, "user")
    facts = dict(world.facts)
    if to == "voice" and kind not in ("merged", "others_joined"):
        facts.pop("ended")
    if kind == "code":
        facts |= {"code": crypto.encrypt("outbox.code", "314159"), "address": crypto.encrypt("outbox.code.address", "sun@civic.example")}
    if kind in TOLD:
        facts |= {"way": "email", "name": crypto.encrypt("outbox.told.name", "王顺"), "address": crypto.encrypt("outbox.told.address", "wang@civic.example")}
    if second:
        facts |= {"sign_up": world.known["second"], "hours": world.known["more_hours"]}
    found = outbox.enqueue(kind, f"golden{second}", (to, world.recipients[to]), **facts)
    db.session.flush()
    return found


def text_of(letter: tuple[delivery.Address, str, str]) -> str:
    """As it lies in the golden file: secrets and numbers of rows made alike."""
    address, subject, body = letter
    body = re.sub(r"(/(?:track/t|objection|opinion|guardian)/)[\w.\-~%=:]+", r"\1…", body)
    subject, body = (re.sub(r"同志\d+", "同志", words) for words in (subject, body))
    return f"致：{address.name} <{address.value}>（{address.channel}）\n主题：{subject}\n\n{body}"


def compared(name: str, found: str) -> str | None:
    """What differs from the golden text; nothing where it is the same."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("CIVIC_TEST_LETTERS") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found, encoding="utf-8")
    if not file.exists():
        return f"{name}: no golden text, and this is how it reads now:\n{found}"
    kept = file.read_text(encoding="utf-8")
    return None if kept == found else f"{name}:\n--- kept\n{kept}\n--- now\n{found}"


def kinds() -> list[str]:
    return sorted(path.stem for path in TEMPLATES.glob("*.txt"))


def test_every_kind_of_letter_reads_as_its_golden_text(app):
    assert set(kinds()) == set(delivery.known_kinds()), "a template for every kind, and a kind for every template"
    world, wrong = laid(), []
    for kind in kinds():
        savepoint = db.session.begin_nested()
        if kind == "shift_cancelled":
            _called_off(world)
        if kind == "returned":
            case = db.session.get_one(Nomination, world.facts["nomination"])
            with db.session.no_autoflush:
                case.supplement_due_at = clock.now() + timedelta(days=5)
                wrong.append(_judged(world, kind))
                db.session.expire(case)
        else:
            wrong.append(_judged(world, kind))
        savepoint.rollback()
    assert not any(wrong), "\n\n".join(line for line in wrong if line)


def _called_off(world: World) -> None:
    for row in db.session.scalars(select(Shift).where(Shift.event_id == world.facts["event"])):
        row.status, row.cancelled_for = ShiftStatus.CANCELLED, "下暴雨"
    db.session.flush()


def _judged(world: World, kind: str) -> str | None:
    try:
        owed = message(world, kind) if kind != "returned" else _unflushed(world, kind)
        registered = delivery._kinds[kind]
        assert isinstance(registered.still_due(owed), bool)
        moment = registered.latest(owed)
        assert moment is None or isinstance(moment, datetime)
        return compared(kind, text_of(delivery._rendered([owed])))
    except Exception as error:
        return f"{kind}: {type(error).__name__}: {error}"


def _unflushed(world: World, kind: str) -> Message:
    return Message(kind=kind, recipient_kind="voice", recipient_id=world.recipients["voice"], facts=_json(world), created_at=clock.now())


def _json(world: World) -> str:
    return json.dumps({name: value for name, value in world.facts.items() if name != "ended"}, default=str)


def test_every_letter_that_tells_several_reads_as_its_golden_text(app):
    families = {path.stem for path in (TEMPLATES / "together").glob("*.txt")}
    assert families == set(FAMILIES), "say in FAMILIES what it is made of"
    world, wrong = laid(), []
    for family, of in sorted(FAMILIES.items()):
        savepoint = db.session.begin_nested()
        if family == "called_off":
            _called_off(world)
        rows = []
        for at, kind in enumerate(of):
            found = message(world, kind, second=at > 0) if family != "climb" else _unflushed(world, kind)
            found.group_key = f"{family}:golden"
            rows.append(found)
        try:
            wrong.append(compared(f"together-{family}", text_of(delivery._rendered(rows))))
        except Exception as error:
            wrong.append(f"{family}: {type(error).__name__}: {error}")
        savepoint.rollback()
    assert not any(wrong), "\n\n".join(line for line in wrong if line)


def test_no_golden_text_is_left_of_a_kind_that_is_gone():
    kept = {path.stem for path in GOLDEN.glob("*.txt")}
    assert kept == {*kinds(), *(f"together-{family}" for family in FAMILIES)}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_a_letter_says_what_it_is_about_and_holds_no_leftovers(path):
    whole = path.read_text(encoding="utf-8")
    to, subject, rest = whole.split("\n", 2)
    assert to.startswith("致：")
    assert 4 <= len(subject.removeprefix("主题：")) <= 60
    assert rest.strip()
    for leftover in ("None", "{{", "{%", "}}", "Undefined", "l'", "SignUpStatus", "datetime", "\n\n\n\n"):
        assert leftover not in whole, f"{path.name}: {leftover!r}"
    assert not re.search(r"\d{4}-\d{2}-\d{2}T", whole)
