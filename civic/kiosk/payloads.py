"""The shape of what kiosks send and get, as docs/kiosk.md describes it; the OpenAPI document is made from these."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from civic.kiosk.states import Code, Outcome

SCANS_MOST = 500
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Strict(Schema):
    """Fields that are not described are refused, not dropped."""

    class Meta:
        unknown = RAISE


class Moment(fields.AwareDateTime):
    """ISO 8601 with its zone. What no clock of ours can show is brought to the nearest that it can."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            found = super()._deserialize(value, attr, data, **more).astimezone(UTC)
        except OverflowError:
            return LONG_AGO if value < "1000" else FAR_AHEAD
        return min(max(found, LONG_AGO), FAR_AHEAD)


class Number(fields.Float):
    """A number that JSON can say: neither a text nor a truth, neither endless nor none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)


class Whole(fields.Integer):
    """A whole number, also one that is written 7.0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in (float("inf"), float("-inf")) or int(value) != value:
            raise self.make_error("invalid", input=value)
        return int(value)


class Text(fields.String):
    """A text that a database can keep."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        found = super()._deserialize(value, attr, data, **more)
        # Halves of characters and the zero character keep their place, so that a length stays what it was.
        return found.replace("\0", "?").encode("utf-8", "replace").decode()


class Day(fields.Date):
    """A day, as 1961-04-02 and in no other way."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **more)


def _id() -> Whole:
    return Whole(validate=validate.Range(1, (1 << 53) - 1))


class ErrorOut(Schema):
    """Why something was refused: a code that stays the same, and a sentence for people."""

    code = fields.String(required=True)
    sentence = fields.String(required=True)


class PairIn(Strict):
    code = Text(required=True, validate=validate.Length(8, 8), metadata={"description": "As it stands on the desk; small letters are read as large ones."})
    app = Text(required=True, validate=validate.Length(1, 20))
    name = Text(required=True, validate=validate.Length(1, 60), metadata={"description": "The browser, as the desk's list shows it."})


class KioskOut(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    place = fields.String(required=True)
    scope = fields.String(required=True, validate=validate.OneOf(["region", "team", "event"]))
    until = fields.String(required=True, metadata={"format": "date-time"})


class PairOut(Schema):
    key = fields.String(required=True, metadata={"description": "The device's own key. It is told this once."})
    kiosk = fields.Nested(KioskOut, required=True)
    now = fields.String(required=True, metadata={"format": "date-time"})


class LeaderOut(Schema):
    salt = fields.String(required=True)
    rounds = fields.Integer(required=True)
    digest = fields.String(required=True, metadata={"description": "PBKDF2-HMAC-SHA256(pin, salt), 32 bytes in base64."})


class SettingsOut(Schema):
    early_minutes = fields.Integer(required=True)
    again_minutes = fields.Integer(required=True)
    late_minutes = fields.Integer(required=True)


class EventOut(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    key = fields.String(required=True)
    kit = fields.List(fields.String(), required=True)
    briefing = fields.String(required=True, allow_none=True, metadata={"description": "What whoever joins on the spot reads first; null where nothing has to be."})


class ShiftOut(Schema):
    id = fields.Integer(required=True)
    event = fields.Integer(required=True)
    name = fields.String(required=True)
    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})
    post = fields.String(required=True)
    corner = fields.String(required=True)
    role = fields.String(required=True)
    most = fields.Integer(required=True)


class PersonOut(Schema):
    """A line of the roster. Where `gone`, the place is off the list and nothing more is said."""

    place = fields.Integer(required=True)
    shift = fields.Integer(required=True)
    alias = fields.String(required=True)
    gone = fields.Boolean(required=True)
    name = fields.String()
    tail = fields.String(allow_none=True)
    card = fields.String(allow_none=True)
    pin = fields.String(allow_none=True)
    month = fields.String(allow_none=True)
    stars = fields.Integer()
    hours = fields.Integer()
    next = fields.Integer(allow_none=True)
    came = fields.String(data_key="in", allow_none=True, metadata={"format": "date-time"})
    went = fields.String(data_key="out", allow_none=True, metadata={"format": "date-time"})


class RosterIn(Strict):
    since = Text(metadata={"description": "The cursor of the roster one has; one that is not known brings the whole."})


class RosterHeaders(Schema):
    etag = fields.String(data_key="If-None-Match", metadata={"description": "The ETag one has; 304 where it still holds."})


