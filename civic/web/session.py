"""Who is signed in: the one module that knows Flask-Login."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, g, session
from flask_login import LoginManager, current_user, login_user, logout_user

from civic.core.db import db
from civic.identity import queries
from civic.identity.models import Person, User
from civic.identity.permissions import NOBODY, Actor, out_of_reach
from civic.identity.queries import Account
from civic.web import arguments

_manager = LoginManager()


class Session:
    """What Flask-Login wants to see of a user; the id is a revocable token, not the account's number."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, account: Account, token: str) -> None:
        self.account, self.token = account, token

    def get_id(self) -> str:
        return self.token


@_manager.user_loader
def _load(token: str) -> Session | None:
    found = queries.account_by_session(token)
    return Session(found, token) if found is not None else None


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def account() -> Account | None:
    """Who has signed in."""
    return current_user.account if is_signed_in() else None


def viewer() -> User | None:
    """The same with all that is kept of the account and its person; one more statement."""
    found = account()
    return db.session.get_one(User, found.id) if found is not None else None


def actor() -> Actor:
    """The signed-in person as the rules see them; asked once per request."""
    if "actor" not in g:
        found = account()
        g.actor = queries.actor_of(found) if found is not None else NOBODY
    return g.actor


@dataclass(frozen=True)
class Whose:
    """Whose page is shown: one's own, or that of one of the family."""

    id: int
    of: int | None  # as it stands in addresses; None: one's own
    name: str  # empty: one's own
    family: Sequence[Person]


def whose(person_id: int | None = None) -> Whose:
    """Whose page is asked for by `?of=`, or by what is shown on it (`person_id`): one's own where nothing is said, or one of
    the family; of anybody else the same 404 as for none."""
    own = actor().person_id
    assert own is not None
    family = queries.family_of(own)
    asked = person_id if person_id is not None else arguments.number("of", own)
    person = next((person for person in family if person.id == asked), None)
    if person is not None:
        return Whose(person.id, person.id, person.name, family)
    if asked != own:
        raise out_of_reach()
    return Whose(own, None, "", family)


def names_of(user_ids: set[int]) -> dict[int, str]:
    """Names of accounts, for pages of features that stand below identity."""
    return queries.names_of(user_ids)


def forget_actor() -> None:
    """Ask anew who this is (after grants or kin changed within the request)."""
    g.pop("actor", None)


def as_stranger() -> None:
    """Answer this request as if nobody had signed in: for a page that must not ask the database."""
    g._login_user = _manager.anonymous_user()
    forget_actor()


def sign_in(user: User, *, remember: bool) -> None:
    """Start a session; a new session identifier prevents fixation, what is drafted stays."""
    kept = {key: session[key] for key in ("draft", "text", "language") if key in session}
    session.clear()
    session.update(kept)
    login_user(Session(queries.account_of(user), user.session_token), remember=remember)
    forget_actor()


def sign_out() -> None:
    logout_user()
    session.pop("draft", None)
    forget_actor()


def init(app: Flask) -> None:
    secure = app.config["SESSION_COOKIE_SECURE"]
    app.config.update(
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
    )
    _manager.session_protection = "basic"
    _manager.init_app(app)
