"""Writing a nomination in four short steps; a draft is kept at each, nothing typed is ever lost."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, crypto, images, storage
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.core.text import length_in_characters
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.identity.actions import codes
from civic.identity.models import ConsentMethod, PersonKind, Sex
from civic.identity.rules import Contact, contact_from
from civic.nominations import rules
from civic.nominations.actions import drafting, guarding, submitting
from civic.nominations.forms.nominating import (
    CHANNEL_WORDS,
    RELATION_WORDS,
    LookOverForm,
    ProofForm,
    StoryForm,
    WhereForm,
    WhoForm,
)
from civic.nominations.models.cases import Channel, Draft, Relation, Voice
from civic.nominations.queries import cases
from civic.nominations.rules import Answers, GuardianWord
from civic.nominations.views import pages
from civic.regions import queries as regions
from civic.web import session
from civic.web.fields import choices
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
FORMS = {1: WhoForm, 2: WhereForm, 3: StoryForm, 4: LookOverForm}
KEPT_NOT = ("csrf_token", "photos", "truth")
PURPOSE = "nominate"


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
            return render_template("nominations/start.html", answers=answers, step=_first_open(answers), draft=draft)
    return redirect(url_for("nominations.step", n=1, anew=1))


def _first_open(answers: dict[str, Any]) -> int:
    if not (answers.get("nominee_name") and answers.get("category") and answers.get("relation")):
        return 1
    if not answers.get("region"):
        return 2
    return 3 if length_in_characters(answers.get("story") or "") < rules.STORY_LEAST or not answers.get("headline") else 4


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
    if request.method == "GET" and n > max(1, _first_open(answers)):
        return redirect(url_for("nominations.step", n=_first_open(answers)))
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
            answer = _finish(form, draft_id, answers)
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
            keys = drafting.drop_photo(draft_id, request.form.get("drop", 0, type=int))
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
            if place is None or place.is_retired or not rules.enters_at(place.level):
                form.region.errors = [_("请选到社区或楼栋。")]
                return False
            if answers.get("channel") == "school" and place.level != 2:
                form.region.errors = [_("学校推荐同学，从学校所在的社区开始。请选到社区，再选“不知道是哪栋”。")]
                return False
        if n == 3:
            day = rules.day_from(form.deed_on.data or "")
            if day is not None and day > clock.today():
                raise Invalid("deed_in_future", _("还没到这一天，请再看一眼。"), field="deed_on")
            rules.check_story(form.story.data)
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


def guardian_from(kept: dict[str, Any]) -> GuardianWord | None:
    """What was typed about a guardian; nothing typed is nobody."""
    name, contact, method = (kept.get(f"guardian_{part}") or "" for part in ("name", "contact", "method"))
    if not (name or contact):
        return None
    return GuardianWord(name, contact, ConsentMethod(method) if method in set(ConsentMethod) else None)


def _things(n: int, form: Any, draft: Draft | None, answers: dict[str, Any]) -> dict[str, Any]:
    """What the page of a step shows besides its form."""
    if n == 1:
        chosen = honours.categories(clock.today())
        return {
            "icons": {str(c.id): c.icon for c in chosen},
            "descriptions": {str(c.id): c.description for c in chosen},
        }
    if n == 2:
        at = request.args.get("at", type=int) or answers.get("region")
        chooser = regions.chooser(at, request.args.get("search"))
        if chooser.at is not None and chooser.at.level == 1:
            chooser = regions.chooser(chooser.at.parent_id)
        stewards = identity.stewards_in(chooser.at.path) if chooser.at is not None and chooser.at.level == 2 else {}
        return {"chooser": chooser, "stewards": stewards, "rule": cases.rule_in_force(1, clock.today())}
    photos = cases.draft_photos(draft.id) if draft is not None else []
    if n == 3:
        return {"photos": photos, "length": length_in_characters(form.story.data or ""), "least": rules.STORY_LEAST,
                "most": rules.STORY_MOST, "photos_most": rules.PHOTOS_MOST}  # fmt: skip
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


def _finish(form: LookOverForm, draft_id: int, answers: dict[str, Any]) -> Response | None:
    """The fourth step is right: submit, or first prove the contact. None where the page has to be shown again."""
    missing = _first_open(answers)
    if missing < 4:
        return redirect(url_for("nominations.step", n=missing), 303)
    try:
        contact = contact_from(form.contact.data)
        if _is_own(contact):
            with transaction():
                voice = submitting.submit(session.actor(), _answers(answers), contact, draft_id=draft_id, join_id=_join(answers))
            return _done(voice)
        with transaction():
            codes.send(contact, PURPOSE, asker=request.remote_addr or "")
    except DomainError as error:
        if error.code == "code_too_soon":
            return redirect(url_for("nominations.proof"), 303)
        form.refuse(error)
        return None
    return redirect(url_for("nominations.proof"), 303)


def _is_own(contact: Contact) -> bool:
    """Whether the signed-in account has proven this contact already."""
    user = session.viewer()
    return user is not None and contact.value in (user.phone, user.email)


def _join(answers: dict[str, Any]) -> int | None:
    return int(answers["join"]) if str(answers.get("join") or "").isdigit() else None


def _answers(kept: dict[str, Any]) -> Answers:
    return Answers(
        category_id=int(kept["category"]),
        channel=Channel(kept.get("channel") or "household"),
        relation=Relation(kept["relation"]),
        nominee_kind=PersonKind(kept.get("nominee_kind") or "individual"),
        nominee_name=kept["nominee_name"],
        nominee_sex=Sex(kept["nominee_sex"]) if kept.get("nominee_sex") else None,
        nominee_is_minor=bool(kept.get("nominee_is_minor")),
        nominee_is_deceased=bool(kept.get("nominee_is_deceased")),
        nominee_phone=None,
        identity_number=None,
        work_unit=None,
        region_id=int(kept["region"]),
        headline=kept["headline"],
        summary=kept.get("summary") or "",
        story=kept["story"],
        may_tell_nominee=not kept.get("keep_quiet"),
        nominator_name=kept.get("nominator_name") or "",
        deed_on=rules.day_from(kept.get("deed_on") or ""),
        guardian=guardian_from(kept),
    )


@pages.route("/proof", methods=["GET", "POST"])
@anyone
def proof() -> Answer:
    """The six digits that prove the nominator's phone or mailbox; with them the case is made."""
    draft = cases.draft_by_token(cookie.get("draft"))
    if draft is None:
        return redirect(url_for("nominations.start"))
    if draft.submitted_as_id is not None and cookie.get("submitted"):
        return redirect(url_for("nominations.done"))
    answers = drafting.answers_of(draft)
    if not answers.get("contact") or _first_open(answers) < 4:
        return redirect(url_for("nominations.step", n=4))
    contact = contact_from(answers["contact"])
    form = ProofForm()
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if request.form.get("do") == "again":
                with transaction():
                    codes.send(contact, PURPOSE, asker=request.remote_addr or "")
                flash(_("又发了一个，以新的为准。"))
                return redirect(url_for("nominations.proof"), 303)
            if form.validate():
                with transaction():
                    codes.count_try(contact, PURPOSE)
                with transaction():
                    codes.prove(contact, PURPOSE, form.code.data)
                    voice = submitting.submit(
                        session.actor(), _answers(answers), contact, draft_id=draft.id, join_id=_join(answers)
                    )
                return _done(voice)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template("nominations/proof.html", form=form, contact=contact), status


def _done(voice: Voice) -> Response:
    cookie["submitted"] = voice.id
    return redirect(url_for("nominations.done"), 303)


@pages.get("/done")
@anyone
def done() -> Answer:
    voice = cases.voice_by_id(cookie.get("submitted") or 0)
    if voice is None:
        return redirect(url_for("nominations.start"))
    return render_template(
        "nominations/done.html", voice=voice, case=voice.nomination, token=rules.tracking_token(voice.id)
    )