class RosterOut(Schema):
    cursor = fields.String(required=True)
    whole = fields.Boolean(required=True)
    now = fields.String(required=True, metadata={"format": "date-time"})
    expires_at = fields.String(required=True, metadata={"format": "date-time"})
    leader = fields.Nested(LeaderOut, required=True)
    settings = fields.Nested(SettingsOut, required=True)
    events = fields.List(fields.Nested(EventOut), required=True)
    shifts = fields.List(fields.Nested(ShiftOut), required=True)
    people = fields.List(fields.Nested(PersonOut), required=True)


class ScanIn(Strict):
    """It was so, then. `place` is absent where the kiosk does not know the person; then `alias` or `code` says what it knows."""

    scan_id = Text(required=True, validate=validate.Length(1, 36))
    kind = Text(required=True, validate=validate.OneOf(["punch", "undo", "kit"]))
    counter = Whole(required=True, validate=validate.Range(0, (1 << 53) - 1))
    at = Moment(required=True)
    offset = Number(required=True, validate=validate.Range(-1e9, 1e9))
    sure = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "False: the clock was set, and nobody can tell how the offset stood then. A person decides."})
    event = _id()
    place = _id()
    alias = Text(validate=validate.Length(1, 40))
    direction = Text(validate=validate.OneOf(["in", "out"]), metadata={"description": "Of kit: out, when it is lent; in, when it comes back."})
    way = Text(validate=validate.OneOf(["phone", "card", "wedge", "tail", "list"]))
    code = Text(validate=validate.Length(1, 200))
    undoes = Text(validate=validate.Length(1, 36))
    kit = Text(validate=validate.Length(1, 20))


class ScansIn(Strict):
    scans = fields.List(
        # Each is looked at by itself, so that a malformed one sinks no other: it is refused for good, and kept.
        fields.Raw(metadata={"anyOf": [{"$ref": "#/components/schemas/Scan"}, {"type": "object"}]}, validate=lambda value: _is_object(value)),
        required=True, validate=validate.Length(1, SCANS_MOST),
    )  # fmt: skip


def _is_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError("not an object")


class AnswerOut(Schema):
    """Exactly one of three outcomes; the device deletes a scan only on an answer."""

    scan_id = fields.String(required=True, allow_none=True, metadata={"description": "As it was sent; null where it could not be read."})
    outcome = fields.String(required=True, validate=validate.OneOf([outcome.value for outcome in Outcome]))
    code = fields.String(required=True, validate=validate.OneOf([code.value for code in Code]))
    words = fields.String(required=True)


class ScansOut(Schema):
    answers = fields.List(fields.Nested(AnswerOut), required=True)
    now = fields.String(required=True, metadata={"format": "date-time"})


class WalkInIn(Strict):
    scan_id = Text(required=True, validate=validate.Length(1, 36))
    shift = Whole(required=True, validate=validate.Range(1, (1 << 53) - 1))
    name = Text(required=True, validate=[validate.Length(1, 60), validate.Regexp(r"^[^\s\x00-\x1f\x7f-\x9f]")])
    phone = Text(required=True, validate=[validate.Length(11, 11), validate.Regexp("^1[3-9][0-9]{9}$")])
    birth_date = Day(metadata={"format": "date", "description": "Without it nobody is signed up whose birthday is not known."})
    has_read_briefing = fields.Boolean(load_default=False, metadata={"description": "They saw the event's briefing and ticked that they read it."})
    at = Moment(required=True)
    offset = Number(required=True, validate=validate.Range(-1e9, 1e9))


class WalkInOut(AnswerOut):
    person = fields.Nested(PersonOut, required=True, allow_none=True)
    now = fields.String(required=True, metadata={"format": "date-time"})


class StatusIn(Strict):
    app = Text(required=True, validate=validate.Length(1, 20))
    battery = Number(allow_none=True, validate=validate.Range(0, 1))
    queued = Whole(required=True, validate=validate.Range(0, 1_000_000))
    oldest_at = Moment(allow_none=True)
    roster_at = Moment(allow_none=True)
    at = Moment(required=True)


class StatusOut(Schema):
    now = fields.String(required=True, metadata={"format": "date-time"})
    until = fields.String(required=True, metadata={"format": "date-time"})
    newest_app = fields.String(required=True)
