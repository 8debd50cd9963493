"""Writing a nomination in four short steps; a draft is kept at each, nothing typed is ever lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, images, limits, storage
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.core.text import length_in_characters
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.nominations.actions import drafting, guarding
from civic.nominations.forms.nominating import CHANNEL_WORDS, RELATION_WORDS, LookOverForm, StoryForm, WhereForm, WhoForm
from civic.nominations.models.cases import Channel, Draft
from civic.nominations.queries import cases, drafts
from civic.nominations.rules import climbing, telling
from civic.nominations.states import OPEN, Status
from civic.nominations.views import offered, pages
from civic.nominations.views.answers import first_open, guardian_from
from civic.nominations.views.holding import draft_at, holder
from civic.nominations.views.proving import finish
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
FORMS = {1: WhoForm, 2: WhereForm, 3: StoryForm, 4: LookOverForm}


def _form(n: int, answers: dict[str, Any]) -> Any:
    form = FORMS[n](data=answers) if request.method == "GET" else FORMS[n]()
    if n == 1:
        form.category.choices = choices((str(c.id), c.name) for c in honours.categories(clock.today()))
    return form


@pages.route("/drafts/<key>/step/<int(min=1,max=4):n>", methods=["GET", "POST"])
@anyone
def draft_step(key: str, n: int) -> Answer:
    """One of the four steps; what is typed is kept whether it is right or not."""
    draft = draft_at(key)
    if draft is None and n > 1:
        return redirect(url_for("nominations.start"), 303)
    if draft is not None and draft.submitted_as_id is not None:
        return redirect(url_for("nominations.draft_done", key=key), 303)
    answers = drafting.answers_of(draft) if draft is not None else {}
    if request.method == "GET":
        holder()
        if n > max(1, first_open(answers)):
            return redirect(url_for("nominations.draft_step", key=key, n=first_open(answers)))
        return _page(n, key, _form(n, answers), draft, answers)
    return _stepped(n, key, _form(n, answers), answers)


def _stepped(n: int, key: str, form: Any, answers: dict[str, Any]) -> Answer:
    """Keep the step, judge it, and go on."""
    try:
        draft = _kept(form, key)
    except DomainError as error:
        # The boxes still hold what could not be kept.
        form.refuse(error)
        return _page(n, key, form, draft_at(key), answers), error.status
    answers = drafting.answers_of(draft)
    if n == 3 and _photos_changed(form, draft.id):
        return _page(n, key, form, draft, answers), 422 if form.errors else 200
    if form.validate() and _fits(n, form, answers):
        if n < 4:
            return redirect(url_for("nominations.draft_step", key=key, n=n + 1), 303)
        answer = finish(form, draft, answers)
        if answer is not None:
            return answer
    return _page(n, key, form, draft, answers), 422


def _page(n: int, key: str, form: Any, draft: Draft | None, answers: dict[str, Any]) -> str:
    things = _things(n, form, draft, answers)
    return render_template(f"nominations/step_{n}.html", form=form, n=n, key=key, draft=draft, **things)


def _kept(form: Any, key: str) -> Draft:
    """Save what was typed, valid or not; of what was chosen only what the page offered."""
    if draft_at(key) is None and not session.is_signed_in():
        with transaction():
            limits.spend_at("draft.begun", request.remote_addr or "", allowed=600, per=timedelta(hours=1))
    with transaction():
        return drafting.keep(session.actor(), holder(), key, offered.chosen(form))


@pages.post("/drafts/<key>/autosave/<int(min=1,max=4):n>")
@anyone
def draft_autosave(key: str, n: int) -> tuple[str, int]:
    """Keep what is on the page without judging it."""
    draft = draft_at(key)
    if draft is None or draft.submitted_as_id is not None:
        return "", 409
    _kept(_form(n, {}), key)
    return "", 204


def _photos_changed(form: StoryForm, draft_id: int) -> bool:
    """Take in or drop photographs; whether the person stays on this page."""
    stays = request.form.get("do") == "upload" or "drop" in request.form
    for file in form.photos.data or []:
        if not getattr(file, "filename", ""):
            continue
        try:
            with transaction():
                limits.spend("draft.photos", f"draft:{draft_id}", allowed=60, per=timedelta(hours=1))
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
            place = offered.place(form.region.data)
            if place is None:
                form.region.errors = [_("请选到社区或楼栋。")]
                return False
            if answers.get("channel") == "school" and place.level != 2:
                form.region.errors = [_("学校推荐同学，从学校所在的社区开始。请选到社区，再选“不知道是哪栋”。")]
                return False
        if n == 4 and not offered.is_joinable(form.join.data, answers):
            raise Invalid("join_not_offered", _("请再选一次：是不是同一件事。"), field="join")
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
        return {"chooser": chooser, "stewards": stewards, **_first_desk(answers, 1)}
    photos = drafts.photos_of(draft.id) if draft is not None else []
    if n == 3:
        return {"photos": photos, "length": length_in_characters(form.story.data or ""), "least": telling.STORY_LEAST,
                "most": telling.STORY_MOST, "photos_most": telling.PHOTOS_MOST}  # fmt: skip
    place = offered.place(answers.get("region"))
    same = offered.same(answers)
    names = {str(c.id): c.name for c in honours.categories(clock.today())}
    return {
        "answers": answers,
        "photos": photos,
        "line": regions.line_of(place) if place is not None else [],
        "place": place,
        "category_name": names.get(answers.get("category", "")),
        "relation_words": RELATION_WORDS.get(answers.get("relation")),
        "channel_words": CHANNEL_WORDS.get(answers.get("channel")),
        "same": [case for case in same if case.status in OPEN],
        "honoured": [case for case in same if case.status is Status.ELECTED],
        **_first_desk(answers, place.level if place else 1),
        "length": length_in_characters(answers.get("story") or ""),
    }


def _first_desk(answers: dict[str, Any], home_level: int) -> dict[str, Any]:
    """The level that looks first, and by which rule: the channel decides (domain 1.12)."""
    channel = answers.get("channel") or Channel.HOUSEHOLD.value
    level = climbing.entry_level(channel, home_level)
    return {"first_level": level, "rule": cases.rule_in_force(level, clock.today())}
