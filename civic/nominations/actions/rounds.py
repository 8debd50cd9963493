"""The deeds of a round: open it, propose and recall, put up the list, close it, cancel it.

Locks are taken in one order: the round, then its cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, demand_not_recused
from civic.nominations import letters
from civic.nominations.actions import conditions, deciding
from civic.nominations.actions.moving import decided, ended, step_taken
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import NoticeItem
from civic.nominations.models.rounds import Cadence, Round, RoundQuota, RoundStatus
from civic.nominations.queries import cases, eligibility, juries
from civic.nominations.queries import rounds as queries
from civic.nominations.states import NotLawful, Status, Verb, step_from
from civic.regions.models import Region

CARRIED_MOST = 2
BATCH = 50
URGENT_CLASS = "JYYW"

# How far a long deed is: (done, of how many).
Tell = Callable[[int, int], None]


def untold(_done: int, _total: int) -> None:
    """Nobody watches."""


def open_(
    actor: Actor,
    region: Region,
    *,
    name: str,
    cadence: Cadence,
    opens_on: date,
    closes_on: date,
    quotas: Mapping[int | None, int],
    is_urgent: bool = False,
    document: str | None = None,
) -> Round:
    """Begin a round at a region. `quotas`: the most per category id, None for all together."""
    demand(actor, Permission.ROUND_RUN, region.path)
    if not name.strip():
        raise Invalid("name_missing", _l("请给这一期起个名字，比如“2026 年三季度”。"), field="name")
    if closes_on < opens_on:
        raise Invalid("closes_before_opening", _l("截止那天不能早于开始那天。"), field="closes_on")
    running = queries.running_at(region.id, is_urgent=is_urgent)
    if running is not None:
        raise Conflict("round_running", _l("这里的“%(name)s”还没结束，办完它再开新的。", name=running.name), round=running.id)
    rule = cases.rule_in_force(region.level, clock.today())
    round_ = Round(
        region_id=region.id, region_path=region.path, level=region.level, name=name.strip()[:40], cadence=cadence,
        is_urgent=is_urgent, opens_on=opens_on, closes_on=closes_on, document=(document or "").strip()[:80] or None,
        rule_id=rule.id, opened_by_id=actor.user_id, opened_at=clock.now(), status=RoundStatus.OPEN,
    )  # fmt: skip
    db.session.add(round_)
    db.session.flush()
    for category_id, most in quotas.items():
        db.session.add(RoundQuota(round_id=round_.id, category_id=category_id, most=most))
    db.session.flush()
    audit.record(actor.user_id, "round.open", ("round", round_.id), region_path=region.path, urgent=is_urgent)
    return round_


def held_for(actor: Actor, round_id: int, *statuses: RoundStatus) -> Round:
    """The round, locked, where the actor may run it and it stands at one of `statuses`."""
    round_ = queries.held(round_id)
    demand(actor, Permission.ROUND_RUN, round_.region_path)
    if statuses and round_.status not in statuses:
        raise NotNow("round_moved_on", _l("这一期已经走到下一步了，请刷新看看。"))
    return round_


def _case(actor: Actor, nomination_id: int, verb: Verb, expected: int | None) -> Nomination:
    nomination = cases.held_in_reach_of(actor, nomination_id)
    if expected is not None and nomination.version != expected:
        raise Conflict("changed_meanwhile", _l("您打开之后，这里被人改过。请看看新的样子，再办一次。"))
    _not_recused(actor, nomination)
    try:
        step = step_from(nomination.position, verb)
    except NotLawful:
        raise NotNow("not_now", _l("这件现在不能这样办。它可能在等推荐人补材料，或者已经办结。")) from None
    conditions.demand_all(actor, nomination, step)
    return nomination


def _not_recused(actor: Actor, nomination: Nomination) -> None:
    demand_not_recused(actor, cases.parties_of(nomination), nomination.nominee_name)


def propose(
    actor: Actor, round_id: int, nomination_id: int, *, upward: bool, expected: int | None = None, reason: str | None = None
) -> Decision:
    """Put a case on the provisional list: elected here, and recommended upward or not. Nothing is public yet."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    nomination = _case(actor, nomination_id, Verb.PROPOSE, expected)
    if nomination.region_id != round_.region_id:
        raise NotNow("other_region", _l("这件不在这一期里。"))
    if clock.local(nomination.arrived_at).date() > round_.closes_on:
        raise NotNow("too_late_for_round", _l("这件是截止以后到的，留到下一期。"))
    if round_.is_urgent and nomination.category.code != URGENT_CLASS:
        raise NotNow("not_urgent", _l("加急的这一期只收见义勇为。"))
    if upward and round_.level == 5:
        raise Invalid("no_level_above", _l("这里已经是最高一级了，请选“评上，到此为止”。"))
    other = eligibility.other_class_in(round_, nomination)
    if other is not None:
        raise NotNow(
            "one_class_a_round",
            _l(
                "%(name)s这一期已经按“%(class)s”报了（%(reference)s），一个人一期只报一类。请只留一件，另一件放到下一期。",
                name=nomination.nominee_name, reference=other.reference, **{"class": other.category.name},
            ),
            other=other.id,
        )  # fmt: skip
    _demand_judged(round_, nomination)
    decision = step_taken(nomination, Verb.PROPOSE, actor_id=actor.user_id, reason=(reason or "").strip() or None)
    nomination.round_id = round_.id
    nomination.proposed_upward = upward
    return decision


