"""Finding out: signing a visit, asking departments and hearing them, taking in clues and making cases of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotFound, NotNow
from civic.identity.models import PersonKind
from civic.identity.permissions import NOBODY, Actor, Permission, demand, may
from civic.identity.rules import contact_from
from civic.nominations import letters
from civic.nominations.actions import looking, submitting
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.inquiries import Clue, ClueStatus, NomineeFacts, OpinionRequest, Outcome, Visit
from civic.nominations.models.voices import Relation
from civic.nominations.queries import cases, inquiries
from civic.nominations.rules import telling
from civic.nominations.rules.telling import Answers
from civic.nominations.states import OPEN, Department
from civic.regions import queries as regions
from civic.regions.models import Region

DEED_MOST = 70
ANSWER_DAYS, REMIND_DAYS, ESCALATE_DAYS = 5, 3, 6
VALID_FOR = timedelta(days=90)


def _at_desk(actor: Actor, nomination_id: int) -> Nomination:
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.NOMINATION_REVIEW, nomination.desk_path, cases.parties_of(nomination))
    if nomination.status not in OPEN:
        raise NotNow("case_ended", _l("这件已经办结了。"))
    return nomination


def sign_visit(
    actor: Actor, nomination_id: int, *, visited_on: date, companion: str, witnesses: int, report: str, is_true: bool,
    photo_keys: tuple[str, ...] = (),
) -> Visit:  # fmt: skip
    """What two people found who went to see. Good for 90 days; then the next level waits for a new one."""
    nomination = _at_desk(actor, nomination_id)
    if visited_on > clock.today():
        raise Invalid("visit_in_future", _l("还没到这一天，去过了再写。"), field="visited_on")
    if not companion.strip():
        raise Invalid("companion_missing", _l("走访要两个人，请写另一位是谁。"), field="companion")
    if witnesses < 2:
        raise Invalid("witnesses_missing", _l("至少要问过两位知情的人。"), field="witnesses")
    if len(report.strip()) < 20:
        raise Invalid("report_too_short", _l("请写问了谁、看到什么，至少 20 个字。"), field="report")
    visit = Visit(
        nomination_id=nomination.id, level=nomination.level, visited_on=visited_on, visitor_id=actor.user_id,
        companion=companion.strip()[:60], witnesses=witnesses, report=report.strip(), is_true=is_true,
        photo_keys="\n".join(photo_keys), valid_until=visited_on + VALID_FOR, signed_at=clock.now(),
    )  # fmt: skip
    db.session.add(visit)
    db.session.flush()
    audit.record(
        actor.user_id, "visit.sign", ("visit", visit.id), region_path=nomination.home_path, nomination=nomination.id, is_true=is_true
    )
    return visit


def record_facts(actor: Actor, nomination_id: int, **facts: bool) -> None:
    """What decides which departments are asked."""
    nomination = _at_desk(actor, nomination_id)
    row = inquiries.facts_of(nomination.id) or NomineeFacts(nomination_id=nomination.id)
    for name, value in facts.items():
        looking.keep_old(nomination.id, name, bool(getattr(row, name)), value)
        setattr(row, name, value)
    row.recorded_by_id, row.recorded_at = actor.user_id, clock.now()
    db.session.add(row)
    db.session.flush()
    audit.record(actor.user_id, "facts.record", ("nomination", nomination.id), region_path=nomination.home_path)


def date_deed(actor: Actor, nomination_id: int, typed: str) -> None:
    """When the deed was last done, as the desk found out, to the day or to the month; what is too old is not elected."""
    nomination = _at_desk(actor, nomination_id)
    found = telling.deed_from(typed, clock.today())
    if found is None:
        raise Invalid("deed_day_missing", _l("请写哪年哪月，比如 2026-03。问不清月份，写最有把握的一个月。"), field="deed_on")
    on, to_month = found
    looking.keep_old(nomination.id, "deed_on", nomination.deed_on, on)
    nomination.deed_on, nomination.deed_to_month = on, to_month
    audit.record(
        actor.user_id, "deed.date", ("nomination", nomination.id), region_path=nomination.home_path, on=on, to_month=to_month
    )


def ask_departments(actor: Actor, nomination_id: int, addresses: Mapping[Department, str]) -> list[OpinionRequest]:
    """Send each department its own link. One that still has time to answer is not asked twice."""
    nomination = _at_desk(actor, nomination_id)
    now = clock.now()
    known = inquiries.opinions_of(nomination.id)
    standing = inquiries.standing_opinions(nomination.id)
    asked = []
    for department, address in addresses.items():
        before = known.get(department)
        if department in standing or (before is not None and before.outcome is None and before.due_at > now):
            continue
        contact = contact_from(address)
        if contact.kind != "email":
            raise Invalid("email_needed", _l("部门的意见发到邮箱，请写邮箱。"), field=department.value)
        row = OpinionRequest(
            nomination_id=nomination.id, level=nomination.level, department=department, email=contact.value,
            asked_by_id=actor.user_id, asked_at=now,
            remind_at=calendar.add_working_days(now, REMIND_DAYS), due_at=calendar.add_working_days(now, ANSWER_DAYS),
            escalate_at=calendar.add_working_days(now, ESCALATE_DAYS),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        letters.tell_department("opinion_asked", row.id)
        audit.record(
            actor.user_id, "opinion.ask", ("opinion_request", row.id), region_path=nomination.home_path, department=department.value
        )
        asked.append(row)
    if not asked:
        raise NotNow("nobody_to_ask", _l("该问的都问过了，等他们答复。"))
    return asked


def answer_opinion(token: str, *, outcome: Outcome, letter_number: str) -> OpinionRequest:
    """A department's word through its own link, once. Only outcome and letter number are kept."""
    row = inquiries.opinion_by_token(token)
    if row is None:
        raise NotFound("not_found", _l("这个链接不对，或者已经过期。请联系发函的单位。"))
    if row.outcome is not None:
        raise Conflict("opinion_given", _l("这件已经答复过了，一个链接只能用一次。"))
    row.outcome = outcome
    row.letter_number = letter_number.strip()[:60] or None
    row.answered_at = clock.now()
    row.valid_until = clock.today() + VALID_FOR
    db.session.flush()
    audit.record(None, "opinion.answer", ("opinion_request", row.id), region_path=row.nomination.home_path, outcome=outcome.value)
    return row


