"""Hours that wait for a word: an objection to answer, somebody who forgot to sign out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import listing
from civic.identity.permissions import Permission, may, out_of_reach
from civic.volunteering.actions import attesting, counting
from civic.volunteering.actions import flags as looking
from civic.volunteering.desk import pages
from civic.volunteering.forms.hours import AttestForm, HoursForm, LookForm
from civic.volunteering.forms.words import FLAG_WORDS, HOW_WORDS
from civic.volunteering.queries import flags as suspicious
from civic.volunteering.queries import hours as questions
from civic.volunteering.queries import paper, people, sign_ups
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.forms import Form
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]
FLAGS_SHOWN = 50


def _page(form: Form, at: tuple[str, int] | None = None) -> str:
    """`at`: beside which line something was wrong, of hours or of those who missed a shift; what was typed stays there."""
    paths = session.actor().paths_for(Permission.EVENT_RUN)
    return render_template(
        "volunteering/desk/hours.html", rows=questions.open_words(paths), missed=questions.missed_lately(paths, limit=listing.ALL if request.args.get("all") else questions.MISSED), asked=questions.open_attestations(paths),
        form=form, at=at, how=HOW_WORDS, me=session.actor().user_id, sheets=paper.waiting_in(paths),
    )  # fmt: skip


@pages.get("/hours")
@needs(Permission.EVENT_RUN)
def hours() -> str:
    return _page(HoursForm(formdata=None))


@pages.get("/flags")
@needs(Permission.EVENT_RUN)
def flags() -> str:
    """What stands out, by name of rule, and what to do about it. Nothing follows by itself."""
    told = suspicious.standing(_paths())
    most = listing.ALL if request.args.get("all") else FLAGS_SHOWN
    open_, aside = listing.first_of(told.open, most), listing.first_of(told.aside, most)
    found = [*open_, *(flag for flag, _look in aside)]
    names = session.names_of({user for flag in found for user in flag.user_ids} | {look.by_user_id for _flag, look in aside})
    persons = people.names_of([flag.person_id for flag in found if flag.person_id is not None])
    return render_template("volunteering/desk/flags.html", open=open_, aside=aside, unread=suspicious.unread(_paths()), names=names, persons=persons, words=FLAG_WORDS)


def _paths() -> list[str]:
    return sorted(session.actor().paths_for(Permission.EVENT_RUN))


def _flag(key: str, form: LookForm) -> str:
    """One that stands out, with everything it counted: who is to ask needs to see what."""
    told = suspicious.standing(_paths())
    looks = {flag.key: look for flag, look in told.aside}
    flag = next((flag for flag in (*told.open, *(flag for flag, _look in told.aside)) if flag.key == key), None)
    if flag is None:
        raise out_of_reach()
    times = suspicious.occurrences_of(flag, _paths(), limit=listing.ALL if request.args.get("all") else suspicious.TIMES)
    look = looks.get(key)
    names = session.names_of({*flag.user_ids, *(t.by for t in times), *(t.second for t in times if t.second), *([look.by_user_id] if look else [])})
    persons = people.names_of([flag.person_id] if flag.person_id is not None else [])
    return render_template("volunteering/desk/flag.html", f=flag, look=look, times=times, names=names, persons=persons, words=FLAG_WORDS, form=form)


@pages.get("/flags/<key>")
@needs(Permission.EVENT_RUN)
def flag(key: str) -> str:
    return _flag(key, LookForm(formdata=None))


@pages.post("/flags/<key>")
@needs(Permission.EVENT_RUN)
def look(key: str) -> Answer:
    """看过了: put one aside with what was found, until it happens again."""
    form = LookForm()
    if form.carried_out(lambda: looking.look(session.actor(), key, reason=form.reason.data or "")):
        flash(_("记下了，放到了“看过的”里。再发生一次，会重新摆出来。"))
        return redirect(url_for("volunteering.desk.flags"), 303)
    return _flag(key, form), form.status


@pages.post("/hours/<int:hours_id>/<deed>")
@needs(Permission.EVENT_RUN)
def word(hours_id: int, deed: str) -> Answer:
    """`stayed`: the person stayed to the end; `word`: other minutes, an answer."""
    found = questions.hours_by_id(hours_id)
    if found is None or deed not in ("stayed", "word") or not may(session.actor(), Permission.EVENT_RUN, found.shift.event.region_path):
        raise out_of_reach()
    form = HoursForm()
    if form.carried_out(lambda: counting.settle_word(session.actor(), hours_id, minutes=form.minutes.data, answer=form.answer.data, stayed=deed == "stayed")):
        flash(_("记下了。"))
        return redirect(url_for("volunteering.desk.hours"), 303)
    return _page(form, ("hours", hours_id)), form.status


@pages.post("/missed/<int:sign_up_id>/attestation")
@needs(Permission.EVENT_RUN)
def attest(sign_up_id: int) -> Answer:
    """Ask to fill in the hours of somebody who was there after all."""
    found = sign_ups.sign_up_by_id(sign_up_id)
    if found is None or not may(session.actor(), Permission.EVENT_RUN, found.shift.event.region_path):
        raise out_of_reach()
    form = AttestForm()
    if form.carried_out(lambda: attesting.request_attestation(session.actor(), sign_up_id, minutes=form.minutes.data, evidence=form.evidence.data)):
        flash(_("申请好了，要另一位同志确认。"))
        return redirect(url_for("volunteering.desk.hours"), 303)
    return _page(form, ("missed", sign_up_id)), form.status


@pages.post("/attestations/<int:attestation_id>/<deed>")
@needs(Permission.EVENT_RUN)
def decide(attestation_id: int, deed: str) -> Answer:
    """The second person's yes or no."""
    found = questions.attestation_by_id(attestation_id)
    if found is None or deed not in ("confirmation", "refusal") or not may(session.actor(), Permission.EVENT_RUN, found.sign_up.shift.event.region_path):
        raise out_of_reach()
    form = Form()
    yes = Question(_("确认这次补登？"), [_("时长和积分马上记给他（她）。")], _("确认"))
    no = Question(_("不同意补登？"), [_("这一班就按没来算，申请的人会看到。"), _("定了就不能再改。")], _("不同意"))
    return ask_of(
        form, lambda: yes if deed == "confirmation" else no,
        lambda: attesting.decide_attestation(session.actor(), attestation_id, confirms=deed == "confirmation"),
        done=_("记下了。"), to=url_for("volunteering.desk.hours"), page=lambda: _page(form),
    )  # fmt: skip