def _demand_judged(round_: Round, nomination: Nomination) -> None:
    """The council's or panel's word, and where a jury sits beside it, both together by the rule's weights."""
    rule = round_.rule
    if rule.council is Council.NONE:
        return
    verdict = queries.latest_verdicts([nomination.id], round_.level).get(nomination.id)
    if verdict is None:
        raise NotNow("council_first", _l("先开评议会，评议过了才能拟定。"))
    passed = verdict.passed
    if rule.jury_size and nomination.is_for_a_jury:
        given = juries.latest_scores([nomination.id], round_.level).get(nomination.id)
        both = juries.combined(verdict, given, rule.panel_weight)
        if both is None:
            raise NotNow("jury_first", _l("还差群众评审的分，评审结束了才能拟定。"))
        passed = both >= rule.pass_score * 100
    if not passed:
        raise NotNow("council_said_no", _l("评议会没有通过这件，不能拟定。"))


def recall(actor: Actor, round_id: int, nomination_id: int, *, reason: str | None, expected: int | None = None) -> Decision:
    """Take a case off the list, back to the desk, before anything was put up."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    nomination = _case(actor, nomination_id, Verb.RECALL, expected)
    if nomination.round_id != round_.id:
        raise NotNow("other_region", _l("这件不在这一期里。"))
    if not (reason or "").strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    return step_taken(nomination, Verb.RECALL, actor_id=actor.user_id, reason=reason.strip())


def close(actor: Actor, round_id: int, tell: Tell = untold) -> int:
    """Decide what was proposed and stood its notice, all at once: honours, next desks, letters. How many.

    What a rule forbids by now goes back to its desk. Cases under objection stay held and are decided when their own days are
    over; what was judged and not taken is carried over, twice at most. Refused while somebody sits over a case, and while one
    is not judged: it would be sent away unheard. What came when the list hung already waits for the next round, uncounted.
    """
    round_ = held_for(actor, round_id, RoundStatus.NOTICED, RoundStatus.OPEN)
    demand_nobody_sits(round_)
    if round_.status is RoundStatus.OPEN:
        demand_all_judged(round_)
    in_it = db.session.scalars(
        locked(select(Nomination).where(Nomination.round_id == round_.id).order_by(Nomination.id))
    ).all()
    protected = [case for case in in_it if case.status is Status.PROPOSED and case.is_protected]
    if any(case.status is Status.PROPOSED and not case.is_protected for case in in_it):
        raise NotNow("not_put_up", _l("名单还没有公示。先公示，期满了再一起发布。"))
    items = {i.nomination_id: i for i in queries.items_of(round_.id)}
    now = clock.now()
    noticed = [case for case in in_it if case.status is Status.NOTICED]
    running = [case for case in noticed if items[case.id].ends_at is None or items[case.id].ends_at > now]
    # Those that came back from an objection run on alone; the others share the notice's end.
    first_end = min((i.notice.ends_at for i in items.values()), default=now)
    if running and first_end > now:
        raise NotNow("notice_running", _l("公示还没有到期，到期以后再发布。"))
    if protected and queries.over_quota(round_):
        raise NotNow("quota_exceeded", _l("拟定的超过了上限，请先退回多出来的。"))
    over = [*(case for case in noticed if case not in running), *protected]
    for case in over:
        _not_recused(actor, case)
    decided_now = []
    for at, case in enumerate(over, start=1):
        decided_now.append(deciding.confirm(actor, case, document=round_.document))
        tell(at, len(over))
    decided_now = [d for d in decided_now if d.elected]
    _carry_over(actor, round_)
    round_.status = RoundStatus.CLOSED
    round_.closed_at = now
    round_.closed_by_id = actor.user_id
    audit.record(actor.user_id, "round.close", ("round", round_.id), region_path=round_.region_path, decided=len(decided_now))
    return len(decided_now)


def demand_nobody_sits(round_: Round) -> None:
    """Refuse what would pull the table from under a council or a jury that is at work."""
    if queries.open_meeting(round_.id) is not None:
        raise NotNow("meeting_sitting", _l("评议会还没有结束。先把它办完，再往下走。"))
    if juries.open_at(round_.id) is not None:
        raise NotNow("jury_sitting", _l("群众评审还没有结束。先把它办完，再往下走。"))


def is_of(round_: Round, case: Nomination) -> bool:
    """Whether a case that waits at the region takes part in this round: in time, and of a class that it takes."""
    return clock.local(case.arrived_at).date() <= round_.closes_on and (not round_.is_urgent or case.category.code == URGENT_CLASS)


def unjudged(round_: Round) -> list[Nomination]:
    """The cases of the round that nobody has judged: neither the council nor, where it has a say, the jury."""
    rule = round_.rule
    if rule.council is Council.NONE:
        return []
    ready = [case for case in queries.cases_of(round_)[Status.READY] if is_of(round_, case)]
    verdicts = queries.latest_verdicts([case.id for case in ready], round_.level)
    scores = juries.latest_scores([case.id for case in ready], round_.level) if rule.jury_size else {}
    return [case for case in ready if case.id not in verdicts or (rule.jury_size and case.is_for_a_jury and scores.get(case.id) is None)]


def demand_all_judged(round_: Round) -> None:
    left = unjudged(round_)
    if left:
        raise NotNow(
            "cases_unjudged",
            _l("还有 %(count)s 件没有评议：%(names)s。评议过了再结束，或者先退回审核台。", count=len(left), names="、".join(c.nominee_name for c in left[:10])),
            cases=[case.id for case in left],
        )


def _carry_over(actor: Actor, round_: Round) -> None:
    left = db.session.scalars(
        locked(
            select(Nomination)
            .where(Nomination.region_id == round_.region_id, Nomination.status == Status.READY)
            .order_by(Nomination.id)
        )
    ).all()
    unheard = {case.id for case in unjudged(round_)}
    for case in left:
        if not is_of(round_, case) or case.id in unheard:
            continue
        if case.carried >= CARRIED_MOST:
            _not_recused(actor, case)
            decision = decided(
                case, step_from(case.position, Verb.DECLINE), actor_id=actor.user_id,
                reason="连续三期没有入选，这一次到这里。有了新的事迹，可以再推荐。",
            )  # fmt: skip
            ended(case, Status.DECLINED, actor.user_id)
            letters.tell_all("declined", case, decision)
        else:
            case.carried += 1
            letters.tell_round("carried", case, round_.id)


def cancel(actor: Actor, round_id: int, *, reason: str | None) -> None:
    """Give up a round nothing was put up of; what it proposed is ready again for the next."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    demand_nobody_sits(round_)
    if not (reason or "").strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    for case in db.session.scalars(locked(select(Nomination).where(Nomination.round_id == round_.id).order_by(Nomination.id))):
        step_taken(case, Verb.RECALL, actor_id=actor.user_id, reason=reason.strip())
    round_.status = RoundStatus.CANCELLED
    audit.record(actor.user_id, "round.cancel", ("round", round_.id), region_path=round_.region_path)


def confirm_late(limit: int = BATCH) -> int:
    """Decide cases that an objection kept past the closing of their round, when their own days are over."""
    due = db.session.execute(
        select(NoticeItem.nomination_id, Round.id, Round.closed_by_id)
        .join(NoticeItem.notice)
        .join(Round)
        .where(NoticeItem.settled_at.is_(None), NoticeItem.ends_at <= clock.now(), Round.status == RoundStatus.CLOSED)
        .order_by(NoticeItem.ends_at, NoticeItem.id)
        .limit(limit)
    ).all()
    for nomination_id, round_id, closer in due:
        round_ = queries.held(round_id)
        case = cases.held(nomination_id)
        if case is not None and case.status is Status.NOTICED:
            deciding.confirm(Actor(user_id=closer, is_machine=True), case, document=round_.document)
    return len(due)
