"""Writing down what somebody told by telephone or brought on paper; the slip they take home; the photographed sheet."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import clock, pdf
from civic.core.db import transaction
from civic.honours import queries as honours
from civic.identity.models import ConsentMethod, PersonKind, Sex
from civic.identity.permissions import Permission, may, out_of_reach
from civic.identity.rules import contact_from
from civic.nominations import files
from civic.nominations.actions import entering
from civic.nominations.desk import pages
from civic.nominations.forms.entries import TOLD_WORDS, EntryForm
from civic.nominations.models.cases import Channel
from civic.nominations.models.voices import Relation, ToldHow, Voice
from civic.nominations.queries import cases
from civic.nominations.rules import links, telling
from civic.nominations.rules.telling import Answers, GuardianWord
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.web import arguments, evidence, session
from civic.web.fields import choices
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _place() -> Region:
    """Where the nominee lives, as far as it is known: the actor's own region, or the one chosen below it."""
    actor = session.actor()
    paths = actor.paths_for(Permission.NOMINATION_ENTER)
    at = arguments.number("at", int(paths[0].rstrip(".").split(".")[-1]))
    place = regions.by_id(at)
    if place is None or not may(actor, Permission.NOMINATION_ENTER, place.path):
        raise out_of_reach()
    return place


def _answers(form: EntryForm) -> Answers:
    guardian = None
    if form.guardian_name.data or form.guardian_contact.data:
        method = form.guardian_method.data
        guardian = GuardianWord(
            form.guardian_name.data or "", form.guardian_contact.data or "", ConsentMethod(method) if method in set(ConsentMethod) else None
        )
    return Answers(
        category_id=form.category.data, channel=Channel(form.channel.data), relation=Relation(form.relation.data),
        nominee_kind=PersonKind.INDIVIDUAL, nominee_name=form.nominee_name.data,
        nominee_sex=Sex(form.nominee_sex.data) if form.nominee_sex.data else None, nominee_is_minor=form.nominee_is_minor.data,
        nominee_is_deceased=form.nominee_is_deceased.data, nominee_phone=None,
        work_unit=form.work_unit.data or None, region_id=form.region.data, headline=form.headline.data, summary="",
        story=form.story.data, may_tell_nominee=not form.keep_quiet.data, nominator_name=form.nominator_name.data,
        deed_on=telling.day_from(form.deed_on.data or ""), guardian=guardian,
    )  # fmt: skip


@pages.route("/entry", methods=["GET", "POST"])
@needs(Permission.NOMINATION_ENTER)
def entry() -> Answer:
    place = _place()
    form = EntryForm()
    form.category.choices = choices((c.id, c.name) for c in honours.categories(clock.today()))
    below = regions.children(place) if place.level == 2 else []
    form.region.choices = choices([(place.id, _("%(place)s，不知道是哪栋", place=place.name) if below else place.name), *((r.id, r.name) for r in below)])
    made: list[Voice] = []

    def write_down() -> None:
        file = form.sheet.data
        key = evidence.keep(file) if file and getattr(file, "filename", "") else None
        contact = contact_from(form.contact.data) if form.contact.data else None
        made.append(entering.enter(session.actor(), _answers(form), contact, how=ToldHow(form.told_how.data), sheet_key=key))

    if request.method == "POST" and form.carried_out(write_down):
        flash(_("记下了。请把编号告诉他（她）。"))
        return redirect(url_for("nominations.desk.entered", voice_id=made[0].id), 303)
    return _entry_page(form, place), form.status if request.method == "POST" else 200


def _entry_page(form: EntryForm, place: Region) -> str:
    paths = session.actor().paths_for(Permission.NOMINATION_ENTER)
    line = [p for p in regions.line_of(place) if any(p.path.startswith(path) for path in paths)]
    return render_template(
        "nominations/desk/entry.html", form=form, place=place, line=line, below=regions.children(place) if place.level > 2 else [],
        least=telling.STORY_LEAST,
    )  # fmt: skip


def _voice(voice_id: int) -> Voice:
    """Something that was written down for somebody, in the actor's reach."""
    found = cases.voice_by_id(voice_id)
    if found is None or found.entered_by_id is None:
        raise out_of_reach()
    cases.in_reach_of(session.actor(), found.nomination_id)
    return found


@pages.get("/entry/<int:voice_id>")
@needs(Permission.NOMINATION_ENTER)
def entered(voice_id: int) -> str:
    voice = _voice(voice_id)
    return render_template("nominations/desk/entered.html", voice=voice, case=voice.nomination, words=TOLD_WORDS)


@pages.post("/entry/<int:voice_id>/receipt")
@needs(Permission.NOMINATION_ENTER)
def print_receipt(voice_id: int) -> Plain:
    """The slip for whoever told it. Its code opens their page, so only the enterer prints it."""
    voice = _voice(voice_id)
    if voice.entered_by_id != session.actor().user_id:
        raise out_of_reach()
    data: dict[str, Any] = files.receipt_of(voice, links.tracking_token(voice.id))
    answer = Plain(pdf.printed("receipt", data), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote('推荐回执-' + voice.nomination.reference)}.pdf"
    answer.headers["Cache-Control"] = "private, no-store"
    with transaction():
        audit.record(session.actor().user_id, "print.receipt", ("nomination", voice.nomination_id))
    return answer


@pages.get("/entry/<int:voice_id>/sheet")
@needs(Permission.NOMINATION_READ)
def sheet(voice_id: int) -> Plain:
    """The photographed paper: for the desk that decides, and for whoever entered it."""
    voice, actor = _voice(voice_id), session.actor()
    is_theirs = voice.entered_by_id == actor.user_id or may(actor, Permission.NOMINATION_REVIEW, voice.nomination.desk_path)
    if voice.sheet_key is None or not is_theirs:
        raise out_of_reach()
    return evidence.shown(voice.sheet_key)
