"""What a request brings, read in one way: words without unseen characters, numbers and days only where they fit."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, Request, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, ValidationError
from werkzeug.utils import cached_property

from civic.core import typed
from civic.core.errors import Invalid


class Asked(Request):
    """A request whose words are clean, whichever view reads them: no page has to remember it. Secrets stay as they came."""

    has_zero = False

    def _clean(self, found: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
        clean = []
        for name, value in found.items(multi=True):
            self.has_zero = self.has_zero or "\0" in name or "\0" in value
            clean.append((typed.plain(name), value.replace("\0", "") if "password" in name else typed.plain(value)))
        return ImmutableMultiDict(clean)

    @cached_property
    def args(self) -> Any:
        return self._clean(super().args)

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        self.__dict__["form"] = self._clean(self.__dict__["form"])


class NumberInPath(IntegerConverter):
    """`<int:…>`: Arabic digits that fit a row's number; whatever else stands there leads nowhere."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> Any:
        number = super().to_python(value)
        if number > typed.LARGEST:
            raise ValidationError
        return number


def number(name: str, default: int | None = None) -> Any:
    """A number in the address, `default` where there is none or none that fits."""
    found = typed.whole_number(request.args.get(name, ""))
    return default if found is None else found


def day(name: str) -> date | None:
    """A day in the address or the form, None where there is none that people live in."""
    return typed.day(request.values.get(name, ""))


def sent_number(name: str, default: int | None = None) -> Any:
    """A number in the form, `default` where there is none or none that fits."""
    found = typed.whole_number(request.form.get(name, ""))
    return default if found is None else found


def sent_numbers(name: str) -> list[int]:
    """Every number of that name in the form; nonsense is left out."""
    found = (typed.whole_number(words) for words in request.form.getlist(name))
    return [number for number in found if number is not None]


def check() -> None:
    """A zero character is in no language: whoever sends one is no person at a keyboard."""
    assert isinstance(request, Request)
    request.args  # noqa: B018  reading it looks at it
    if request.method not in ("GET", "HEAD") and not request.is_json:
        request.form  # noqa: B018
    # A machine's words are cleaned and answered as its interface is described.
    if "\0" in request.path or (getattr(request, "has_zero", False) and not request.path.startswith("/api/")):
        raise Invalid("unreadable_character", _l("里面有读不了的字符（空字符）。请删掉它再试一次。"))


def init(app: Flask) -> None:
    app.request_class = Asked
    app.url_map.converters["int"] = NumberInPath
    app.before_request(check)
