"""Who may open a route. Every route says so with exactly one of these marks; what is unmarked stays shut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import NotAllowed, TooMany
from civic.core.hosts import is_at_home
from civic.identity.permissions import Permission, demand
from civic.web import session, unsent

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed_in"
DEMO_ONLY = "demo_only"
DEVICE = "device"
KEYLESS = "keyless"


def anyone(view: View) -> View:
    """Open to the public."""
    view.access = ANYONE  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to whoever has signed in."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def demo_only(view: View) -> View:
    """Open to the public of a demonstration, absent elsewhere."""
    view.access = DEMO_ONLY  # type: ignore[attr-defined]
    return view


def device(view: View) -> View:
    """Open to a paired device that shows its key, and to nobody else."""
    view.access = DEVICE  # type: ignore[attr-defined]
    return view


def keyless(view: View) -> View:
    """Open to a device that has no key yet. Machines carry no cookies, so no form's token is asked for."""
    view.access = KEYLESS  # type: ignore[attr-defined]
    return view


def recognise_devices(app: Flask, who: Callable[[str | None], object]) -> None:
    """How a device's key is turned into the device; `who` refuses what it does not know."""
    app.extensions["civic.devices"] = who


def caller() -> Any:
    """The device whose request this is."""
    return g.device


def needs(permission: Permission) -> Callable[[View], View]:
    """Open to whoever holds the permission anywhere; which things they reach is the view's question."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def access_of(endpoint: str) -> str | Permission | None:
    """What a route declares; static files are public."""
    if endpoint == "static":
        return ANYONE
    return getattr(current_app.view_functions.get(endpoint), "access", None)


def check() -> Response | None:
    """Before each request: let pass, send to sign-in, or refuse."""
    if current_app.config["DEMO"] and not is_at_home(urlsplit(f"//{request.host}").hostname or ""):
        # Everybody knows its passwords and reads its codes.
        raise NotAllowed("demonstration", _l("这是演示，只能在本机或者自己的网络里打开。"))
    if request.endpoint is None:
        return None
    access = access_of(request.endpoint)
    if access in (ANYONE, KEYLESS):
        return None
    if access == DEVICE:
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        g.device = current_app.extensions["civic.devices"](key.strip() if kind.lower() == "bearer" else None)
        return None
    if access == DEMO_ONLY:
        return None if current_app.config["DEMO"] else abort(404)
    if access is None:
        abort(500, f"{request.endpoint} declares no access")
    if not session.is_signed_in():
        return to_sign_in()
    if isinstance(access, Permission) and not session.actor().holds(access):
        demand(session.actor(), access, "")
        raise NotAllowed("not_permitted", "")
    return None


def wants_sign_in() -> bool:
    """Whether this request is for whoever has signed in, and nobody has."""
    access = access_of(request.endpoint) if request.endpoint is not None else None
    return (access == SIGNED_IN or isinstance(access, Permission)) and not session.is_signed_in()


def to_sign_in() -> Response:
    """To the page for signing in, with the way back; what was typed waits there."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("identity.sign_in", next=request.full_path.rstrip("?")))
    return redirect(url_for("identity.sign_in", next=unsent.kept_for_later()), 303)


def to_confirm() -> Response:
    """Before what nobody takes back: first show once more who you are, then on to where you were going."""
    return redirect(url_for("identity.confirm", next=request.full_path.rstrip("?")), 303)


def _note_refusal(answer: Response) -> Response:
    """A deed that somebody tried and may not do stands on the record: who, where, why not. A page that was only opened does
    not, for no reading writes; it is in the log."""
    if answer.status_code != 403 or request.method in ("GET", "HEAD") or request.path.startswith("/api/") or not session.is_signed_in():
        return answer
    account = session.account()
    assert account is not None
    try:
        with transaction():
            limits.spend("refusal.noted", f"account:{account.id}", allowed=100, per=timedelta(hours=1))
            audit.record(account.id, "access.refuse", ("user", account.id), endpoint=request.endpoint, code=g.get("refused_code"))
    except TooMany:
        pass
    return answer


def init(app: Flask) -> None:
    app.before_request(check)
    app.after_request(_note_refusal)


def demand_at(permission: Permission) -> Callable[[str], None]:
    """The signed-in person's permission as a question about paths, for features that stand below identity."""
    return lambda path: demand(session.actor(), permission, path)
