"""Pages of an account: signing in and out, registering, proving a contact, settings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.identity import queries
from civic.identity.actions import accounts, codes, sessions
from civic.identity.forms import CodeForm, ConfirmForm, ContactForm, LetterForm, PasswordForm, RegisterForm, SignInForm
from civic.identity.models import LetterWay, User
from civic.identity.rules import Contact, contact_digest, contact_from
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.guards import anyone, signed_in, to_confirm

pages = Blueprint("views", __name__)

# What a code may be sent for: purpose → whether whoever asks has to be signed in.
PURPOSES = {"register": False, "reset": False, "sign_in": False, "contact": True, "confirm": True}
TO_REGISTER = frozenset({"register", "reset", "sign_in"})
Answer = str | Response | tuple[str, int]


def _who() -> str:
    return request.remote_addr or ""


def _safe(target: str | None) -> str:
    """Only pages of this site: an address from outside must not carry people away after sign-in."""
    parts = urlsplit(target or "")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    return target if is_ours and target and "\\" not in target else url_for("pages.me")


def _next() -> str | None:
    """Where whoever signs in was going: carried from step to step in the address."""
    return request.args.get("next") or None


@pages.route("/sign_in", methods=["GET", "POST"])
@anyone
def sign_in() -> Answer:
    form = SignInForm(next=request.args.get("next", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                user = _opened(form.contact.data, form.password.data)
                session.sign_in(user, remember=form.remember.data)
                return redirect(_safe(form.next.data), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/sign_in.html", form=form), status


def _opened(typed: str, password: str) -> User:
    """The account that a password opens. Only failures count, and those of others never shut its owner out.

    Counted are the failures of this browser at this account (by its own mark, where it signed in there before, else by its
    address), of all strange browsers at it, and of the address at any.
    """
    contact = _contact_or_none(typed)
    whose = contact_digest(contact) if contact is not None else typed
    user = accounts.user_of(contact) if contact is not None else None
    user_id = user.id if user is not None else None
    device = session.device()
    is_known = user is not None and device is not None and queries.is_known_device(user.id, sessions.device_digest(device))
    quarter, asker = timedelta(minutes=15), _who()
    pair = f"{whose}:{device if is_known else asker}"
    with transaction():
        limits.spend("sign_in.pair", pair, allowed=10, per=quarter)
        if not is_known:
            limits.spend("sign_in.contact", whose, allowed=60, per=timedelta(hours=1))
            limits.spend_at("sign_in.asker", asker, allowed=100, per=quarter)
    try:
        with transaction():
            user = accounts.sign_in(contact, password)
            limits.give_back("sign_in.pair", pair)
            if not is_known:
                limits.give_back("sign_in.contact", whose)
                limits.give_back("sign_in.asker", asker)
    except DomainError:
        with transaction():
            audit.record(None, "account.sign_in_failed", ("user", user_id), contact=whose[:12] if contact is not None else None)
        raise
    return user


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
    if purpose not in PURPOSES or purpose == "confirm" or (PURPOSES[purpose] and not session.is_signed_in()):
        return redirect(url_for("identity.sign_in", next=_next()))
    if purpose == "contact" and not session.is_confirmed():
        return to_confirm()
    form = ContactForm(next=request.args.get("next", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                _send(contact_from(form.contact.data), purpose)
                return redirect(url_for("identity.code", next=form.next.data or None), 303)
            except DomainError as error:
                error.field = error.field or "contact"
                form.refuse(error)
                status = error.status
    return render_template("identity/contact.html", form=form, purpose=purpose), status


def _send(found: Contact, purpose: str) -> None:
    codes.may_send(found)
    with transaction():
        number = codes.send(found, purpose, asker=_who())
    # The browser keeps the proof's number only: the contact, and whether it was used, stand on the server.
    cookie["proof"] = number


@pages.route("/code", methods=["GET", "POST"])
@anyone
def code() -> Answer:
    """Second half: the six digits."""
    number = cookie.get("proof") or 0
    asked = codes.contact_of(number)
    if asked is None or (PURPOSES.get(asked[1]) and not session.is_signed_in()):
        return redirect(url_for("identity.sign_in", next=_next()))
    found, purpose = asked
    form = CodeForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend_at("code.try", _who(), allowed=60, per=timedelta(hours=1))
                    codes.count_try(found, purpose)
                return _proven(found, purpose, form.code.data)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/code.html", form=form, contact=found, purpose=purpose, next=_next()), status


def _proven(found: Contact, purpose: str, typed: str) -> Response:
    """The digits are right: do at once what they were asked for, or go on to where it is done. Either way once."""
    who = session.account()
    with transaction():
        number = codes.prove(found, purpose, typed, asker=_who())
        limits.give_back("code.try", _who())
        if purpose in ("contact", "confirm"):
            codes.spend(number, (purpose,))
        if purpose == "contact" and who is not None:
            accounts.change_contact(who.id, found)
        user = accounts.user_of(found)
        if purpose == "sign_in" and user is not None:
            codes.spend(number, (purpose,))
    if purpose == "contact":
        flash(_("换好了。以后用新的登录。"))
        return redirect(url_for("identity.settings"), 303)
    if purpose == "confirm":
        session.confirm()
        return redirect(_safe(_next()), 303)
    if purpose == "sign_in" and user is not None:
        session.sign_in(user, remember=False)
        return redirect(_safe(_next()), 303)
    cookie["proof"] = number
    step = "identity.new_password" if purpose == "reset" and user is not None else "identity.register"
    return redirect(url_for(step, next=_next()), 303)


def _proof_for(purposes: Collection[str]) -> tuple[int, Contact] | None:
    """(number, contact) of a proof that this browser gave and that nothing was done with yet."""
    number = cookie.get("proof") or 0
    asked = codes.contact_of(number)
    return (number, asked[0]) if asked is not None and codes.is_proven(number, purposes) else None


@pages.route("/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> Answer:
    """Before a password, a contact or the account itself changes: the old password, or a code to the old contact."""
    user = session.viewer()
    assert user is not None
    form = ConfirmForm()
    status = 200
    if request.method == "POST":
        try:
            if request.form.get("do") == "code":
                _send(Contact("phone", user.phone) if user.phone else Contact("email", user.email or ""), "confirm")
                return redirect(url_for("identity.code", next=_next()), 303)
            status = 422
            if form.validate():
                with transaction():
                    limits.spend("confirm", str(user.id), allowed=10, per=timedelta(minutes=15))
                with transaction():
                    accounts.check_own_password(user.id, form.password.data)
                    limits.give_back("confirm", str(user.id))
                session.confirm()
                return redirect(_safe(_next()), 303)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template("identity/confirm.html", form=form, user=user, next=_next()), status


@pages.route("/register", methods=["GET", "POST"])
@anyone
def register() -> Answer:
    proof = _proof_for(TO_REGISTER)
    if proof is None:
        return redirect(url_for("identity.contact", purpose="register", next=_next()))
    form = RegisterForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    codes.spend(proof[0], TO_REGISTER)
                    user = accounts.register(form.name.data, proof[1], form.password.data, birth_date=form.birth_date.data)
                target = _next()
                session.sign_in(user, remember=False)
                flash(_("注册好了。再选一下住在哪，推荐和活动就近给您看。"))
                return redirect(url_for("identity.residence", next=target), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("identity/register.html", form=form, contact=proof[1]), status


@pages.route("/new_password", methods=["GET", "POST"])
@anyone
def new_password() -> Answer:
    """A new password: with a proof of the contact, which is used up by it, or for who showed the old one just before."""
    proof = _proof_for(("reset",))
    user = accounts.user_of(proof[1]) if proof is not None else session.viewer()
    if user is None:
        return redirect(url_for("identity.contact", purpose="reset", next=_next()))
    if proof is None and not session.is_confirmed():
        return to_confirm()
    form = PasswordForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    if proof is not None:
                        codes.spend(proof[0], ("reset",))
                    user = accounts.set_password(user.id, form.password.data)
                target = _next()
                session.sign_in(user, remember=False)
                flash(_("密码改好了。别的设备要重新登录。"))
                return redirect(_safe(target), 303)
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
            return redirect(_safe(_next()), 303)
        flash(_("请至少选到街道或乡镇。"))
    chooser = regions.chooser(arguments.number("at"), request.args.get("search"))
    return render_template("identity/residence.html", chooser=chooser, next=_next())


@pages.post("/end_sessions")
@signed_in
def end_sessions() -> Response:
    with transaction():
        accounts.end_sessions(session.account().id)
    session.leave()
    flash(_("所有设备都退出了。"))
    return redirect(url_for("identity.sign_in"), 303)
