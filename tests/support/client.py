"""The strict client: every page it fetches has to have manners, and no GET may write."""

from __future__ import annotations

import re
from collections import Counter
from contextvars import Context
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from civic.core import clock

BREAK = timedelta(minutes=20)
FIELDS = {"input", "select", "textarea"}
# Inputs in which Enter does not send the form.
NO_ENTER = {"hidden", "checkbox", "radio", "file", "button", "reset", "submit", "image", "range", "color"}


class Form:
    """A form's fields that send it by Enter, and its submit buttons in the order of the page."""

    def __init__(self, attrs: dict[str, str | None]) -> None:
        self.action = attrs.get("action") or ""
        self.takes_enter = False
        self.submits: list[dict[str, str | None]] = []

    def see(self, tag: str, attrs: dict[str, str | None]) -> None:
        kind = attrs.get("type") or ("submit" if tag == "button" else "text")
        if tag in ("button", "input") and kind in ("submit", "image"):
            self.submits.append(attrs)
        elif tag == "input" and kind not in NO_ENTER:
            self.takes_enter = True

    @property
    def fault(self) -> str | None:
        """What Enter would do instead of sending the form: the browser presses its first submit button."""
        if not self.takes_enter or len(self.submits) < 2:
            return None
        first, others = self.submits[0], self.submits[1:]
        main = [b for b in self.submits if "btn--main" in (b.get("class") or "").split()]
        if "data-enter" in first or first in main or not (main or first.get("formaction") or (first.get("name") and any(not b.get("name") for b in others))):
            return None
        return f"form {self.action!r}: Enter presses {first.get('name') or first.get('formaction') or first.get('class')!r}, not its main button"


class Page(HTMLParser):
    """What a page says about itself."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.h1 = 0
        self.title = ""
        self.lang = ""
        self.token = ""
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.forms: list[Form] = []
        self._in: list[str] = []
        self._label_depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in ("meta", "link", "input", "img", "br", "hr", "use", "path", "rect"):
            self._in.append(tag)
        if "id" in found:
            self.ids[found["id"] or ""] += 1
        if tag == "h1":
            self.h1 += 1
        if tag == "html":
            self.lang = found.get("lang") or ""
        if tag == "label":
            self._label_depth += 1
            if found.get("for"):
                self.labels.add(found["for"] or "")
        if tag == "form":
            self.forms.append(Form(found))
        elif self.forms and tag in ("input", "button") and "form" in self._in and "form" not in found:
            self.forms[-1].see(tag, found)
        if tag in FIELDS and found.get("type") != "hidden":
            self.fields.append({**found, "in_label": "yes" if self._label_depth else ""})
        if tag == "input" and found.get("name") == "csrf_token":
            self.token = found.get("value") or ""
        self.inline += [f"{tag} {name}" for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not found.get("src")):
            self.inline.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in and self._in.pop() != tag:
                pass
        if tag == "label":
            self._label_depth -= 1

    def handle_data(self, data: str) -> None:
        if self._in[-1:] == ["title"]:
            self.title += data

    def faults(self) -> list[str]:
        """What is missing; empty for a page with manners."""
        found = []
        if self.h1 != 1:
            found.append(f"{self.h1} h1")
        if not self.title.strip(" ·\n"):
            found.append("no title")
        if not self.lang:
            found.append("no lang")
        found += [f"id {name!r} twice" for name, count in self.ids.items() if count > 1]
        found += [f"inline {what}" for what in self.inline]
        found += [form.fault for form in self.forms if form.fault]
        for field in self.fields:
            is_named = field["in_label"] or field.get("aria-label") or field.get("id") in self.labels
            if not is_named:
                found.append(f"field {field.get('name')!r} has no label")
        return found


def question_of(answer: TestResponse) -> dict[str, Any] | None:
    """What the yes of a question's page sends; None where the answer asks nothing."""
    form = next((f for f in re.findall(r"<form\b.*?</form>", answer.text, re.S) if 'name="asked"' in f), None)
    if form is None:
        return None
    fields: dict[str, Any] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', form, re.S):
        name, value = (unescape(found[1]) if (found := re.search(rf'\b{word}="([^"]*)"', tag, re.S)) else "" for word in ("name", "value"))
        fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else [fields[name], value] if name in fields else value
    fields.pop("csrf_token", None)
    return fields


class StrictClient(FlaskClient):
    """Looks at each page, carries the CSRF token by itself, follows nothing by itself."""

    token = ""
    # Who sits there, and when they last did something: after a break they sign in again, as people do.
    who: tuple[str, str] | None = None
    is_patient = True
    at: datetime | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        self._after_a_break()
        is_post = kwargs.get("method", "GET") == "POST"
        data = kwargs.get("data")
        if is_post and (data is None or isinstance(data, dict)) and kwargs.pop("with_token", True):
            if not self.token:
                self.get("/complaint")
            kwargs["data"] = {"csrf_token": self.token, **(data or {})}
        # In a context of its own, as behind a server: what a request left on `g` must not reach the next.
        answer = Context().run(super().open, *args, **kwargs)
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 308):
            page = Page(answer.text)
            assert not page.faults(), f"{args[0] if args else ''}: {page.faults()}"
            self.token = page.token or self.token
        return answer

    def confirm(self, where: str, data: dict[str, Any] | None = None, **answers: Any) -> TestResponse:
        """Post what asks first, and say yes to the question; `answers` are the fields of the question's own page."""
        asked = self.post(where, data=data)
        fields = question_of(asked)
        assert fields is not None, f"{where} asked nothing: {asked.status_code} {self.words(asked)[:400]}"
        return self.post(where, data={**fields, **answers})

    def _after_a_break(self) -> None:
        last, self.at = self.at, clock.now()
        if self.who is not None and self.is_patient and last is not None and clock.now() - last > BREAK:
            self.sign_in(*self.who)

    def words(self, answer: TestResponse) -> str:
        """The text of a page without its tags."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))

    def sign_in(self, login: str, password: str = "haoren-test") -> None:
        self.who = None
        self.get("/identity/sign_in")
        answer = self.post("/identity/sign_in", data={"contact": login, "password": password})
        assert answer.status_code == 303, self.words(answer)
        self.token = ""
        self.who = (login, password)

    def prove_oneself(self, password: str = "haoren-test") -> None:
        """Show once more who one is, before what cannot be taken back."""
        self.get("/identity/confirm")
        assert self.post("/identity/confirm", data={"password": password}).status_code == 303


def strict_client(app: Flask) -> StrictClient:
    return StrictClient(app, app.response_class, use_cookies=True)


def fields(text: str, marker: str) -> dict[str, str]:
    """The fields of the form that holds a marker, as a browser would send them untouched."""
    form = next(f for f in re.findall(r"(?s)<form.*?</form>", text) if marker in f)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in said or (said.get("type") in ("radio", "checkbox") and "checked" not in tag):
            continue
        found[said["name"]] = unescape(said.get("value", ""))
    for name, value in re.findall(r'(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form):
        found[name] = unescape(value.strip("\r\n"))
    for name, options in re.findall(r'(?s)<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'<option(?=[^>]*selected)[^>]*value="([^"]*)"', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen.group(1) if chosen else ""
    return found