def chase_opinions(limit: int = 100) -> int:
    """Remind after three working days, tell the asking desk after six; each once. Silence never becomes consent."""
    now = clock.now()
    late = db.session.scalars(
        locked(
            select(OpinionRequest)
            .where(OpinionRequest.outcome.is_(None), OpinionRequest.remind_at <= now, OpinionRequest.escalated_at.is_(None))
            .order_by(OpinionRequest.remind_at, OpinionRequest.id)
            .limit(limit)
        )
    ).all()
    done = 0
    for row in late:
        if row.reminded_at is None:
            row.reminded_at = now
            letters.tell_department("opinion_reminder", row.id)
            done += 1
        if row.escalate_at <= now:
            row.escalated_at = now
            letters.tell_asker(row.id, row.asked_by_id)
            done += 1
    return done


def leave_clue(
    *, who: str, place: str, category_id: int, deed: str, contact: str, is_from_media: bool = False, county: Region | None = None
) -> Clue:
    """Take in a sentence about a good deed from anybody. It lies on the desk of its county, or of the city."""
    for name, value, sentence in (
        ("who", who, _l("请写他（她）叫什么，或者大家怎么叫。")),
        ("place", place, _l("请写在哪里，到街道、乡镇就行。")),
        ("deed", deed, _l("请用一句话写他（她）做了什么。")),
    ):
        if not value.strip():
            raise Invalid(f"{name}_missing", sentence, field=name)
    if len(deed.strip()) > DEED_MOST:
        raise Invalid("deed_too_long", _l("一句话，不超过 70 个字。详细的以后会有人来问您。"), field="deed")
    place_of = county if county is not None and county.level == 4 else regions.root()
    assert place_of is not None
    clue = Clue(
        who=who.strip()[:60], place=place.strip()[:80], category_id=category_id, deed=deed.strip(), is_from_media=is_from_media,
        region_path=place_of.path, contact=contact_from(contact).value, received_at=clock.now(), status=ClueStatus.NEW,
    )  # fmt: skip
    db.session.add(clue)
    db.session.flush()
    audit.record(None, "clue.leave", ("clue", clue.id), region_path=clue.region_path)
    return clue


