"""Putting up a round's list for everybody to read, hearing objections, and what comes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotFound, NotNow
from civic.identity.permissions import Actor, Permission, demand, demand_not_recused, out_of_reach
from civic.identity.queries import staff_at
from civic.nominations import letters
from civic.nominations.actions.moving import step_taken
from civic.nominations.actions.rounds import Tell, demand_all_judged, demand_nobody_sits, held_for, untold
from civic.nominations.models.cases import Nomination
from civic.nominations.models.notices import (
    OPEN_OBJECTIONS,
    Notice,
    NoticeItem,
    Objection,
    ObjectionKind,
    ObjectionStatus,
)
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.queries import cases, eligibility, notices
from civic.nominations.queries import rounds as queries
from civic.nominations.rules import telling
from civic.nominations.states import Status, Verb
from civic.regions.queries import line_of_path

WORDS_MOST = 2000


def end_of(start: datetime, days: int, in_working_days: bool) -> datetime:
    """Closing time of the last day: the day it is put up does not count."""
    if in_working_days:
        return calendar.add_working_days(start, days)
    return calendar.closing_of(clock.local(start).date() + timedelta(days=days))


def ready_to_put_up(round_: Round) -> list[queries.Row]:
    """The whole list as it would be put up; refused where a name on it lacks something, and every such name is said."""
    demand_nobody_sits(round_)
    rows = queries.list_of(round_)
    if not rows:
        raise NotNow("nothing_proposed", _l("名单还是空的，先拟定再公示。"))
    demand_all_judged(round_)
    blocked = [row for row in rows if row.problem is not None]
    if blocked:
        raise NotNow(
            "list_not_ready",
            _l("还有 %(count)s 件不能公示：%(names)s。名单里写着差什么。", count=len(blocked), names="、".join(r.case.nominee_name for r in blocked)),
            cases=[row.case.id for row in blocked],
        )
    return rows


def last_day(round_: Round) -> datetime:
    """When a list that is put up now has hung long enough."""
    return end_of(clock.now(), round_.rule.notice_days, round_.rule.notice_in_working_days)


def publish(actor: Actor, round_id: int, tell: Tell = untold) -> Notice:
    """Put up the whole list, or nothing: whoever lacks consent or text, and every quota exceeded, is named."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    rows = ready_to_put_up(round_)
    for row in rows:
        demand_not_recused(actor, cases.parties_of(row.case), row.case.nominee_name)
    for row in rows:
        bar = eligibility.bar_to(row.case)
        if bar is not None:
            raise bar
    now = clock.now()
    rule = round_.rule
    end = last_day(round_)
    # A brave deed hangs its seven days: it then runs on alone, as one that came back from an objection does.
    brave_end = max(end, end_of(now, rule.brave_notice_days, in_working_days=False))
    notice = Notice(
        round_id=round_.id, region_id=round_.region_id, region_path=round_.region_path, level=round_.level, starts_at=now,
        ends_at=end, days=rule.notice_days, in_working_days=rule.notice_in_working_days, published_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(notice)
    db.session.flush()
    for at, row in enumerate(rows, start=1):
        tell(at, len(rows))
        case = row.case
        line = line_of_path(case.home_path)
        db.session.add(
            NoticeItem(
                notice_id=notice.id, nomination_id=case.id, shown_name=row.face.name, shown_sex=None if case.is_of_a_child else case.nominee.sex,
                # To the community and no further: a door number is nobody's business.
                place=" ".join(place.name for place in line if 2 <= place.level <= 4),
                headline=row.face.headline, words=telling.shortened(row.face.story or ""),
                ends_at=brave_end if case.category.code == eligibility.BRAVE else end,
            )
        )  # fmt: skip
        decision = step_taken(case, Verb.POST, actor_id=actor.user_id)
        letters.tell_all("noticed", case, decision)
    round_.status = RoundStatus.NOTICED
    db.session.flush()
    audit.record(actor.user_id, "notice.publish", ("notice", notice.id), region_path=round_.region_path, items=len(rows))
    return notice


def object_to(item_id: int, *, kind: ObjectionKind, words: str, name: str, contact: str) -> Objection:
    """Hear what somebody has to say about a name on the wall; from now on its days stand still."""
    found = notices.item(item_id)
    if found is None:
        raise NotFound("not_found", _l("这一条已经不在公示里了。"))
    case = cases.held(found.nomination_id)
    item = notices.held_item(found.nomination_id)
    now = clock.now()
    if case is None or item is None or case.status not in (Status.NOTICED, Status.HELD) or (item.ends_at is not None and item.ends_at <= now):
        raise NotNow("notice_over", _l("公示已经结束。还有话说，可以写在意见箱里，也可以打热线。"))
    if len(words.strip()) < 5:
        raise Invalid("words_missing", _l("请说具体一点：什么时候、什么事、谁也知道。"), field="words")
    if len(words) > WORDS_MOST:
        raise Invalid("words_too_long", _l("请不超过 2000 个字。"), field="words")
    stand_still(case)
    rule = item.notice.round.rule
    objection = Objection(
        item_id=item.id, region_path=item.notice.region_path, kind=kind, words=words.strip(), name=name.strip() or None,
        contact=contact.strip() or None, received_at=now, due_at=calendar.add_working_days(now, rule.objection_days),
        status=ObjectionStatus.RECEIVED,
    )  # fmt: skip
    db.session.add(objection)
    db.session.flush()
    audit.record(
        None, "objection.receive", ("objection", objection.id), region_path=objection.region_path, anonymous=not name.strip()
    )
    if objection.contact:
        letters.tell_objector("objection_received", objection.id)
    above = objection.region_path[: objection.region_path.rstrip(".").rfind(".") + 1]
    for user in [user for place in (objection.region_path, above) if place for user in staff_at(place)]:
        letters.tell_handler(objection.id, user.id)
    return objection


def stand_still(case: Nomination) -> None:
    """Somebody has something against the name: its days stop where they are. The caller holds the case."""
    item = notices.held_item(case.id)
    assert item is not None
    if item.ends_at is not None:
        item.days_left = max(1, notices.span_left(item.notice, item.ends_at))
        item.ends_at = None
    if case.status is Status.NOTICED:
        step_taken(case, Verb.OBJECT, actor_id=None)


def run_on(actor: Actor, case: Nomination) -> None:
    """Nothing stands against the name any more: the days that were left run on."""
    item = notices.held_item(case.id)
    assert item is not None
    item.ends_at = end_of(clock.now(), item.days_left or 1, item.notice.in_working_days)
    item.days_left = None
    step_taken(case, Verb.DISMISS, actor_id=actor.user_id)


def _held_objection(actor: Actor, objection_id: int, *statuses: ObjectionStatus) -> Objection:
    found = notices.objection_in_reach_of(actor, objection_id)
    case = cases.held(found.item.nomination_id)
    objection = db.session.scalars(locked(select(Objection).where(Objection.id == objection_id))).one()
    if case is None:
        raise out_of_reach()
    demand(actor, Permission.OBJECTION_HANDLE, objection.region_path, cases.parties_of(case))
    if notices.has_handled(actor.user_id, case):
        raise NotAllowed("handled_before", _l("这件是您经手的，异议要换没经手过的同志来查。"))
    if objection.status not in statuses:
        raise NotNow("not_now", _l("这条异议已经有人办了，请刷新看看。"))
    if objection.status is ObjectionStatus.INVESTIGATING and objection.investigator_id != actor.user_id:
        raise NotAllowed("other_investigator", _l("这条异议由别的同志在查。"))
    return objection


def take_up(actor: Actor, objection_id: int) -> Objection:
    """Begin to look into it; from now on only this person reads who objected."""
    objection = _held_objection(actor, objection_id, ObjectionStatus.RECEIVED)
    objection.status = ObjectionStatus.INVESTIGATING
    objection.investigator_id = actor.user_id
    audit.record(actor.user_id, "objection.take_up", ("objection", objection.id), region_path=objection.region_path)
    return objection


def not_accepted(actor: Actor, objection_id: int, *, answer: str) -> Objection:
    """Nothing in it that could be checked; the answer says so."""
    objection = _held_objection(actor, objection_id, ObjectionStatus.RECEIVED, ObjectionStatus.INVESTIGATING)
    objection.investigator_id = actor.user_id
    return _closed(actor, objection, ObjectionStatus.NOT_ACCEPTED, None, answer)


def reject(actor: Actor, objection_id: int, *, finding: str, answer: str) -> Objection:
    """Looked into, and not so: the days of the notice run on."""
    objection = _held_objection(actor, objection_id, ObjectionStatus.INVESTIGATING)
    return _closed(actor, objection, ObjectionStatus.REJECTED, finding, answer)


def uphold(actor: Actor, objection_id: int, *, finding: str, answer: str) -> Objection:
    """Looked into, and true: the name comes off the wall and the case ends at this level."""
    objection = _held_objection(actor, objection_id, ObjectionStatus.INVESTIGATING)
    return _closed(actor, objection, ObjectionStatus.UPHELD, finding, answer)


def _closed(actor: Actor, objection: Objection, status: ObjectionStatus, finding: str | None, answer: str) -> Objection:
    if not answer.strip():
        raise Invalid("answer_missing", _l("请写答复，提异议的人看得到。"), field="answer")
    if status is not ObjectionStatus.NOT_ACCEPTED and not (finding or "").strip():
        raise Invalid("finding_missing", _l("请写查到的情况，只留在档案里。"), field="finding")
    objection.status = status
    objection.finding = (finding or "").strip() or None
    objection.answer = answer.strip()
    objection.closed_at = clock.now()
    db.session.flush()
    case = cases.held(objection.item.nomination_id)
    assert case is not None
    if case.status is Status.HELD and status is ObjectionStatus.UPHELD:
        decision = step_taken(case, Verb.UPHOLD, actor_id=actor.user_id, reason="公示期间有人提出异议，经核查属实。")
        letters.tell_all("declined", case, decision)
        _close_others(actor, objection)
    elif case.status is Status.HELD and not notices.has_open_objection(objection.item_id):
        run_on(actor, case)
    if objection.contact:
        letters.tell_objector("objection_answered", objection.id)
    audit.record(
        actor.user_id, f"objection.{status.value}", ("objection", objection.id), region_path=objection.region_path
    )
    return objection


def _close_others(actor: Actor, upheld: Objection) -> None:
    """Other voices against the same name are answered with it."""
    others = db.session.scalars(
        locked(
            select(Objection).where(
                Objection.item_id == upheld.item_id, Objection.id != upheld.id, Objection.status.in_(OPEN_OBJECTIONS)
            )
        )
    ).all()
    for other in others:
        other.investigator_id = other.investigator_id or actor.user_id
        other.status, other.finding = ObjectionStatus.UPHELD, upheld.finding
        other.answer, other.closed_at = upheld.answer, clock.now()
        if other.contact:
            letters.tell_objector("objection_answered", other.id)
