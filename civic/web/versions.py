"""Forms that know what they showed: whoever saves after somebody else is told what changed, field by field, and loses no word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, Field, HiddenField, SelectField

from civic.audit import queries as audit
from civic.core.errors import Conflict
from civic.web import session
from civic.web.forms import Form


class Versioned(Form):
    """A form over a row that others may change meanwhile. `seen` carries a digest of each value as the page showed it."""

    seen = HiddenField()

    def show(self, now: Mapping[str, object]) -> None:
        """Note the row as this page shows it; {field: value}. What a page sent along with its words is not replaced."""
        if not self.seen.raw_data:
            self.seen.data = _seen(now)

    def settle(self, now: Mapping[str, object], about: tuple[str, int]) -> None:
        """Refuse where somebody changed the row after this page was made; asked under the lock, with the row as it stands.

        What only the other changed is taken over into the form; what both changed stays as it was typed. Each of it is said at
        its field, and the form saved once more is saved. `about` is the thing on the record, which knows who it was.
        """
        shown = _shown(self.seen.data)
        changed = [name for name, digest in shown.items() if name in now and digest != _digest(now[name])]
        told = [self._told(self._fields[name], now[name], shown[name]) for name in changed if name in self._fields]
        self.seen.data = _seen(now)
        if any(told):
            raise Conflict("changed_meanwhile", _by(about), changed=changed)

    def _told(self, field: Field, value: object, shown: str) -> bool:
        """Whether this field's change is news to who saves; then it stands at the field."""
        mine, theirs = _digest(field.data), _digest(value)
        if mine == theirs:
            return False
        words = {"label": field.label.text, "value": _words(field, value)}
        if mine == shown:
            field.process_data(value)
            field.raw_data = []
            said = _("“%(label)s”改成了“%(value)s”，这里已经换上。", **words)
        else:
            said = _("“%(label)s”别人改成了“%(value)s”，您写的还留着，再存一次就用您的。", **words)
        field.errors = [*field.errors, said]
        return True


def _by(about: tuple[str, int]) -> str:
    last = audit.last_actor_of(about)
    name = session.names_of({last}).get(last) if last is not None and last != session.actor().user_id else None
    if name is None:
        return _("您打开以后，这里改过了。改过的地方都标出来了，看一眼，再存一次。")
    return _("您打开以后，%(name)s改过这里。改过的地方都标出来了，看一眼，再存一次。", name=name)


def _seen(now: Mapping[str, object]) -> str:
    return json.dumps({name: _digest(value) for name, value in now.items()}, separators=(",", ":"))


def _shown(seen: str | None) -> dict[str, str]:
    """What a page said it had shown; nothing, where it said nothing that can be read."""
    try:
        found = json.loads(seen or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}


def _plain(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    return "" if value is None or value is False else str(value).replace("\r\n", "\n").strip()


def _digest(value: object) -> str:
    return hashlib.sha256(_plain(value).encode()).hexdigest()[:12]


def _words(field: Field, value: object) -> str:
    """A value as people read it."""
    if isinstance(field, BooleanField):
        return _("是") if value else _("否")
    plain = _plain(value)
    options = field.iter_choices() if isinstance(field, SelectField) else ()
    chosen = next((str(option.label) for option in options if str(option.value) == plain), None)
    return (chosen or plain or _("空着"))[:120]