def _held_clue(actor: Actor, clue_id: int) -> Clue:
    if not actor.holds(Permission.CLUE_TRIAGE):
        demand(actor, Permission.CLUE_TRIAGE, "")
    clue = db.session.scalars(locked(select(Clue).where(Clue.id == clue_id))).first()
    if clue is None or not may(actor, Permission.CLUE_TRIAGE, clue.region_path):
        raise NotFound("not_found", _l("没有找到。可能是网址不对，也可能不归您这里管。"))
    if clue.status is not ClueStatus.NEW:
        raise Conflict("clue_closed", _l("这条线索刚有人办过了。"))
    return clue


def _closed(actor: Actor, clue: Clue, status: ClueStatus, *, reason: str | None = None, nomination_id: int | None = None) -> Clue:
    clue.status, clue.reason, clue.nomination_id = status, reason, nomination_id
    clue.closed_at, clue.closed_by_id = clock.now(), actor.user_id
    db.session.flush()
    audit.record(actor.user_id, f"clue.{status.value}", ("clue", clue.id), nomination=nomination_id)
    return clue


def refuse_clue(actor: Actor, clue_id: int, *, reason: str) -> Clue:
    """Nothing in it that could be followed; the reason is kept."""
    clue = _held_clue(actor, clue_id)
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    return _closed(actor, clue, ClueStatus.REFUSED, reason=reason.strip())


def merge_clue(actor: Actor, clue_id: int, nomination_id: int) -> Clue:
    """It is about somebody already nominated: their case hears one more voice."""
    clue = _held_clue(actor, clue_id)
    case = cases.in_reach_of(actor, nomination_id)
    demand(actor, Permission.CLUE_TRIAGE, case.home_path)
    submitting.join(NOBODY, case, _answers(clue, case.home_region, story=case.story), contact_from(clue.contact))
    return _closed(actor, clue, ClueStatus.MERGED, nomination_id=case.id)


def convert_clue(actor: Actor, clue_id: int, region: Region, *, story: str) -> Clue:
    """Make a nomination of it and send it down to the place, which has to see for itself before it may climb."""
    demand(actor, Permission.CLUE_TRIAGE, region.path)
    clue = _held_clue(actor, clue_id)
    voice = submitting.submit(NOBODY, _answers(clue, region, story=story), contact_from(clue.contact))
    return _closed(actor, clue, ClueStatus.CONVERTED, nomination_id=voice.nomination_id)


def _answers(clue: Clue, region: Region, *, story: str) -> Answers:
    return Answers(
        category_id=clue.category_id, channel=Channel.MEDIA if clue.is_from_media else Channel.NETIZEN, relation=Relation.PROXY,
        nominee_kind=PersonKind.INDIVIDUAL, nominee_name=clue.who, nominee_sex=None, nominee_is_minor=False,
        nominee_is_deceased=False, nominee_phone=None, work_unit=None, region_id=region.id,
        headline=clue.deed, summary="", story=story, may_tell_nominee=False, nominator_name="提供线索的人",
    )  # fmt: skip


def chosen_outcome(word: str) -> Outcome:
    """The outcome a form names; nothing else is one."""
    try:
        return Outcome(word)
    except ValueError:
        raise Invalid("outcome_missing", _l("请选一个结果。"), field="outcome") from None


