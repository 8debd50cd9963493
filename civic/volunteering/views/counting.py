"""My hours: drafts I may object to, what is final, stars, certificates that anybody may verify, my calendar."""

from __future__ import annotations

from flask import Response as File
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity import queries as identity
from civic.identity.permissions import out_of_reach
from civic.volunteering import files
from civic.volunteering.actions import certificates, counting
from civic.volunteering.forms.hours import CertificateForm, WordsForm
from civic.volunteering.forms.words import HOW_WORDS
from civic.volunteering.queries import boards, people
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules.certificates import number_from
from civic.volunteering.views import pages
from civic.web import session
from civic.web.guards import anyone, signed_in

Answer = str | Response | tuple[str, int]


def _page(form: CertificateForm, objection: WordsForm, whose: session.Whose, at: int | None = None) -> str:
    page = questions.hours_of(whose.id, after=request.args.get("after"))
    return render_template(
        "volunteering/hours.html", page=page, points=questions.points_for(page.items), how=HOW_WORDS, form=form, objection=objection, at=at,
        volunteer=people.volunteer_of(whose.id), stars=questions.stars_on(clock.today()), certificates=questions.certificates_of(whose.id),
        since={p.id: p.since for p in questions.policies()}, teams=boards.teams_for(whose.id) if whose.of is None else [], whose=whose,
    )  # fmt: skip


def _period() -> CertificateForm:
    today = clock.today()
    return CertificateForm(formdata=None, first=today.replace(month=1, day=1), last=today)


@pages.get("/hours")
@signed_in
def hours() -> str:
    return _page(_period(), WordsForm(formdata=None), session.whose())


@pages.post("/hours/<int:hours_id>/objection")
@signed_in
def object_to_hours(hours_id: int) -> Answer:
    found = questions.hours_by_id(hours_id)
    if found is None:
        raise out_of_reach()
    form, whose = WordsForm(), session.whose(found.person_id)
    if form.carried_out(lambda: counting.object_to(session.actor(), hours_id, words=form.words.data)):
        flash(_("记下了，组织者看过会答复您。这一笔先不入账。"))
        return redirect(url_for("volunteering.hours", of=whose.of), 303)
    return _page(_period(), form, whose, hours_id), form.status


@pages.post("/hours/certificate")
@signed_in
def issue_certificate() -> Answer:
    form, whose = CertificateForm(), session.whose()
    if form.carried_out(lambda: certificates.issue(session.actor(), first=form.first.data, last=form.last.data, person_id=whose.id)):
        flash(_("开好了，可以下载打印。"))
        return redirect(url_for("volunteering.hours", of=whose.of, _anchor="certificates"), 303)
    return _page(form, WordsForm(formdata=None), whose), form.status


@pages.get("/certificates/<number>.pdf")
@signed_in
def certificate_print(number: str) -> File:
    """A certificate on paper, one's own or of one of the family."""
    found = questions.certificate_by_number(number)
    if found is None or not identity.speaks_for(session.actor().person_id, found.person_id):
        raise out_of_reach()
    name = f"certificate-{found.number}.pdf"
    paper = files.certificate(found, current_app.config["CITY_NAME"], current_app.config["HOST_ORGANISATION"], current_app.config["BASE_URL"])
    return File(paper, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"})


@pages.route("/verify", methods=["GET", "POST"])
@anyone
def verify() -> Answer:
    """Somebody holds a certificate and wants to know whether it is true."""
    typed = number_from(request.form.get("number") or "")
    if request.method == "POST":
        return redirect(url_for("volunteering.verified", number=typed or "0"), 303)
    return render_template("volunteering/verify.html", certificate=None, asked=None)


@pages.get("/verify/<number>")
@anyone
def verified(number: str) -> Answer:
    """Number, period, hours and status; nothing else."""
    found = questions.certificate_by_number(number_from(number))
    return render_template("volunteering/verify.html", certificate=found, asked=number), 200 if found else 404


