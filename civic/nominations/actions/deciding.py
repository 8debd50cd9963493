"""What a desk does: take, release, hand over, return for supplement, endorse, elect, decline."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotNow
from civic.honours import actions as honours
from civic.identity.permissions import NO_PARTIES, Actor, Permission, demand
from civic.nominations import letters
from civic.nominations.actions import conditions, publishing, rewarding, undoing
from civic.nominations.actions.moving import climbed, decided, ended, step_taken
from civic.nominations.actions.submitting import desk_of
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import LevelRule
from civic.nominations.queries import cases, eligibility
from civic.nominations.rules import climbing
from civic.nominations.states import NotLawful, Status, Step, Verb, step_from
from civic.regions.models import Region
from civic.regions.queries import line_of_path

REASON_MOST = 1000


def _begin(
    actor: Actor, nomination_id: int, verb: Verb, expected: int, *, even_recused: bool = False
) -> tuple[Nomination, Step]:
    """Lock the case and ask: may they, is it time, does it fit."""
    nomination = cases.held_in_reach_of(actor, nomination_id)
    if nomination.version != expected:
        raise _overtaken(nomination)
    parties = NO_PARTIES if even_recused else cases.parties_of(nomination)
    demand(actor, Permission.NOMINATION_REVIEW, nomination.desk_path, parties)
    try:
        step = step_from(nomination.position, verb)
    except NotLawful:
        raise NotNow("not_now", _l("这件现在不能这样办。它可能在等推荐人补材料，或者已经办结。")) from None
    if _is_held_by_other(actor, nomination):
        raise Conflict(
            "taken_by_other",
            _l("%(name)s 正在办这件。您可以先看，等他交回再办。", name=nomination.taken_by.person.name),
            by=nomination.taken_by.person.name,
            at=nomination.taken_at,
        )
    conditions.demand_all(actor, nomination, step)
    return nomination, step


def _is_held_by_other(actor: Actor, nomination: Nomination) -> bool:
    return (
        nomination.taken_by_id is not None
        and nomination.taken_by_id != actor.user_id
        and nomination.taken_at is not None
        and clock.now() - nomination.taken_at < climbing.HELD_FOR
    )


def _overtaken(nomination: Nomination) -> Conflict:
    """Tell the second of two who decided what."""
    last = cases.last_decision(nomination.id)
    if last is None:
        return Conflict("changed_meanwhile", _l("您打开之后，这里被人改过。请看看新的样子，再办一次。"))
    name = last.actor.person.name if last.actor is not None else _l("推荐人")
    return Conflict(
        "decided_meanwhile",
        _l("%(name)s 刚刚办过这件了。请看看新的进度，您写的意见还在。", name=name),
        by=str(name),
        verb=last.verb.value,
        at=last.at,
    )


def _reason(reason: str | None) -> str:
    plain = (reason or "").strip()
    if not plain:
        raise Invalid("reason_missing", _l("请写明原因，推荐人会看到。"), field="reason")
    if len(plain) > REASON_MOST:
        raise Invalid("reason_too_long", _l("原因请不超过 1000 个字。"), field="reason")
    return plain


def take(actor: Actor, nomination_id: int, *, expected: int) -> Decision:
    """Take the case in hand, so that colleagues see who works at it."""
    nomination, _step = _begin(actor, nomination_id, Verb.TAKE, expected)
    decision = step_taken(nomination, Verb.TAKE, actor_id=actor.user_id)
    undoing.sign_for(actor, decision, nomination.desk_path)
    nomination.taken_by_id = actor.user_id
    nomination.taken_at = clock.now()
    return decision


def release(actor: Actor, nomination_id: int, *, expected: int) -> Decision:
    """Lay it back on the desk."""
    nomination, _step = _begin(actor, nomination_id, Verb.RELEASE, expected)
    return step_taken(nomination, Verb.RELEASE, actor_id=actor.user_id)


def hand_over(actor: Actor, nomination_id: int, *, expected: int, reason: str | None) -> Decision:
    """Give the case to colleagues of this desk, or, where there is none who may decide, to the desk above.

    Even the recused may: it is what they have to do.
    """
    nomination, _step = _begin(actor, nomination_id, Verb.HAND_OVER, expected, even_recused=True)
    was = undoing.remember(nomination)
    decision = step_taken(nomination, Verb.HAND_OVER, actor_id=actor.user_id, reason=_reason(reason))
    undoing.allow(actor, decision, was)
    if not cases.has_other_staff(nomination.desk_path, actor.user_id):
        above = nomination.desk_path[: nomination.desk_path.rstrip(".").rfind(".") + 1]
        if above:
            nomination.desk_path = above
            nomination.raised_path = None
    return decision


def return_for_supplement(actor: Actor, nomination_id: int, *, expected: int, reason: str | None) -> Decision:
    """Ask the nominator once for everything that is missing; the clock stands still meanwhile."""
    nomination, _step = _begin(actor, nomination_id, Verb.RETURN, expected)
    was = undoing.remember(nomination)
    decision = step_taken(
        nomination,
        Verb.RETURN,
        actor_id=actor.user_id,
        reason=_reason(reason),
        supplement_days=nomination.rule.supplement_days,
    )
    letters.tell_all("returned", nomination, decision, due_at=undoing.allow(actor, decision, was))
    return decision


def pass_on(actor: Actor, nomination_id: int, *, expected: int, reason: str | None = None) -> Decision:
    """Complete and eligible: the case waits for this level's round to judge it (初审通过)."""
    nomination, _step = _begin(actor, nomination_id, Verb.PASS, expected)
    was = undoing.remember(nomination)
    decision = step_taken(nomination, Verb.PASS, actor_id=actor.user_id, reason=(reason or "").strip() or None)
    letters.tell_all("ready", nomination, decision, due_at=undoing.allow(actor, decision, was))
    return decision


