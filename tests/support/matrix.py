"""Everything that can be asked of the city by everybody: which things an address names, who asks, and what they may not write."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from civic.identity.permissions import Permission
from civic.web.asking import PROOF
from tests.support.client import strict_client
from tests.support.harvest import Sent, posts, words_for
from tests.support.world import World

# Who asks. All of them work or live `here`, but for one; nobody of `here` has anything to do `there`.
ROLES = (
    "anonymous", "volunteer-here", "leader-here", "member-here", "steward-1-here", "reviewer-2-here", "reviewer-3-2-here", "reviewer-4-here",
    "region_admin-4-here", "organiser-3-2-here", "auditor-3-here", "reviewer-3-there", "reviewer-5-city", "city_admin-5-city", "organiser-5-city",
    "auditor-5-city",
)  # fmt: skip
# What a number in an address names, where the name of the argument does not say it: (endpoint or "", argument) → tables.
NAMES = {
    ("", "nomination_id"): "nomination", ("", "one"): "nomination", ("", "other"): "nomination", ("", "region_id"): "region", ("", "honour_id"): "honour",
    ("", "benefit_id"): "benefit", ("", "category_id"): "category", ("volunteering.desk.end_category", "category_id"): "service_category",
    ("", "row_id"): "nomination_mentioned", ("identity.desk.end_deputy", "row_id"): "deputy", ("", "grant_id"): "grant", ("", "errand_id"): "errand",
    ("", "person_id"): "person", ("", "kiosk_id"): "kiosk", ("", "card_id"): "member_card", ("kiosk.desk.decide", "number"): "scan", ("volunteering.tick", "number"): "sign_up",
    ("", "scan_id"): "scan", ("", "meeting_id"): "council_meeting", ("", "clue_id"): "clue", ("", "voice_id"): "nomination_voice",
    ("", "filter_id"): "saved_filter", ("", "objection_id"): "objection", ("", "round_id"): "round", ("", "member_id"): "council_member",
    ("", "look_id"): "second_look", ("", "decision_id"): "nomination_decision", ("", "item_id"): "notice_item", ("", "message_id"): "outbox_message",
    ("", "redemption_id"): "redemption", ("", "good_id"): "good", ("", "team_id"): "team", ("", "attestation_id"): "attestation", ("", "event_id"): "event",
    ("", "hours_id"): "hours", ("", "sign_up_id"): "sign_up", ("", "pattern_id"): "pattern", ("", "post_id"): "post", ("", "shift_id"): "shift",
    ("", "hand_over_id"): "hand_over", ("", "complaint_id"): "complaint", ("", "shortfall_id"): "point_shortfall", ("", "jury_id"): "jury",
    ("volunteering.end_question", "number"): "recheck", ("volunteering.desk.take_off", "number"): "recheck",
    ("volunteering.desk.revoke_qualification", "number"): "qualification", ("", "kinship_id"): "kinship", ("", "kind_id"): "qualification_kind", ("", "qualification_id"): "qualification",
}  # fmt: skip
# Words that an address takes: those of `DEEDS` beside the view, and these.
WORDS = {
    "deed": {
        "kiosk.change_card": ("print", "loss"), "kiosk.desk.decide": ("apply", "attach", "dismiss"), "volunteering.stand": ("standing", "leaving"),
        "volunteering.desk.decide": ("confirmation", "refusal"), "volunteering.desk.word": ("stayed", "word"), "volunteering.desk.change_shift": ("size", "cancellation"),
        "volunteering.answer_ward": ("knowing", "leaving"), "volunteering.tick": ("in", "out", "undo", "up", "stayed", "reverse"),
        "volunteering.decide_paper": ("confirmation", "return"), "volunteering.answer_ask": ("acceptance", "refusal"),
    },
    "kind": {"volunteering.desk.change_rules": ("policy", "stars", "tariff"), "volunteering.desk.event_sheet": ("roster", "shifts"), "volunteering.desk.team_sheet": ("members", "roster")},
    "purpose": {"": ("register", "password", "contact")}, "n": {"": (1, 4)}, "token": {"": ("1.made-up",)}, "number": {"": ("ZM-2026-000001",)},
    "day": {"": ("2026-10-01",)}, "key": {"": ("x" * 43,)}, "batch": {"": ("x",)}, "reference": {"": ("Y0000-00000",)},
}  # fmt: skip
MOST_DEEDS = 12


@dataclass
class Asker:
    """Somebody with a browser, signed in once; each request begins with the cookies they had then."""

    name: str
    client: FlaskClient
    cookies: dict[Any, Any] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        self.client._cookies = dict(self.cookies)  # type: ignore[attr-defined]
        sent = {"csrf_token": self.token, **(data or {})} if method == "POST" else None
        # In a context of its own, as behind a server.
        return Context().run(self.client.open, path, method=method, data=sent)

    def do(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Send a form, and say yes where the deed asks first."""
        answer = self.ask("POST", path, data)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            question = next((f for f in posts(answer.text, path) if PROOF in f.fields), None)
            if question is not None:
                return self.ask("POST", path, {**data, **question.filled()})
        return answer

    @property
    def branch(self) -> str:
        return self.name.rsplit("-", 1)[-1]


def askers(app: Flask, world: World) -> list[Asker]:
    """Everybody in turn, with a form's token in hand."""
    found = []
    for name in ROLES:
        strict = strict_client(app)
        if name != "anonymous":
            strict.sign_in(world.logins[name])
        strict.get("/complaint")
        found.append(Asker(name, FlaskClient(app, app.response_class, use_cookies=True), dict(strict._cookies), strict.token))  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class Target:
    """One address of the map, filled with numbers of one branch."""

    rule: Rule
    path: str
    branch: str
    access: Any
    is_known: bool
    is_first: bool  # of the deeds of one address

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint


