"""The schedule at the desk: what a rule's days are called, what generating did, hours taken away, the sheet to sign on."""

from __future__ import annotations

from flask import Response as File
from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core.db import transaction
from civic.identity.permissions import Permission, out_of_reach
from civic.volunteering import files
from civic.volunteering.actions import scheduling
from civic.volunteering.desk import pages
from civic.volunteering.forms.words import ROLE_WORDS, WEEKDAY_WORDS
from civic.volunteering.models.events import Pattern
from civic.volunteering.queries import events as questions
from civic.volunteering.queries import lists, shifts
from civic.volunteering.states import Rhythm
from civic.web import filters, session
from civic.web.guards import needs


def rhythm_words(pattern: Pattern) -> str:
    """工作日；每天；每周六、周日 · 12月5日 到 1月30日。"""
    if pattern.rhythm is Rhythm.WEEKLY:
        words = _("每%(days)s", days="、".join(str(WEEKDAY_WORDS[day]) for day, mark in enumerate(pattern.weekdays) if mark == "1"))
    else:
        words = _("工作日") if pattern.rhythm is Rhythm.WORKDAYS else _("每天")
    if pattern.first is None or pattern.last is None:
        return words
    if pattern.first == pattern.last:
        return _("只有%(day)s", day=filters.day(pattern.first))
    return _("%(words)s · %(first)s 到 %(last)s", words=words, first=filters.day(pattern.first), last=filters.day(pattern.last))


def said(made: scheduling.Generated) -> str:
    """What generating did, and what it left alone and why."""
    words = [_("排好了：新排 %(made)s 班，改了 %(changed)s 班，去掉 %(removed)s 班；有人报名的 %(kept)s 班没有动。", made=made.made, changed=made.changed, removed=made.removed, kept=made.kept)]
    if made.restored:
        words.append(_("其中 %(count)s 班原来说不办，现在照旧办，报过的人都问了。", count=made.restored))
    if made.called_off:
        words.append(_("说了不办的 %(count)s 班还是不办；要办，打开那一天点“照旧办”。", count=made.called_off))
    if made.by_hand:
        words.append(_("手改过的 %(count)s 班照手改的。", count=made.by_hand))
    return "".join(words)


@pages.post("/patterns/<int:pattern_id>/removal")
@needs(Permission.EVENT_RUN)
def end_pattern(pattern_id: int) -> Response:
    """Hours that were written wrong, or are not wanted any more."""
    found = questions.pattern_by_id(pattern_id)
    if found is None:
        raise out_of_reach()
    event = questions.in_reach_of(session.actor(), found.event_id)
    with transaction():
        gone = scheduling.end_pattern(session.actor(), pattern_id)
    flash(_("去掉了，收回 %(count)s 班。有人报过名的班还在。", count=gone))
    return redirect(url_for("volunteering.desk.event", event_id=event.id), 303)


@pages.post("/shifts/<int:shift_id>/sheet")
@needs(Permission.EVENT_RUN)
def print_sheet(shift_id: int) -> File:
    """签到表 on paper."""
    shift = shifts.shift_by_id(shift_id)
    if shift is None:
        raise out_of_reach()
    questions.in_reach_of(session.actor(), shift.event_id)
    paper = files.sheet(shift, lists.list_of(shift.id), ROLE_WORDS)
    with transaction():
        audit.record(session.actor().user_id, "print.attendance", ("shift", shift.id), region_path=shift.event.region_path)
    return File(paper, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="attendance.pdf"', "Cache-Control": "private, no-store"})