def endorse(actor: Actor, nomination_id: int, *, expected: int, reason: str | None = None) -> Decision:
    """Elected here and recommended upward: an honour of this level, and the next level's desk."""
    levels = _levels()
    nomination, step = _begin(actor, nomination_id, Verb.ENDORSE, expected)
    return _named(actor, nomination, step, levels, reason, was=undoing.remember(nomination))


def elect(actor: Actor, nomination_id: int, *, expected: int, reason: str | None = None) -> Decision:
    """Elected here, and no further: the case ends with this level's honour. At level 5: the city's roll."""
    levels = _levels()
    nomination, step = _begin(actor, nomination_id, Verb.ELECT, expected)
    return _named(actor, nomination, step, levels, reason, was=undoing.remember(nomination))


def confirm(actor: Actor, nomination: Nomination, *, document: str | None = None) -> Decision:
    """What the round proposed and nobody could object to is decided now. The caller holds round and case.

    What a rule forbids by now (honoured elsewhere meanwhile) goes back to the desk with the reason, and everybody is told:
    one name must not keep the others from being published.
    """
    if nomination.status is Status.PROPOSED and not nomination.is_protected:
        raise NotNow("not_put_up", _l("名单还没有公示。先公示，期满了再一起发布。"))
    bar = eligibility.bar_to(nomination)
    if bar is not None:
        with force_locale("zh"):
            reason = str(bar.sentence)
        decision = step_taken(nomination, Verb.RECALL, actor_id=actor.user_id, reason=reason, closing=True)
        letters.tell_all("recalled", nomination, decision)
        return decision
    verb = Verb.ENDORSE if nomination.proposed_upward else Verb.ELECT
    return _named(actor, nomination, step_from(nomination.position, verb, closing=True), _levels(), None, document=document)


def _levels() -> dict[int, LevelRule]:
    """The rules in force, read before the case so that its own rule needs no statement of its own."""
    return {rule.level: rule for rule in cases.rules_in_force(clock.today())}


def _named(
    actor: Actor,
    nomination: Nomination,
    step: Step,
    levels: dict[int, LevelRule],
    reason: str | None,
    *,
    document: str | None = None,
    was: str | None = None,
) -> Decision:
    """Elected; then either the next level's desk or the end. `was`: a click, which may be undone for some minutes."""
    line = line_of_path(nomination.home_path)
    above = next((place for place in reversed(line) if place.level > nomination.level), None)
    if step.climbs and above is None:
        raise NotNow("no_level_above", _l("这里已经是最高一级了，请选“评上，到此为止”。"))
    decision = _elected(actor, nomination, step, line, levels, reason, document, was)
    honour_id = nomination.honour_id
    if step.climbs:
        assert above is not None
        climbed(nomination, above.id, above.level, desk_of(above), levels[above.level])
    else:
        ended(nomination, Status.ELECTED, actor.user_id)
    rewarding.reward(actor, nomination, honour_id)
    letters.tell_all("endorsed" if step.climbs else "elected", nomination, decision, due_at=undoing.told_after(decision) if was else None)
    return decision


def _elected(
    actor: Actor, nomination: Nomination, step: Step, line: list[Region], levels: dict[int, LevelRule], reason: str | None,
    document: str | None, was: str | None,
) -> Decision:  # fmt: skip
    """The row of history, the honour of this level, and what the roll may show of it."""
    with db.session.no_autoflush:
        honour = honours.bestow(
            actor,
            person_id=nomination.nominee_id,
            nomination_id=nomination.id,
            category_id=nomination.category_id,
            region=next(place for place in line if place.id == nomination.region_id),
            line=line,
            days=nomination.rule.board_days,
            review_months=nomination.rule.review_months,
            document=document,
            public_from=clock.now() + climbing.TOLD_AFTER if was else None,
        )
        decision = decided(nomination, step, actor_id=actor.user_id, reason=(reason or "").strip() or None)
        if was is not None:
            undoing.allow(actor, decision, was)
        nomination.honour_id = honour.id
        publishing.refresh(actor, nomination, levels)
    return decision


def decline(actor: Actor, nomination_id: int, *, expected: int, reason: str | None) -> Decision:
    """Not elected here; the reason is shown to the nominator. Honours of lower levels stay."""
    nomination, step = _begin(actor, nomination_id, Verb.DECLINE, expected)
    was = undoing.remember(nomination)
    decision = decided(nomination, step, actor_id=actor.user_id, reason=_reason(reason))
    ended(nomination, Status.DECLINED, actor.user_id)
    letters.tell_all("declined", nomination, decision, due_at=undoing.allow(actor, decision, was))
    return decision