def targets(app: Flask, world: World, method: str) -> Iterator[Target]:
    """Every address that takes the method, once for each branch and each of its deeds."""
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
            if method not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            view = app.view_functions[rule.endpoint]
            for branch in ("here", "there") if rule.arguments else ("here",):
                yield from _filled(rule, view, branch, world)


def _filled(rule: Rule, view: Any, branch: str, world: World) -> Iterator[Target]:
    names = sorted(rule.arguments)
    things = [_table(rule.endpoint, name) if _is_number(rule, name) else None for name in names]
    values, is_known = [], True
    for name, table in zip(names, things, strict=True):
        if table is None:
            link = world.links[branch].get(rule.endpoint) if name == "token" else None
            values.append((link,) if link else _words(rule.endpoint, view, name))
            continue
        rows = world.rows[table][branch] or world.rows[table]["city"]
        is_known = is_known and bool(world.rows[table][branch])
        # The likest to be still open is what was made last; two of a kind where an address names two.
        values.append([rows[-1 - names.index(name) % len(rows)]] if rows else [10**12])
    for at, chosen in enumerate(list(product(*values))[:MOST_DEEDS]):
        path = url_for(rule.endpoint, **dict(zip(names, chosen, strict=True)))
        yield Target(rule, path, branch, getattr(view, "access", None), is_known and any(things), at == 0)


def _is_number(rule: Rule, name: str) -> bool:
    return type(rule._converters[name]).__name__ in ("NumberInPath", "IntegerConverter") and name != "n"


def _table(endpoint: str, name: str) -> str:
    found = NAMES.get((endpoint, name)) or NAMES.get(("", name))
    assert found is not None, f"say in tests/support/matrix.py what `{name}` of {endpoint} names"
    return found


def _words(endpoint: str, view: Any, name: str) -> tuple[Any, ...]:
    deeds = view.__globals__.get("DEEDS") if name in ("deed", "kind") else None
    if endpoint in WORDS.get(name, {}):
        return WORDS[name][endpoint]
    if deeds:
        return tuple(deeds)
    return WORDS.get(name, {}).get("", ("x",))


class Forms:
    """The forms that the city's own pages offer, found by opening every page `here` as somebody who may."""

    def __init__(self, app: Flask, world: World, everybody: list[Asker]) -> None:
        self.world = world
        self.adapter = app.url_map.bind("localhost")
        self.known: dict[tuple[Any, ...], Sent] = {}
        self.of: list[tuple[Asker, str, Sent]] = []
        self.opened: dict[str, int] = {}
        for target in targets(app, world, "GET"):
            if target.branch == "here":
                for asker in everybody:
                    if self._opened(asker, target.path, target.endpoint) and target.endpoint not in IN_EVERY_HAND:
                        break
        desks = [asker for asker in everybody if asker.name.startswith(("steward", "reviewer")) and asker.branch != "there"]
        for case in world.rows["nomination"]["here"]:
            for asker in desks:
                self._opened(asker, f"/nominations/desk/queue?case={case}", "nominations.desk.queue")
            any(self._opened(asker, f"/nominations/desk/inquiries/{case}", "nominations.desk.inquiry") for asker in desks)

    def _opened(self, asker: Asker, path: str, endpoint: str) -> bool:
        answer = asker.ask("GET", path)
        if answer.mimetype == "text/html":
            self.opened[endpoint] = max(self.opened.get(endpoint, 0), answer.status_code)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            return False
        for form in posts(answer.text, path):
            key = self.key(form.action)
            if key is not None and key not in self.known:
                self.known[key] = form
                self.of.append((asker, path, form))
        return True

    def key(self, action: str) -> tuple[Any, ...] | None:
        """The endpoint and the words of an address; the numbers in it do not matter."""
        try:
            endpoint, values = self.adapter.match(urlsplit(action).path, method="POST")
        except (NotFound, MethodNotAllowed, RequestRedirect):
            return None
        return endpoint, *(v for _n, v in sorted(values.items()) if isinstance(v, str))

    def data_for(self, target: Target) -> dict[str, Any]:
        """What a page would send there, as far as any page was seen that does."""
        form = self.known.get(self.key(target.path) or ())
        if form is None:
            form = next((f for k, f in self.known.items() if k[0] == target.endpoint), None)
        found = form.filled() if form is not None else {name: words_for(name, "text") for name in ("reason", "words", "answer", "finding")}
        # The made-up number is somebody's or nobody's by how many accounts were made before: sign in as somebody who is there.
        return {**found, "contact": self.world.logins["volunteer-here"]} if target.endpoint == "identity.sign_in" else found


# Pages that look different to everybody who opens them.
IN_EVERY_HAND = {"nominations.desk.queue", "volunteering.tick_list", "volunteering.mine", "identity.desk.deputies"}


def may_never(asker: Asker, target: Target, holds: frozenset[Permission]) -> bool:
    """Whether nothing of this may ever be written by whoever asks: no permission for it, or a thing of the other branch."""
    if isinstance(target.access, Permission) and target.access not in holds:
        return True
    if target.access == "signed_in" and asker.name == "anonymous":
        return True
    return target.is_known and asker.branch in ("here", "there") and target.branch != asker.branch


def is_worth_asking(asker: Asker, target: Target, holds: frozenset[Permission]) -> bool:
    """Who holds nothing is refused alike everywhere: `there` is asked only by those of `here` who hold something."""
    lacks = isinstance(target.access, Permission) and target.access not in holds
    if target.branch == "here":
        return not lacks or target.is_first
    return not lacks and asker.branch == "here" and asker.name != "volunteer-here"
