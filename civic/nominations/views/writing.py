"""Writing a nomination in four short steps; a draft is kept at each, nothing typed is ever lost."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, crypto, images, storage
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.core.text import length_in_characters
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.nominations.actions import drafting, guarding
from civic.nominations.forms.nominating import CHANNEL_WORDS, RELATION_WORDS, LookOverForm, StoryForm, WhereForm, WhoForm
from civic.nominations.models.cases import Draft
from civic.nominations.queries import cases
from civic.nominations.rules import climbing, telling
from civic.nominations.views import pages
from civic.nominations.views.answers import first_open, guardian_from
from civic.nominations.views.proving import finish
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
FORMS = {1: WhoForm, 2: WhereForm, 3: StoryForm, 4: LookOverForm}
KEPT_NOT = ("csrf_token", "photos", "truth")


def _draft() -> Draft | None:
    draft = cases.draft_by_token(cookie.get("draft"))
    return draft if draft is not None and draft.submitted_as_id is None else None


@pages.get("/start")
@anyone
def start() -> Answer:
    """Begin, or go on where one stopped."""
    draft = _draft()
    if draft is not None and request.args.get("anew") != "1":
        answers = drafting.answers_of(draft)
        if answers.get("nominee_name"):
            return render_template("nominations/start.html", answers=answers, step=first_open(answers), draft=draft)
    return redirect(url_for("nominations.step", n=1, anew=1))


def _form(n: int, answers: dict[str, Any]) -> Any:
    form = FORMS[n](data=answers) if request.method == "GET" else FORMS[n]()
    if n == 1:
        form.category.choices = choices((str(c.id), c.name) for c in honours.categories(clock.today()))
    return form


@pages.route("/step/<int(min=1,max=4):n>", methods=["GET", "POST"])
@anyone
def step(n: int) -> Answer:
    draft = _draft() if request.args.get("anew") != "1" or request.method == "POST" else None
    answers = drafting.answers_of(draft) if draft is not None else {}
    if n > 1 and draft is None:
        return redirect(url_for("nominations.start"))
    if request.method == "GET" and n > max(1, first_open(answers)):
        return redirect(url_for("nominations.step", n=first_open(answers)))
    form = _form(n, answers)
    status = 200
    if request.method == "POST":
        draft_id = _kept(form)
        draft = cases.draft_by_token(cookie["draft"])
        answers = drafting.answers_of(draft)
        status = 422
        if n == 3 and _photos_changed(form, draft_id):
            status = 200 if not form.errors else 422
        elif form.validate() and _fits(n, form, answers):
            if n < 4:
                return redirect(url_for("nominations.step", n=n + 1), 303)
            answer = finish(form, draft_id, answers)
            if answer is not None:
                return answer
    return render_template(f"nominations/step_{n}.html", form=form, n=n, draft=draft, **_things(n, form, draft, answers)), status


def _kept(form: Any) -> int:
    """Save what was typed, valid or not."""
    if "draft" not in cookie or _draft() is None:
        cookie["draft"] = crypto.token()
        cookie.permanent = True
    typed = {f.name: f.data for f in form if f.name not in KEPT_NOT}
    with transaction():
        draft = drafting.open_draft(session.actor(), cookie["draft"])
        drafting.keep(draft.id, typed)
        return draft.id


@pages.post("/autosave/<int(min=1,max=4):n>")
@anyone
def autosave(n: int) -> tuple[str, int]:
    """Keep what is on the page without judging it."""
    if _draft() is None:
        return "", 409
    _kept(_form(n, {}))
    return "", 204


def _photos_changed(form: StoryForm, draft_id: int) -> bool:
    """Take in or drop photographs; whether the person stays on this page."""
    stays = request.form.get("do") == "upload" or "drop" in request.form
    for file in form.photos.data or []:
        if not getattr(file, "filename", ""):
            continue
        try:
            picture = images.prepare(file.stream)
            with transaction():
                drafting.add_photo(picture, draft_id=draft_id)
        except DomainError as error:
            error.field = "photos"
            form.refuse(error)
            stays = True
    if "drop" in request.form:
        with transaction():
            keys = drafting.drop_photo(draft_id, arguments.sent_number("drop", 0))
        for key in keys or ():
            storage.remove(key)
    return stays


def _fits(n: int, form: Any, answers: dict[str, Any]) -> bool:
    """What the fields alone cannot say."""
    try:
        if n == 1:
            _guardian_fits(form)
        if n == 2:
            place = regions.by_id(form.region.data)
            if place is None or place.is_retired or not climbing.enters_at(place.level):
                form.region.errors = [_("请选到社区或楼栋。")]
                return False
            if answers.get("channel") == "school" and place.level != 2:
                form.region.errors = [_("学校推荐同学，从学校所在的社区开始。请选到社区，再选“不知道是哪栋”。")]
                return False
        if n == 3:
            day = telling.day_from(form.deed_on.data or "")
            if day is not None and day > clock.today():
                raise Invalid("deed_in_future", _("还没到这一天，请再看一眼。"), field="deed_on")
            telling.check_story(form.story.data)
        return True
    except DomainError as error:
        form.refuse(error)
        return False


def _guardian_fits(form: WhoForm) -> None:
    """The school's channel asks a guardian at once; for other children a word once begun is finished."""
    word = guardian_from({f.name: f.data for f in form})
    if word is None and form.channel.data == "school":
        raise Invalid("guardian_missing", _("推荐同学，要先问过监护人。请写监护人的姓名和电话；推荐老师，请选“单位职工”。"), field="guardian_name")
    if word is not None:
        guarding.check(word)


def _things(n: int, form: Any, draft: Draft | None, answers: dict[str, Any]) -> dict[str, Any]:
    """What the page of a step shows besides its form."""
    if n == 1:
        chosen = honours.categories(clock.today())
        return {
            "icons": {str(c.id): c.icon for c in chosen},
            "descriptions": {str(c.id): c.description for c in chosen},
        }
    if n == 2:
        at = arguments.number("at") or answers.get("region")
        chooser = regions.chooser(at, request.args.get("search"))
        if chooser.at is not None and chooser.at.level == 1:
            chooser = regions.chooser(chooser.at.parent_id)
        stewards = identity.stewards_in(chooser.at.path) if chooser.at is not None and chooser.at.level == 2 else {}
        return {"chooser": chooser, "stewards": stewards, "rule": cases.rule_in_force(1, clock.today())}
    photos = cases.draft_photos(draft.id) if draft is not None else []
    if n == 3:
        return {"photos": photos, "length": length_in_characters(form.story.data or ""), "least": telling.STORY_LEAST,
                "most": telling.STORY_MOST, "photos_most": telling.PHOTOS_MOST}  # fmt: skip
    place = regions.by_id(answers.get("region") or 0)
    same = cases.same_deed(answers.get("nominee_name", ""), int(answers.get("category") or 0), place) if place else []
    names = {str(c.id): c.name for c in honours.categories(clock.today())}
    return {
        "answers": answers,
        "photos": photos,
        "line": regions.line_of(place) if place is not None else [],
        "place": place,
        "category_name": names.get(answers.get("category", "")),
        "relation_words": RELATION_WORDS.get(answers.get("relation")),
        "channel_words": CHANNEL_WORDS.get(answers.get("channel")),
        "same": [case for case in same if case.status.value != "elected"],
        "honoured": [case for case in same if case.status.value == "elected"],
        "rule": cases.rule_in_force(place.level if place else 1, clock.today()),
        "length": length_in_characters(answers.get("story") or ""),
    }
