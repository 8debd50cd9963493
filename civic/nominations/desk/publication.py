"""From decided to published: consent, the redacted text beside the whole story, approval."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import listing
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.core.privacy import NEVER_PUBLIC, marked
from civic.honours import queries as honours
from civic.identity.actions import consents
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import guarding, publishing
from civic.nominations.desk import pages
from civic.nominations.forms.guardians import GUARDIAN_METHOD_WORDS, GuardianForm
from civic.nominations.forms.publication import (
    AGREEMENT_WORDS,
    METHOD_WORDS,
    PRIVATE_WORDS,
    PURPOSE_WORDS,
    ConsentForm,
    MentionedForm,
    PublicTextForm,
)
from civic.nominations.models.cases import Nomination
from civic.nominations.models.mentioned import Agreement
from civic.nominations.queries import cases, desk, guardians, mentions
from civic.nominations.rules.telling import GuardianWord
from civic.web import arguments, session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/published")
@needs(Permission.PUBLICATION_EDIT)
def published() -> str:
    rows = desk.to_publish(session.actor())
    waiting = listing.Some(rows, max(0, desk.count_to_publish(session.actor()) - len(rows)) if len(rows) >= desk.MANY else 0)
    return render_template("nominations/desk/published.html", waiting=waiting)


@pages.get("/publication/<int:nomination_id>")
@needs(Permission.PUBLICATION_EDIT)
def publication(nomination_id: int) -> str:
    return _page(cases.in_reach_of(session.actor(), nomination_id))


def _page(
    case: Nomination, *, text: PublicTextForm | None = None, consent: ConsentForm | None = None, guardian: GuardianForm | None = None,
    mentioned: MentionedForm | None = None,
) -> str:  # fmt: skip
    people = mentions.of_case(case.id)
    public = (text.story.data if text is not None else case.public_story or case.story) or ""
    return render_template(
        "nominations/desk/publication.html",
        case=case,
        text=text
        or PublicTextForm(
            formdata=None,
            headline=case.public_headline or case.headline,
            story=case.public_story or case.story,
            version=case.version,
        ),
        consent=consent or ConsentForm(formdata=None),
        given=consents.running(case.nominee_id),
        guardian=guardian or GuardianForm(formdata=None),
        agreed=guardians.guardian_of(case.id),
        purposes=PURPOSE_WORDS,
        methods=METHOD_WORDS,
        guardian_methods=GUARDIAN_METHOD_WORDS,
        honours=honours.of_nomination(case.id),
        history=consents.history(case.nominee_id),
        people=people,
        mentioned=mentioned or MentionedForm(formdata=None),
        agreements=AGREEMENT_WORDS,
        kinds=PRIVATE_WORDS,
        never=NEVER_PUBLIC,
        inside=marked(case.story, mentions.finds_in(case.story, case, people, agreed_too=True)),
        outside=marked(public, mentions.finds_in(public, case, people)),
    )


@pages.post("/publication/<int:nomination_id>/consent")
@needs(Permission.PUBLICATION_EDIT)
def consent(nomination_id: int) -> Answer:
    form, status = ConsentForm(), 422
    if form.validate():
        try:
            with transaction():
                publishing.record_consent(
                    session.actor(), nomination_id, [Purpose(p) for p in form.purposes.data], ConsentMethod(form.method.data)
                )
            flash(_("同意记下了。"))
            return _back(nomination_id)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return _page(cases.in_reach_of(session.actor(), nomination_id), consent=form), status


@pages.post("/publication/<int:nomination_id>/guardian")
@needs(Permission.PUBLICATION_EDIT)
def guardian(nomination_id: int) -> Answer:
    form = GuardianForm()
    typed = form.guardian_method.data
    word = GuardianWord(form.guardian_name.data or "", form.guardian_contact.data or "", ConsentMethod(typed) if typed in set(ConsentMethod) else None)
    if form.carried_out(lambda: guarding.record_at_desk(session.actor(), nomination_id, word)):
        flash(_("监护人的同意记下了，信也寄出去了。"))
        return _back(nomination_id)
    return _page(cases.in_reach_of(session.actor(), nomination_id), guardian=form), form.status


@pages.post("/publication/<int:nomination_id>/consent_withdrawal")
@needs(Permission.PUBLICATION_EDIT)
def consent_withdrawal(nomination_id: int) -> Answer:
    purpose = request.form.get("purpose", "")
    if purpose not in set(Purpose):
        raise out_of_reach()
    with transaction():
        publishing.withdraw_consent(session.actor(), nomination_id, Purpose(purpose))
    flash(_("撤回了，榜上已经看不到。"))
    return _back(nomination_id)


@pages.post("/publication/<int:nomination_id>/text")
@needs(Permission.PUBLICATION_EDIT)
def text(nomination_id: int) -> Answer:
    """Save the public text; with `do=approve`, let it out as well."""
    form, status = PublicTextForm(), 422
    if form.validate():
        try:
            with transaction():
                publishing.edit_text(
                    session.actor(),
                    nomination_id,
                    headline=form.headline.data,
                    story=form.story.data,
                    expected=form.version.data,
                )
                if request.form.get("do") == "approve":
                    fresh = cases.in_reach_of(session.actor(), nomination_id)
                    publishing.approve(session.actor(), nomination_id, expected=fresh.version, has_checked=form.has_checked.data)
            flash(_("批准了。本人同意了的，榜上马上看得到。") if request.form.get("do") == "approve" else _("存好了，还没有公开。"))
            return _back(nomination_id)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return _page(cases.in_reach_of(session.actor(), nomination_id), text=form), status


@pages.post("/publication/<int:nomination_id>/mentioned")
@needs(Permission.PUBLICATION_EDIT)
def mentioned(nomination_id: int) -> Answer:
    """Somebody the story tells of: new, or (with `row`) asked again."""
    form = MentionedForm()
    row = arguments.sent_number("row")
    if form.carried_out(
        lambda: publishing.record_mentioned(
            session.actor(), nomination_id, name=form.who.data, relation=form.relation.data, is_recognisable=form.is_recognisable.data,
            agreement=Agreement(form.agreement.data), method=ConsentMethod(form.how.data) if form.how.data else None, row_id=row,
        )
    ):  # fmt: skip
        flash(_("记下了。"))
        return _back(nomination_id)
    return _page(cases.in_reach_of(session.actor(), nomination_id), mentioned=form), form.status


@pages.post("/publication/<int:nomination_id>/mentioned/<int:row_id>/removal")
@needs(Permission.PUBLICATION_EDIT)
def forget_mentioned(nomination_id: int, row_id: int) -> Answer:
    with transaction():
        publishing.forget_mentioned(session.actor(), nomination_id, row_id)
    flash(_("不再提到他（她）了。"))
    return _back(nomination_id)


def _back(nomination_id: int) -> Response:
    return redirect(url_for("nominations.desk.publication", nomination_id=nomination_id), 303)
