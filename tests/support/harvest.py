"""The forms of a page as a browser would send them: where to, and every field with what it offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Offered:
    """One field: what it holds when the page is opened, and all that may be chosen."""

    name: str
    kind: str
    value: str | None = None
    choices: list[str] = field(default_factory=list)
    is_chosen_from: bool = False


@dataclass
class Sent:
    """One form; `ways` are the values of its submit buttons, by name."""

    action: str
    method: str
    fields: dict[str, Offered] = field(default_factory=dict)
    ways: list[tuple[str, str]] = field(default_factory=list)

    def filled(self) -> dict[str, str | list[str]]:
        """What is sent when nobody touches it, with the first choice where nothing is chosen and words where words are wanted."""
        found: dict[str, str | list[str]] = {}
        for name, offer in self.fields.items():
            if name == "csrf_token" or offer.kind == "file":
                continue
            if offer.kind == "hidden":
                found[name] = offer.value or ""
                continue
            value = (offer.value or "").strip() or (offer.choices[-1] if offer.is_chosen_from and offer.choices else "") or words_for(name, offer.kind)
            found[name] = value
        for name, value in self.ways[:1]:
            if name:
                found[name] = value
        return found


def words_for(name: str, kind: str) -> str:
    """Something that fits, by what the field is called."""
    for part, words in (
        ("phone", "13900000077"), ("contact", "13900000077"), ("email", "someone@civic.example"), ("code", "ABC234"), ("password", "haoren-test"),
        ("deputy", ""), ("birth", "1990-01-01"), ("number", "110101199003074514"),
    ):  # fmt: skip
        if part in name:
            return words
    return {"date": "2026-08-20", "time": "08:00", "number": "2", "checkbox": "y"}.get(kind, "走访的时候邻居都说得清楚，前后两年，二十个字总是有的，请照这样办。")


class Forms(HTMLParser):
    """Every form of a page that is sent by POST."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.found: list[Sent] = []
        self.named: dict[str, Sent] = {}
        self.outside: list[tuple[str, str, dict[str, str | None]]] = []
        self._form: Sent | None = None
        self._select: Offered | None = None
        self._area: Offered | None = None
        self.links: list[str] = []
        self.feed(html)
        for tag, form, found in self.outside:
            if form in self.named:
                self._take(self.named[form], tag, found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        elif tag == "form":
            self._form = Sent(found.get("action") or self.address, (found.get("method") or "get").lower())
            self.found.append(self._form)
            if found.get("id"):
                self.named[found["id"] or ""] = self._form
        elif tag == "option" and self._select is not None:
            value = found.get("value") or ""
            self._select.choices += [value] if value else []
            if "selected" in found and value:
                self._select.value = value
        elif tag in ("input", "select", "textarea", "button"):
            owner = found.get("form")
            if owner:
                self.outside.append((tag, owner, found))
            elif self._form is not None:
                self._take(self._form, tag, found)

    def _take(self, form: Sent, tag: str, found: dict[str, str | None]) -> None:
        name, value = found.get("name") or "", found.get("value")
        kind = found.get("type") or ("submit" if tag == "button" else tag)
        if kind in ("submit", "button", "image"):
            action = found.get("formaction")
            if action and kind == "submit":
                self.found.append(Sent(action, "post", form.fields, [(name, value or "")]))
            elif kind == "submit":
                form.ways.append((name, value or ""))
            return
        if not name:
            return
        offer = form.fields.setdefault(name, Offered(name, kind, is_chosen_from=kind in ("radio", "checkbox", "select")))
        if kind in ("radio", "checkbox"):
            offer.choices.append(value or "y")
            if "checked" in found or (offer.value is None and kind == "checkbox"):
                offer.value = value or "y"
        elif tag == "select":
            self._select = offer
        elif tag == "textarea":
            self._area = offer
        else:
            offer.value = value

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value = (self._area.value or "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


def posts(html: str, address: str) -> list[Sent]:
    return [form for form in Forms(html, address).found if form.method == "post"]
