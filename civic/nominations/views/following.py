"""After submitting, by the nominator's own link: supplement, withdraw; and the photographs of a case."""

from __future__ import annotations

from flask import Response as Plain
from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import images, storage
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.nominations.actions import drafting, submitting
from civic.nominations.forms.nominating import SupplementForm
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, drafts
from civic.nominations.rules import links
from civic.nominations.states import Status
from civic.nominations.views import pages
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]


def voice_of(token: str) -> Voice:
    """The nominator whose link this is."""
    number = links.voice_id_from(token)
    voice = cases.voice_by_id(number) if number is not None else None
    if voice is None:
        abort(404)
    return voice


@pages.route("/supplement/<token>", methods=["GET", "POST"])
@anyone
def supplement(token: str) -> Answer:
    voice = voice_of(token)
    case = voice.nomination
    if case.status is not Status.RETURNED or not cases.is_first_voice(voice):
        return redirect(url_for("pages.tracked", token=token))
    form = SupplementForm(story=case.story, version=case.version)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate() and _supplemented(form, voice):
            flash(_("补好了，计时接着走。"))
            return redirect(url_for("pages.tracked", token=token), 303)
    return render_template("nominations/supplement.html", form=form, voice=voice, case=case, token=token), status


def _supplemented(form: SupplementForm, voice: Voice) -> bool:
    try:
        files = [f for f in form.photos.data or [] if getattr(f, "filename", "")]
        pictures = [images.prepare(f.stream) for f in files]
        with transaction():
            fresh = cases.voice_by_id(voice.id)
            for picture in pictures:
                drafting.add_photo(picture, nomination_id=fresh.nomination_id)
            submitting.resubmit(
                fresh, story=form.story.data, words=form.words.data or "", expected=int(form.version.data or 0)
            )
        return True
    except DomainError as error:
        form.refuse(error)
        return False


@pages.route("/withdraw/<token>", methods=["GET", "POST"])
@anyone
def withdraw(token: str) -> Answer:
    voice = voice_of(token)
    return ask(
        lambda: Question(
            _("要撤回吗？"), [_("编号 %(reference)s 的推荐撤回以后就不再往下办。想再推荐，要重新写。", reference=voice.nomination.reference)], _("撤回推荐")
        ),
        lambda _reason: submitting.withdraw(cases.voice_by_id(voice.id)),
        done=_("撤回了。想再推荐，随时可以重新开始。"), to=url_for("pages.tracked", token=token), try_first=True,
    )  # fmt: skip


@pages.get("/photo/<path:key>")
@anyone
def photo(key: str) -> Plain:
    """A photograph, to whoever writes the draft, follows the case by link, or has the case in reach."""
    found = cases.photo_by_key(key)
    if found is None or not _may_see(found.draft_id, found.nomination_id):
        abort(404)
    with storage.open_(key) as file:
        answer = Plain(file.read(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _may_see(draft_id: int | None, nomination_id: int | None) -> bool:
    if draft_id is not None:
        draft = drafts.by_id(draft_id)
        return draft is not None and drafts.is_of(draft, cookie.get("draft"), session.actor().user_id) and not drafts.is_left_behind(draft)
    number = links.voice_id_from(request.args.get("t", ""))
    if number is not None:
        voice = cases.voice_by_id(number)
        return voice is not None and voice.nomination_id == nomination_id and cases.is_first_voice(voice)
    try:
        cases.in_reach_of(session.actor(), nomination_id or 0)
        return True
    except DomainError:
        return False
