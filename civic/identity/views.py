"""Pages of an account: signing in and out, registering, proving a contact, settings."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.identity import queries
from civic.identity.actions import accounts, codes
from civic.identity.forms import CodeForm, ContactForm, LetterForm, PasswordForm, RegisterForm, SignInForm
from civic.identity.models import LetterWay
from civic.identity.rules import Contact, contact_from
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.guards import anyone, signed_in

pages = Blueprint("views", __name__)

# What a proven code is for: purpose → where it leads.
LEADS = {"register": "identity.register", "reset": "identity.new_password", "sign_in": "pages.me", "contact": "identity.settings"}
Answer = str | Response | tuple[str, int]


def _who() -> str:
    return request.remote_addr or ""


def _safe(target: str | None) -> str:
    """Only pages of this site: an address from outside must not carry people away after sign-in."""
    parts = urlsplit(target or "")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    return target if is_ours and target and "\\" not in target else url_for("pages.me")


@pages.route("/sign_in", methods=["GET", "POST"])
@anyone
def sign_in() -> Answer:
    form = SignInForm(next=request.args.get("next", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend("sign_in.asker", _who(), allowed=100, per=timedelta(minutes=15))
                    limits.spend("sign_in.contact", form.contact.data.lower(), allowed=10, per=timedelta(minutes=15))
                contact = _contact_or_none(form.contact.data)
                with transaction():
                    user = accounts.sign_in(contact, form.password.data)
                session.sign_in(user, remember=form.remember.data)
                return redirect(_safe(form.next.data), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/sign_in.html", form=form), status


def _contact_or_none(typed: str) -> Contact | None:
    try:
        return contact_from(typed)
    except Invalid:
        return None


@pages.post("/sign_out")
@signed_in
def sign_out() -> Response:
    session.sign_out()
    flash(_("您已经退出了。"))
    return redirect(url_for("pages.home"), 303)


@pages.route("/contact/<purpose>", methods=["GET", "POST"])
@anyone
def contact(purpose: str) -> Answer:
    """First half of register, reset and sign-in by code: which phone or mailbox."""
    if purpose not in LEADS or (purpose == "contact" and not session.is_signed_in()):
        return redirect(url_for("identity.sign_in"))
    form = ContactForm(next=request.args.get("next", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                found = contact_from(form.contact.data)
                codes.may_send(found)
                with transaction():
                    codes.send(found, purpose, asker=_who())
                cookie["proving"] = {"kind": found.kind, "value": found.value, "purpose": purpose, "next": form.next.data}
                return redirect(url_for("identity.code"), 303)
            except DomainError as error:
                error.field = error.field or "contact"
                form.refuse(error)
                status = error.status
    return render_template("identity/contact.html", form=form, purpose=purpose), status


@pages.route("/code", methods=["GET", "POST"])
@anyone
def code() -> Answer:
    """Second half: the six digits."""
    proving = cookie.get("proving")
    if not proving:
        return redirect(url_for("identity.sign_in"))
    found, purpose = Contact(proving["kind"], proving["value"]), proving["purpose"]
    form = CodeForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend("code.try", _who(), allowed=60, per=timedelta(hours=1))
                    codes.count_try(found, purpose)
                with transaction():
                    codes.prove(found, purpose, form.code.data)
                    if purpose == "contact" and session.is_signed_in():
                        accounts.change_contact(session.account().id, found)
                return _proven(found, purpose, proving.get("next"))
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/code.html", form=form, contact=found, purpose=purpose), status


def _proven(found: Contact, purpose: str, target: str | None) -> Response:
    cookie.pop("proving", None)
    if purpose == "contact":
        flash(_("换好了。以后用新的登录。"))
        return redirect(url_for("identity.settings"), 303)
    user = accounts.user_of(found)
    if purpose == "sign_in" and user is not None:
        session.sign_in(user, remember=False)
        return redirect(_safe(target), 303)
    cookie["proven"] = {"kind": found.kind, "value": found.value, "purpose": purpose}
    if purpose == "reset" and user is not None:
        return redirect(url_for("identity.new_password"), 303)
    cookie["proven"]["purpose"] = "register"
    cookie.modified = True
    return redirect(url_for("identity.register"), 303)


def _proven_for(purpose: str) -> Contact | None:
    proven = cookie.get("proven")
    if not proven or proven["purpose"] != purpose:
        return None
    return Contact(proven["kind"], proven["value"])


@pages.route("/register", methods=["GET", "POST"])
@anyone
def register() -> Answer:
    found = _proven_for("register")
    if found is None:
        return redirect(url_for("identity.contact", purpose="register"))
    form = RegisterForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend("register.asker", _who(), allowed=20, per=timedelta(hours=1))
                with transaction():
                    user = accounts.register(form.name.data, found, form.password.data)
                cookie.pop("proven", None)
                session.sign_in(user, remember=False)
                flash(_("注册好了。再选一下住在哪，推荐和活动就近给您看。"))
                return redirect(url_for("identity.residence"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/register.html", form=form, contact=found), status


@pages.route("/new_password", methods=["GET", "POST"])
@anyone
def new_password() -> Answer:
    found = _proven_for("reset")
    user = accounts.user_of(found) if found is not None else session.viewer()
    if user is None:
        return redirect(url_for("identity.contact", purpose="reset"))
    form = PasswordForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    user = accounts.set_password(user.id, form.password.data)
                cookie.pop("proven", None)
                session.sign_in(user, remember=False)
                flash(_("密码改好了。别的设备要重新登录。"))
                return redirect(url_for("pages.me"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/new_password.html", form=form), status


@pages.get("/settings")
@signed_in
def settings() -> str:
    user = session.viewer()
    assert user is not None
    line = regions.line_of(user.person.region) if user.person.region is not None else []
    return render_template("identity/settings.html", user=user, line=line, kin=queries.kin_seen_by(user.person_id), letters=queries.letter_choice_of(user.id))


@pages.route("/letter_choice", methods=["GET", "POST"])
@signed_in
def letter_choice() -> Answer:
    """How I want to hear: by which way, not between which hours, reminders or none."""
    user = session.viewer()
    assert user is not None
    now = queries.letter_choice_of(user.id)
    form = LetterForm(way=now.way.value, quiet_from=now.quiet_from, quiet_until=now.quiet_until, wants_reminders=now.wants_reminders)

    def choose() -> None:
        accounts.choose_letters(
            user.id, way=LetterWay(form.way.data), quiet_from=form.quiet_from.data, quiet_until=form.quiet_until.data, wants_reminders=form.wants_reminders.data
        )

    if request.method == "POST" and form.carried_out(choose):
        flash(_("记下了，以后照这样通知您。"))
        return redirect(url_for("identity.settings"), 303)
    return render_template("identity/letter_choice.html", form=form, user=session.viewer()), form.status if request.method == "POST" else 200


@pages.route("/residence", methods=["GET", "POST"])
@signed_in
def residence() -> Answer:
    """Where I live: five short steps by links, or a search; choosing is a POST."""
    if request.method == "POST":
        place = regions.by_id(arguments.sent_number("region", 0))
        if place is not None and not place.is_retired and place.level <= 3:
            with transaction():
                accounts.choose_residence(session.account().id, place.id)
            flash(_("记下了：%(place)s。", place=place.name))
            return redirect(url_for("pages.me"), 303)
        flash(_("请至少选到街道或乡镇。"))
    chooser = regions.chooser(arguments.number("at"), request.args.get("search"))
    return render_template("identity/residence.html", chooser=chooser)


@pages.post("/end_sessions")
@signed_in
def end_sessions() -> Response:
    with transaction():
        accounts.end_sessions(session.account().id)
    session.sign_out()
    flash(_("所有设备都退出了。"))
    return redirect(url_for("identity.sign_in"), 303)


@pages.get("/export")
@signed_in
def export() -> Response:
    """Everything the account holds about oneself, as JSON."""
    user = session.viewer()
    answer = jsonify(queries.own_data(user))
    answer.headers["Content-Disposition"] = "attachment; filename=civic-my-data.json"
    return answer
