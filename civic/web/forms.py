"""The base of every form: CSRF on, words trimmed, refusals of the domain put on the field they name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeField, Field, IntegerField, SelectField

from civic.core import typed
from civic.core.db import transaction
from civic.core.errors import DomainError


def _trim(value: Any) -> Any:
    return typed.plain(value).strip() if isinstance(value, str) else value


def _count(value: Any) -> Any:
    """A whole number that a column can hold."""
    if isinstance(value, int) and abs(value) > typed.LARGEST_COUNT:
        raise ValueError(_("这个数太大了，请再看一眼。"))
    return value


def _row(value: Any) -> Any:
    """The number of a row, where an option carries one."""
    if isinstance(value, int) and abs(value) > typed.LARGEST:
        raise ValueError(_("请从列出来的里面选。"))
    return value


def _lived_in(value: Any) -> Any:
    """A day of a year that people live in; beyond, sums of days run over."""
    if isinstance(value, date) and not typed.FIRST_YEAR <= value.year <= typed.LAST_YEAR:
        raise ValueError(_("年份好像写错了，请再看一眼。"))
    return value


# What every field of a kind goes through, whichever form it stands in.
FILTERS: tuple[tuple[type[Field], Callable[[Any], Any]], ...] = (
    (IntegerField, _count),
    (SelectField, _row),
    (DateField, _lived_in),
    (DateTimeField, _lived_in),
)


class Form(FlaskForm):
    """A form of this house. Texts are trimmed; passwords are not (their fields drop the filter)."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            if "Password" not in unbound_field.field_class.__name__ and "File" not in unbound_field.field_class.__name__:
                more = [_trim, *(one for kind, one in FILTERS if issubclass(unbound_field.field_class, kind))]
                options = {**options, "filters": [*more, *unbound_field.kwargs.get("filters", ())]}
            return super().bind_field(form, unbound_field, options)

    # What the page is answered with when `carried_out` said no.
    status = 422
    refusal: DomainError | None = None

    def carried_out(self, deed: Callable[[], Any]) -> bool:
        """Whether the form was right and the deed done, whole, in one transaction; else it says what was wrong.

        What lies out of reach stays a 404: a form must not tell what exists.
        """
        if not self.validate():
            return False
        try:
            with transaction():
                deed()
        except DomainError as error:
            if error.status == 404:
                raise
            self.refuse(error)
            self.status, self.refusal = error.status, error
            return False
        return True

    def refuse(self, error: DomainError) -> None:
        """Put a refusal on the field it names, else on the form as a whole."""
        # Where the page does not show the form any more, web/unsent.py says it all the same.
        g.refused, g.refused_code = str(error.sentence), error.code
        field = self._fields.get(error.field) if error.field else None
        if field is not None:
            field.errors = [*field.errors, str(error.sentence)]
        else:
            self.form_errors: list[str] = [*self.form_errors, str(error.sentence)]

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """(id of the field, sentence) of everything that is wrong, in the order of the page."""
        found: list[tuple[str | None, str]] = [(None, str(e)) for e in self.form_errors]
        for field in self:
            found += [(field.id, str(e)) for e in _flat(field.errors)]
        return found

    @property
    def problem_title(self) -> str:
        """What the page's title begins with when something is wrong."""
        count = len(self.problems)
        return _("有 %(count)s 处要补：", count=count) if count else ""


def _flat(errors: Any) -> list[Any]:
    if isinstance(errors, dict):
        return [e for part in errors.values() for e in _flat(part)]
    return [e for part in errors for e in (_flat(part) if isinstance(part, list | tuple | dict) else [part])]
