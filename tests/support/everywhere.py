"""Made-up requests to every route, as everybody: paths, queries and forms, generated from the URL map and the pages themselves."""

from __future__ import annotations

import inspect
import re
import traceback
from collections import Counter, defaultdict
from contextvars import Context
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from tests.support.odd_inputs import SWEEP, odd

CIVIC = Path(__file__).parents[2] / "civic"
STRANGER = "a stranger"
# What a page is asked with, wherever that is written.
_ASKED = re.compile(r"""(?:request\.(?:args|form|values)(?:\.get|\.getlist)?[\[(]|arguments\.\w+\()["'](\w+)["']""")
PAGES_EACH = 90
SAME_PAGE = 3


@dataclass
class FoundForm:
    """A form as a page shows it: where it goes and what it would send."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[tuple[str, FoundForm]] = []
        self._form: FoundForm | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "a" and found.get("href", "").startswith("/"):
            self.links.append(found["href"])
        elif tag == "form":
            self._form = FoundForm(found.get("action", ""))
            self.forms.append((found.get("method", "get").lower(), self._form))
        elif self._form is None:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._form.fields.append((self._select, value))
        elif found.get("type") == "file":
            self._form.files.append(name)
        elif tag in ("input", "textarea", "button") and name and name != "csrf_token":
            self._form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


class Everywhere:
    """The map of an application as its pages show it, and requests made up from it."""

    def __init__(self, app: Flask, logins: dict[str, str], *, seed: int, password: str = "haoren-demo") -> None:
        """`logins`: who goes around, by name → contact; a stranger goes as well. Whoever is signed out is let in again by `enter`."""
        self.app, self.chance, self.password = app, Random(seed), password
        self.logins = {STRANGER: "", **logins}
        self.clients = {who: FlaskClient(app, app.response_class, use_cookies=True) for who in self.logins}
        self.known: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.people: dict[str, set[str]] = defaultdict(set)
        self.queries: dict[str, set[str]] = defaultdict(set)
        self.values: dict[str, list[str]] = defaultdict(list)
        self.forms: dict[str, list[tuple[str, FoundForm]]] = defaultdict(list)
        self.names = sorted({n for path in CIVIC.rglob("*.py") for n in _ASKED.findall(path.read_text(encoding="utf-8"))} | {"of", "next", "lang", "text"})
        self.rules: list[tuple[Rule, str]] = [
            (rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) if rule.endpoint != "static"
        ]
        for rule, _method in self.rules:
            view = inspect.unwrap(app.view_functions[rule.endpoint])
            self.queries[rule.endpoint].update(_ASKED.findall(inspect.getsource(inspect.getmodule(view) or view)))
        self.seen: Counter[str] = Counter()
        self.touched: set[tuple[str, str]] = set()
        self.faults: list[str] = []

    def open(self, who: str, path: str, **more: Any) -> Any:
        return Context().run(self.clients[who].open, path, **more)

    def look_around(self) -> None:
        """Follow the links of everybody's pages, a few of each kind, and remember addresses and forms."""
        matcher = self.app.url_map.bind("localhost")
        for who in self.logins:
            waiting, done, kinds = ["/", "/me", "/roll", "/nominations/new", "/volunteering/", *self._desks()], set(), Counter[str]()
            while waiting and len(done) < PAGES_EACH:
                path = waiting.pop(0)
                plain = urlsplit(path).path
                try:
                    endpoint, arguments = matcher.match(plain, method="GET")
                except HTTPException:
                    continue
                self._remember(who, endpoint, arguments, path)
                if path in done or kinds[endpoint] >= SAME_PAGE or endpoint in ("identity.sign_out", "static"):
                    continue
                done.add(path)
                kinds[endpoint] += 1
                answer = self.open(who, path)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    waiting += self._read(who, path, answer.text, matcher)

    def _desks(self) -> list[str]:
        return [rule.rule for rule, method in self.rules if method == "GET" and not rule.arguments and not rule.rule.startswith("/api/")]

    def _remember(self, who: str, endpoint: str, arguments: Any, path: str) -> None:
        self.people[endpoint].add(who)
        if len(self.known[endpoint]) < 12 and arguments not in self.known[endpoint]:
            self.known[endpoint].append(dict(arguments))
        for name, value in parse_qsl(urlsplit(path).query):
            self.queries[endpoint].add(name)
            self.values[name].append(value)

    def _read(self, who: str, path: str, html: str, matcher: Any) -> list[str]:
        page = _Reader(html)
        for method, form in page.forms:
            target = form.path or path
            try:
                endpoint, arguments = matcher.match(urlsplit(target).path, method=method.upper())
            except HTTPException:
                continue
            self._remember(who, endpoint, arguments, target)
            form.path = target
            if method == "post" and len(self.forms[endpoint]) < 6:
                self.forms[endpoint].append((who, form))
            elif method == "get":
                self.queries[endpoint].update(name for name, _value in form.fields)
        return page.links

    def sweep(self, each: int = len(SWEEP)) -> None:
        """Every page that is only read, with everything it may be asked at once: `each` of the kinds that once failed."""
        for rule, method in self.rules:
            for words in self.chance.sample(SWEEP, each) if method == "GET" else ():
                who = self.chance.choice(sorted(self.people.get(rule.endpoint, ())) or list(self.logins))
                shown = self.chance.choice(self.known.get(rule.endpoint) or [{}])
                path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found, shown=shown: quote(str(shown.get(found[1], 1)), safe="/"), rule.rule)
                query = [(name, words) for name in sorted(self.queries[rule.endpoint])]
                self._send(rule, who, path, {"query_string": urlencode(query), "method": "GET"})

    def go(self, cases: int) -> None:
        """That many requests, each route in turn; what fails stands in `faults`."""
        order: list[tuple[Rule, str]] = []
        for number in range(cases):
            if not order:
                order = self.chance.sample(self.rules, len(self.rules))
            rule, method = order.pop()
            self._one(rule, method)
            if number % 50 == 49:
                self.enter()

    def enter(self) -> None:
        """Whoever was signed out meanwhile signs in again."""
        for who, contact in self.logins.items():
            if contact and self.open(who, "/me").status_code != 200:
                self.open(who, "/identity/sign_in", method="POST", data={"contact": contact, "password": self.password})

    def _one(self, rule: Rule, method: str) -> None:
        chance = self.chance
        forms = self.forms.get(rule.endpoint, []) if method != "GET" else []
        if forms and chance.random() < 0.8:
            who, form = chance.choice(forms)
            path = form.path if chance.random() < 0.8 else self._path(rule)
        else:
            # Mostly as somebody whose pages lead there.
            at_home = sorted(self.people.get(rule.endpoint, ())) if chance.random() < 0.8 else []
            who, form, path = chance.choice(at_home or list(self.logins)), None, self._path(rule)
        path, _mark, _query = path.partition("?")
        more: dict[str, Any] = {"query_string": urlencode(self._query(rule.endpoint)), "method": method}
        if method != "GET":
            more |= self._body(form, is_json=rule.rule.startswith("/api/"))
        self._send(rule, who, path, more)

    def _path(self, rule: Rule) -> str:
        """The address with arguments that a page showed, or with one that none would."""
        shown = self.chance.choice(self.known.get(rule.endpoint) or [{}])
        is_odd = self.chance.choice([*rule.arguments, None]) if self.chance.random() < 0.5 else None

        def part(found: re.Match[str]) -> str:
            name = found[1]
            if name == is_odd or name not in shown:
                return quote(odd(self.chance, name, "1" if ":" in found[0] else ""), safe="") or "0" if name == is_odd or self.chance.random() < 0.5 else str(self.chance.randint(1, 9))
            return quote(str(shown[name]), safe="/")

        return re.sub(r"<(?:\w+:)?(\w+)>", part, rule.rule)

    def _query(self, endpoint: str) -> list[tuple[str, bytes]]:
        known = sorted(self.queries.get(endpoint, ()))
        names = [self.chance.choice(known or self.names) if self.chance.random() < 0.7 else self.chance.choice(self.names) for _ in range(self.chance.choice((0, 1, 1, 2, 3)))]
        return [(name, self._value(name)) for name in names]

    def _value(self, name: str) -> bytes:
        if self.values.get(name) and self.chance.random() < 0.25:
            return self.chance.choice(self.values[name]).encode()
        shown = self.values.get(name) or ["1"] if self.chance.random() < 0.5 else [""]
        return odd(self.chance, name, shown[0])

    def _body(self, form: FoundForm | None, *, is_json: bool) -> dict[str, Any]:
        if is_json:
            return {"data": self.chance.choice((b"", b"{", b"[]", b'{"a":' * 3000, b'{"scans": [{"at": 1e400}]}', odd(self.chance))), "content_type": "application/json"}
        sent = [(name, value.encode()) for name, value in (form.fields if form is not None else [])]
        sent = [pair for at, pair in enumerate(sent) if all(pair[0] != other for other, _value in sent[:at]) or self.chance.random() < 0.5]
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            if sent and self.chance.random() < 0.8:
                at = self.chance.randrange(len(sent))
                sent[at] = (sent[at][0], odd(self.chance, sent[at][0], sent[at][1].decode("utf-8", "replace")))
            else:
                name = self.chance.choice(self.names)
                sent.append((name, odd(self.chance, name)))
        if form is not None and form.files and self.chance.random() < 0.7:
            data: dict[str, Any] = defaultdict(list)
            for name, value in sent:
                data[name].append(value.decode("utf-8", "replace"))
            data[form.files[0]].append((BytesIO(self._file()), self.chance.choice(("a.jpg", "表.xlsx", "\u202egpj.exe", "x" * 300, "a\0.jpg"))))
            return {"data": dict(data), "content_type": "multipart/form-data"}
        return {"data": urlencode(sent), "content_type": "application/x-www-form-urlencoded"}

    def _file(self) -> bytes:
        return self.chance.choice((b"", b"PK\x03\x04" + b"\0" * 60, b"\xff\xd8\xff\xe0" + b"\0" * 40, b"\x89PNG\r\n\x1a\n" + b"\xff" * 30, b"GIF89a", odd(self.chance)))

    def _send(self, rule: Rule, who: str, path: str, more: dict[str, Any]) -> None:
        label = f"{more['method']} {rule.rule}"
        try:
            answer = self.open(who, path, **more)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)
            ours = next((f for f in reversed(last) if "/civic/" in f.filename), last[-1])
            self.seen["failed"] += 1
            self.faults.append(f"{label} as {who}: {type(error).__name__}: {str(error)[:160]} at {ours.filename.rsplit('/civic/')[-1]}:{ours.lineno}\n    {path} {str(more)[:700]}")
            return
        self.touched.add((rule.endpoint, more["method"]))
        self.seen[f"{more['method']} {answer.status_code}"] += 1
        if rule.rule == "/health/ready" and answer.status_code == 503:
            return  # no worker runs beside: that is what it is there to say
        if answer.status_code >= 500 or (answer.status_code >= 400 and not _has_a_sentence(answer)):
            self.faults.append(f"{label} as {who}: {answer.status_code} {answer.mimetype}\n    {path} {str(more)[:700]}")


def _has_a_sentence(answer: Any) -> bool:
    """Whether a refusal says in words what is wrong."""
    if answer.mimetype == "application/json":
        return bool(answer.json.get("sentence"))
    return answer.mimetype == "text/html" and "<h1" in answer.text
