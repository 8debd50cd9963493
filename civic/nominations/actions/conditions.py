"""What has to hold before a step: the conditions that the table of states names."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from civic.core.errors import NotAllowed, NotNow
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.inquiries import Outcome
from civic.nominations.queries import eligibility, guardians, inquiries
from civic.nominations.rules import climbing, telling
from civic.nominations.states import Step, Verb


def _complete(nomination: Nomination) -> None:
    """The case has what the level needs to judge it."""
    telling.check_story(nomination.story)


def _dated(nomination: Nomination) -> None:
    """A neighbour need not know when it was; from the community on the desk has asked, or no rule could be held to it."""
    if nomination.level >= climbing.DATED_FROM and nomination.deed_on is None:
        raise NotNow(
            "deed_undated",
            _l("还不知道是哪年哪月的事，只评几年以内的。请问一问推荐人或者本人，在“走访和部门意见”的“哪年哪月的事”里填上，再往下办。"),
            nomination=nomination.id,
        )


def _by_round(nomination: Nomination) -> None:
    if not nomination.rule.by_round:
        raise NotNow("no_rounds_here", _l("这一级不分期，看完材料直接办就行。"))


def _without_round(nomination: Nomination) -> None:
    if nomination.rule.by_round:
        raise NotNow("needs_round", _l("这一级按期评选：材料齐了请点“初审通过”，评议、公示之后一起定。"))


def _guarded(nomination: Nomination) -> None:
    if nomination.channel is Channel.SCHOOL and nomination.id not in guardians.agreed([nomination.id]):
        raise NotNow("guardian_first", _l("还没有监护人的同意，不能往下办。"))


def _free(nomination: Nomination) -> None:
    bar = eligibility.bar_to(nomination)
    if bar is not None:
        raise bar


def _visited(nomination: Nomination) -> None:
    if needs_visit(nomination) and inquiries.valid_visit(nomination.id) is None:
        raise NotNow("visit_first", _l("还没有有效的走访核查（90 天内、情况属实）。请先走访，再往下办。"))


def _consulted(nomination: Nomination) -> None:
    if not nomination.rule.needs_opinions:
        return
    standing = inquiries.standing_opinions(nomination.id)
    if Outcome.OBJECTION in standing.values():
        raise NotNow("department_objects", _l("有部门提出异议，不能往下办。"))
    if not set(inquiries.departments_for(nomination.id)) <= set(standing):
        raise NotNow("opinions_first", _l("部门的意见还没有回齐。没有答复不等于同意，请等一等或者催一催。"))


# What the table's `conditions` name. Part of the procedure that a city adds is one more line here.
CONDITIONS: dict[str, Callable[[Nomination], None]] = {
    "complete": _complete,
    "dated": _dated,
    "by_round": _by_round,
    "without_round": _without_round,
    "visited": _visited,
    "consulted": _consulted,
    "guarded": _guarded,
    "free": _free,
}


def demand_all(actor: Actor, nomination: Nomination, step: Step) -> None:
    """Ask everything the table wants before this step; and whoever went to see does not decide as well."""
    for name in step.conditions:
        CONDITIONS[name](nomination)
    if step.elected or step.verb is Verb.PROPOSE:
        visit = inquiries.valid_visit(nomination.id) if needs_visit(nomination) else None
        if visit is not None and visit.visitor_id == actor.user_id and visit.level == nomination.level:
            raise NotAllowed("visited_oneself", _l("这件是您走访的，要换一位同志来定。"))


def needs_visit(nomination: Nomination) -> bool:
    """Whether somebody has to go and see before this level decides."""
    return nomination.rule.needs_visit or nomination.channel in climbing.SEEN_ON_THE_SPOT
