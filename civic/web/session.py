"""Who is signed in: the one module that knows Flask-Login.

The browser holds a token, the server a row for each signing in (identity.SignIn). Staff are signed out after half an hour
without a page opened and after twelve hours in any case; when the last page was opened stands in a signed cookie of its
own, for no reading may write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, current_app, g, request, session
from flask_login import COOKIE_NAME, LoginManager, current_user, decode_cookie, login_user, logout_user
from itsdangerous import BadData, URLSafeSerializer

from civic.core import clock, crypto, limits
from civic.core.db import db, transaction
from civic.identity import queries
from civic.identity.actions import sessions
from civic.identity.models import Person, User
from civic.identity.permissions import NOBODY, Actor, out_of_reach
from civic.identity.queries import Account, Running
from civic.web import arguments

STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
LONGEST, LONGEST_REMEMBERED = timedelta(days=1), timedelta(days=30)
SEEN, DEVICE = "seen", "device"
CONFIRMED = timedelta(minutes=10)
MANY = 5  # neighbours behind one address, before an organiser has to let them in
SEEN_EVERY = timedelta(minutes=1)
# What a browser may keep of whoever used it before: how the page looks, and a mark that nobody can read anything from.
OF_THE_BROWSER = ("text", "language", "visitor")

_manager = LoginManager()


class Session:
    """What Flask-Login wants to see of a user; the id is the session's token, not the account's number."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, running: Running, token: str) -> None:
        self.running, self.account, self.token = running, running.account, token

    def get_id(self) -> str:
        return self.token


@_manager.user_loader
def _load(token: str) -> Session | None:
    found = queries.running_session(sessions.digest_of(token))
    return Session(found, token) if found is not None and not _is_over(found) else None


def _is_over(running: Running) -> bool:
    now = clock.now()
    if running.is_staff:
        return now - running.began_at > STAFF_LONGEST or now - _seen_at(running) > STAFF_IDLE
    return now - running.began_at > (LONGEST_REMEMBERED if running.is_remembered else LONGEST)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="civic.seen")


def _seen_at(running: Running) -> datetime:
    """When this browser last opened a page in this session."""
    try:
        of, seconds = _signer().loads(request.cookies.get(SEEN, ""))
    except (BadData, ValueError, TypeError):
        return running.began_at
    return max(running.began_at, datetime.fromtimestamp(seconds, UTC)) if of == running.id else running.began_at


def _note_seen(answer: Response) -> Response:
    """Remember that staff are at work; what a page fetches by itself is nobody at work."""
    user = g.get("_login_user")
    if user is None or not user.is_authenticated or not user.running.is_staff:
        return answer
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and clock.now() - _seen_at(user.running) > SEEN_EVERY:
        value = _signer().dumps([user.running.id, int(clock.now().timestamp())])
        answer.set_cookie(SEEN, str(value), httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def _mark_device(answer: Response) -> Response:
    """A browser that signed somebody in is known again, so that strangers' wrong passwords do not shut its owner out."""
    if "browser" in g and g.browser != device():
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(DEVICE, g.browser, max_age=timedelta(days=365), httponly=True, samesite="Lax", secure=secure)
    return answer


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def account() -> Account | None:
    """Who has signed in."""
    return current_user.account if is_signed_in() else None


def viewer() -> User | None:
    """The same with all that is kept of the account and its person; one more statement."""
    found = account()
    return db.session.get_one(User, found.id) if found is not None else None


def former() -> int | None:
    """The account that was signed in on this browser last, now or before its session was over."""
    kept = request.cookies.get(COOKIE_NAME)
    token = session.get("_user_id") or session.get("was") or (decode_cookie(kept) if kept else None)
    return queries.owner_of_session(sessions.digest_of(token)) if token else None


def actor() -> Actor:
    """The signed-in person as the rules see them; asked once per request."""
    if "actor" not in g:
        found = account()
        who = queries.actor_of(found) if found is not None else NOBODY
        # What is fetched changes nothing (a law holds it): there whoever audits sees what they may not touch.
        g.actor = who.reading() if request.method in ("GET", "HEAD") else who
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


def spend(kind: str, *, allowed: int, per: timedelta) -> None:
    """Count one try of whoever asks: of an account by itself; of strangers by their address, behind which a school may stand."""
    found = account()
    with transaction():
        if found is not None:
            limits.spend(kind, f"account:{found.id}", allowed=allowed, per=per)
        else:
            limits.spend_at(kind, request.remote_addr or "", allowed=allowed * MANY, per=per)


def forget_actor() -> None:
    """Ask anew who this is (after grants or kin changed within the request)."""
    g.pop("actor", None)


def as_stranger() -> None:
    """Answer this request as if nobody had signed in: for a page that must not ask the database."""
    g._login_user = _manager.anonymous_user()
    forget_actor()


def device() -> str | None:
    """The random mark of this browser, if it ever signed anybody in."""
    return request.cookies.get(DEVICE)


def is_confirmed() -> bool:
    """Whether whoever sits there showed within the last minutes that the account is theirs."""
    at = current_user.running.confirmed_at if is_signed_in() else None
    return at is not None and clock.now() - at <= CONFIRMED


def confirm() -> None:
    """They just showed it."""
    with transaction():
        sessions.confirm(current_user.token)


def sign_in(user: User, *, remember: bool) -> None:
    """Start a session; a new session identifier prevents fixation, what is drafted stays. The browser's last one ends."""
    with transaction():
        if is_signed_in():
            sessions.end(current_user.token, current_user.account.id)
        g.browser = device() or crypto.token()
        token = sessions.begin(user.id, is_remembered=remember, device=g.browser)
    running = queries.running_session(sessions.digest_of(token))
    assert running is not None
    kept = {key: session[key] for key in ("draft", *OF_THE_BROWSER) if key in session}
    session.clear()
    session.update(kept)
    login_user(Session(running, token), remember=remember)
    forget_actor()


def sign_out() -> None:
    """End the session on the server, and leave nothing of its owner in the browser. By `was`, a form of another tab finds its
    owner again; it opens nothing."""
    token, owner = current_user.token, current_user.account.id
    with transaction():
        sessions.end(token, owner)
    leave()
    session["was"] = token


def leave() -> None:
    """Nobody is signed in on this browser any more, and nothing of whoever was is left in it."""
    logout_user()
    # `_remember` tells Flask-Login to take the long cookie back.
    kept = {key: session[key] for key in (*OF_THE_BROWSER, "_remember") if key in session}
    session.clear()
    session.update(kept)
    forget_actor()


def init(app: Flask) -> None:
    secure = app.config["SESSION_COOKIE_SECURE"]
    app.config.update(
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_DURATION=LONGEST_REMEMBERED,
    )
    _manager.session_protection = "basic"
    _manager.init_app(app)
    app.after_request(_note_seen)
    app.after_request(_mark_device)
