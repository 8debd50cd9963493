"""The settings of a deployment: one table of names, kinds, defaults and checks; what does not fit does not start.

They come from this table's defaults, then `instance/settings.cfg`, then variables `CIVIC_<NAME>`. A variable is text: it is read
as the kind says, so that `CIVIC_DEMO=no` means no, and a secret of digits stays a text. A name that is not in the table is a
misspelling, and misspelled settings are the ones nobody notices.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from civic.core import crypto
from civic.core.hosts import is_at_home

PREFIX = "CIVIC_"
# Variables of the tests and benchmarks, which share the prefix and set nothing.
OF_THE_TESTS = ("TEST_", "REQUIRE_", "EXAMPLES")
MEBIBYTE = 1024 * 1024
YES, NO = ("1", "true", "yes", "on", "是"), ("0", "false", "no", "off", "", "否")


class NotReady(SystemExit):
    """A deployment that must not start; the sentence says what to set."""


class Unfit(ValueError):
    """What is wrong with a value, to be said after its name."""


@dataclass(frozen=True)
class Setting:
    """One line of the table. `read` makes the value of what was given, or raises Unfit; `says` is its sentence for whoever sets it."""

    name: str
    read: Callable[[object], Any]
    default: Any
    says: str
    is_secret: bool = False


def text(given: object) -> str:
    if not isinstance(given, str):
        raise Unfit("has to be text")
    return given


def words(given: object) -> str:
    if not text(given).strip():
        raise Unfit("must not be empty")
    return text(given).strip()


def yes_or_no(given: object) -> bool:
    if isinstance(given, bool):
        return given
    said = str(given).strip().lower()
    if said not in YES + NO:
        raise Unfit(f"is a yes or a no, not {given!r}")
    return said in YES


def whole(least: int, most: int) -> Callable[[object], int]:
    def read(given: object) -> int:
        try:
            number = int(str(given)) if not isinstance(given, bool) else None
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise Unfit(f"is a whole number from {least} to {most}, not {given!r}")
        return number

    return read


def one_of(*values: str) -> Callable[[object], str]:
    def read(given: object) -> str:
        if given not in values:
            raise Unfit(f"is one of {', '.join(values)}, not {given!r}")
        return str(given)

    return read


def maybe(read: Callable[[object], Any]) -> Callable[[object], Any]:
    """The same, or nothing."""
    return lambda given: None if given is None or given == "" else read(given)


def secret(given: object) -> str:
    said = text(given)
    if len(said) < 32 or len(set(said)) < 12 or not set(said.lower()) - set("0123456789"):
        raise Unfit('is too easy to guess: take what `python -c "import secrets; print(secrets.token_urlsafe(48))"` prints')
    return said


def key_ring(given: object) -> str:
    try:
        ring = crypto.ring_of(text(given))
    except ValueError as error:
        raise Unfit(f"is not a key ring: {error}") from error
    if any(len(set(key)) < 12 for _id, key in ring):
        raise Unfit("holds a key that nobody drew at random: take 32 random bytes")
    return text(given)


def zone(given: object) -> str:
    try:
        ZoneInfo(text(given))
    except (ValueError, OSError, KeyError) as error:
        raise Unfit(f"is no time zone: {given!r}") from error
    return text(given)


def site(given: object) -> str:
    parts = urlsplit(text(given))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Unfit(f"is an address like https://haoren.example.cn, not {given!r}")
    return text(given).rstrip("/")


def database(given: object) -> str:
    said = text(given)
    if not said.startswith(("sqlite:///", "postgresql+psycopg://")):
        # Not shown: it holds a password.
        raise Unfit("begins with postgresql+psycopg:// or sqlite:///")
    return said


def sender(given: object) -> str | tuple[str, str]:
    found = tuple(given) if isinstance(given, list | tuple) else text(given)
    address = found[1] if isinstance(found, tuple) and len(found) == 2 else found
    if not isinstance(address, str) or "@" not in address:
        raise Unfit(f"is a mailbox like 好人城 <haoren@example.cn>, not {given!r}")
    return found  # type: ignore[return-value]


def table(given: object) -> dict[str, Any]:
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unfit("is an object in JSON")
    return found


def span(given: object) -> timedelta:
    return given if isinstance(given, timedelta) else timedelta(seconds=whole(60, 10 * 366 * 86400)(given))


# name, how it is read, default, what it is.
TABLE = (
    Setting("SECRET_KEY", secret, None, "signs cookies and links: long random text, kept for ever", is_secret=True),
    Setting("DATA_KEYS", key_ring, None, "seals personal data: `id:base64` of 32 random bytes, newest first, comma between", is_secret=True),
    Setting("SEAL_KEY", maybe(secret), None, "the secret of the proofs of what was done, kept apart; from the oldest data key where nothing is said", is_secret=True),
    Setting("SEAL_HEAD_FILE", text, None, "where the end of the audit chain is noted besides; instance/audit-head where nothing is said, `` for nowhere"),
    Setting("SQLALCHEMY_DATABASE_URI", database, None, "the database; SQLite in instance/ where nothing is said", is_secret=True),
    Setting("SQLALCHEMY_ENGINE_OPTIONS", table, {}, "more for the engine, as SQLAlchemy names it"),
    Setting("DEMO", yes_or_no, False, "the invented city, with passwords that everybody knows"),
    Setting("BASE_URL", site, "http://127.0.0.1:8000", "how people reach it; stands in letters and on paper"),
    Setting("CITY_NAME", words, "云汀市", "the city"),
    Setting("HOTLINE", words, "12345 转 5", "whom to call"),
    Setting("HOST_ORGANISATION", words, "云汀市精神文明建设办公室", "who answers for it"),
    Setting("TIMEZONE", zone, "Asia/Shanghai", "the city's zone"),
    Setting("UPLOAD_FOLDER", words, None, "where what people upload is kept; instance/uploads where nothing is said"),
    Setting("TRUSTED_PROXIES", whole(0, 5), 0, "how many proxies stand before it"),
    Setting("CODE_SENDER", maybe(one_of("page")), None, "who sends codes to phones; page: shown in the demonstration"),
    Setting("MAIL_SENDER", one_of("smtp", "page"), "smtp", "who sends letters; page: shown in the demonstration"),
    Setting("MAIL_SERVER", words, "127.0.0.1", "the mail server"),
    Setting("MAIL_PORT", whole(1, 65535), 25, "its port"),
    Setting("MAIL_USE_TLS", yes_or_no, False, "whether it is asked to secure the line (STARTTLS)"),
    Setting("MAIL_USE_SSL", yes_or_no, False, "whether the line is secured from the beginning"),
    Setting("MAIL_USERNAME", maybe(text), None, "how we sign in there"),
    Setting("MAIL_PASSWORD", maybe(text), None, "and with what", is_secret=True),
    Setting("MAIL_DEFAULT_SENDER", sender, "civic@localhost", "from whom letters come: mailbox, or name and mailbox"),
    Setting("MAIL_SUPPRESS_SEND", yes_or_no, False, "nothing leaves; for tests"),
    Setting("MAIL_CONNECT_TIMEOUT", whole(1, 60), 10, "seconds until the mail server has let us in"),
    Setting("MAIL_TIMEOUT", whole(1, 120), 20, "seconds for each of its answers"),
    Setting("MAIL_LETTER_TIMEOUT", whole(1, 240), 60, "seconds for one letter as a whole"),
    Setting("COMPLAINT_DAYS", whole(1, 60), 10, "working days until a complaint is answered"),
    Setting("OUTBOX_MAX_AGE", whole(60, 7 * 86400), 3600, "seconds a due letter may wait before readiness says no"),
    Setting("WORKER_MAX_AGE", whole(10, 3600), 20, "seconds the worker may be silent before readiness says no"),
    Setting("MAX_CONTENT_LENGTH", whole(MEBIBYTE, 1024 * MEBIBYTE), 56 * MEBIBYTE, "bytes of one request"),
    Setting("MAX_FORM_MEMORY_SIZE", whole(1024, 64 * MEBIBYTE), 2 * MEBIBYTE, "bytes of one form's words"),
    Setting("MAX_FORM_PARTS", whole(10, 10000), 200, "fields of one form"),
    Setting("PERMANENT_SESSION_LIFETIME", span, timedelta(days=365), "seconds a cookie is kept"),
    Setting("SESSION_COOKIE_NAME", words, "session", "the cookie's name"),
    Setting("SESSION_COOKIE_DOMAIN", maybe(words), None, "and its domain"),
    Setting("SESSION_COOKIE_PATH", maybe(words), None, "and its path"),
    Setting("SESSION_COOKIE_HTTPONLY", yes_or_no, True, "no script reads it"),
    Setting("SESSION_COOKIE_SAMESITE", one_of("Lax", "Strict"), "Lax", "no other site sends it"),
    Setting("SESSION_COOKIE_SECURE", maybe(yes_or_no), None, "only over https; where nothing is said, as BASE_URL"),
    # Else every picture on its way would bring back the cookie as it was before the form was opened.
    Setting("SESSION_REFRESH_EACH_REQUEST", yes_or_no, False, "whether each answer sends it anew"),
    Setting("WTF_CSRF_ENABLED", yes_or_no, True, "forms prove that they are ours"),
    Setting("WTF_CSRF_TIME_LIMIT", maybe(whole(60, 10**7)), None, "seconds for how long; nothing: as long as the session"),
    Setting("WTF_CSRF_SSL_STRICT", yes_or_no, False, "whether the page before has to be ours too"),
    Setting("ARGON2_CHEAP", yes_or_no, False, "passwords are hashed without effort; for tests"),
    Setting("TESTING", yes_or_no, False, "for tests"),
    Setting("DEBUG", yes_or_no, False, "for who develops"),
)  # fmt: skip
NAMES = {setting.name: setting for setting in TABLE}
# A deployment that sets these would be as open as a demonstration, or would send nothing and not say so.
NEVER_OUTSIDE = {"ARGON2_CHEAP": True, "TESTING": True, "WTF_CSRF_ENABLED": False, "MAIL_SENDER": "page", "CODE_SENDER": "page"}


def read(instance: Path, environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """All settings. `given` is what code says, and wins."""
    outside = {**_of_file(instance / "settings.cfg"), **_of_environment(environ)}
    found = {setting.name: setting.default for setting in TABLE}
    for source in (outside, given):
        for name, value in source.items():
            found[name] = _read(name, value)
    if not found["DEMO"]:
        for name, value in NEVER_OUTSIDE.items():
            if name in outside and name not in given and found[name] == value:
                raise NotReady(f"{PREFIX}{name}={outside[name]} is for the demonstration and for tests only. {PREFIX}{name} 只给演示和测试用。")
    _demand_together(found)
    return found


def _of_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    return {name: value for name, value in runpy.run_path(str(file)).items() if name.isupper()}


def _of_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    named = ((key.removeprefix(PREFIX), value) for key, value in environ.items() if key.startswith(PREFIX))
    return {name: value for name, value in named if not name.startswith(OF_THE_TESTS)}


def _read(name: str, value: object) -> Any:
    setting = NAMES.get(name)
    if setting is None:
        near = get_close_matches(name, NAMES, 1)
        meant = f" Did you mean {PREFIX}{near[0]}?" if near else ""
        raise NotReady(f"There is no setting {PREFIX}{name}.{meant} 没有 {PREFIX}{name} 这个设置。")
    if value is None:
        return setting.default
    try:
        return setting.read(value)
    except Unfit as wrong:
        raise NotReady(f"{PREFIX}{name} {wrong}. {PREFIX}{name} 没有设对：{setting.says}") from wrong


def _demand_together(found: dict[str, Any]) -> None:
    """What one setting alone cannot say."""
    if found["MAIL_USE_TLS"] and found["MAIL_USE_SSL"]:
        raise NotReady("CIVIC_MAIL_USE_TLS and CIVIC_MAIL_USE_SSL exclude each other. 两种加密只能选一种。")
    if found["DEMO"] and not is_at_home(urlsplit(found["BASE_URL"]).hostname or ""):
        raise NotReady(
            f"A demonstration does not start on a public address ({found['BASE_URL']}): everybody knows its passwords. "
            "演示的密码人人都知道，不能放到公开的网址上。"
        )


def demand_keys(found: Mapping[str, Any]) -> None:
    """Without its keys nothing starts."""
    if not found["SECRET_KEY"]:
        raise NotReady("Civic does not start without CIVIC_SECRET_KEY: set it to a long random text. 缺少 CIVIC_SECRET_KEY。")
    if not found["DATA_KEYS"]:
        raise NotReady("Civic does not start without CIVIC_DATA_KEYS: `id:base64` of 32 random bytes. 缺少 CIVIC_DATA_KEYS。")
