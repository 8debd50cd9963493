"""What kiosks say and ask, as JSON: pair, roster, scans, walk-ins, status (docs/kiosk.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_smorest import Blueprint
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from civic.core import clock, limits
from civic.core.db import transaction
from civic.core.errors import TooMany, Unknown
from civic.kiosk import payloads as shapes
from civic.kiosk import rules
from civic.kiosk.actions import at_the_door, enrolling, late, scanning, walking_in
from civic.kiosk.actions.noting import Overtaken
from civic.kiosk.actions.sent import Sent, nameless
from civic.kiosk.queries import devices
from civic.kiosk.queries import roster as rosters
from civic.kiosk.queries.devices import Device
from civic.kiosk.states import OUTCOME, Code, Kind, Way
from civic.volunteering.states import Direction
from civic.web.api import Api, documented
from civic.web.guards import caller, device, keyless, recognise_devices
from civic.web.i18n import language

PREFIX = "/api/kiosk/v1"
NEWEST_APP = "1"
TRIES = 4
pages = Blueprint("api", __name__, description="签到台")
_scan = shapes.ScanIn()


def init(app: Flask, description: Api) -> None:
    recognise_devices(app, _recognised)
    description.spec.components.schema("Scan", schema=shapes.ScanIn)


def _recognised(key: str | None) -> Device:
    """The device of this key. On 401 it wipes everything and shows the pairing page."""
    found = devices.device_by_key(key) if key else None
    if found is None:
        raise Unknown("unknown_kiosk", _("这台设备还没配对，请在工作台上开一个配对码。"))
    if found.revoked_at is not None:
        raise Unknown("revoked", _("这个签到台停用了。"))
    return found


@pages.post("/pair")
@pages.arguments(shapes.PairIn(), unknown=None)
@pages.response(201, shapes.PairOut)
@documented(pages, shapes.ErrorOut, 400, 404, 409, 410, 413, 422, 429)
@keyless
def pair(wanted: dict[str, Any]) -> Response | tuple[Response, int]:
    """Exchange a one-time code from the desk for a key of one's own."""
    try:
        with transaction():
            limits.spend_at("kiosk.pair", request.remote_addr or "", allowed=20, per=timedelta(minutes=10))
    except TooMany as error:
        raise TooMany("too_often", error.sentence) from None
    with transaction():
        kiosk, key = enrolling.pair(wanted["code"].upper(), app=wanted["app"], browser=wanted["name"])
    about = {"id": kiosk.id, "name": kiosk.name, "place": kiosk.place, "scope": kiosk.scope.value, "until": rosters.moment(kiosk.until)}
    return jsonify(key=key, kiosk=about, now=rosters.moment(clock.now())), 201


@pages.get("/roster")
@pages.arguments(shapes.RosterIn(), location="query", unknown=None)
@pages.arguments(shapes.RosterHeaders(), location="headers")
@pages.response(200, shapes.RosterOut, headers={"ETag": {"schema": {"type": "string"}}})
@pages.alt_response(304, description="Nothing changed since the answer with this ETag.")
@documented(pages, shapes.ErrorOut, 401, 422)
@pages.doc(security=[{"device": []}])
@device
def roster(wanted: dict[str, Any], _headers: dict[str, Any]) -> Response:
    """What the kiosk may know of the next 36 hours: whole, or what changed since a cursor."""
    seen = rosters.sight(caller())
    if seen.etag in request.if_none_match:
        answer = Response(status=304)
    else:
        answer = jsonify(rosters.roster_of(caller(), seen, rosters.since_of(wanted.get("since"))))
    answer.set_etag(seen.etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@pages.post("/scans")
@pages.arguments(shapes.ScansIn(), unknown=None)
@pages.response(200, shapes.ScansOut)
@documented(pages, shapes.ErrorOut, 400, 401, 413, 422)
@pages.doc(security=[{"device": []}])
@device
def scans(wanted: dict[str, Any]) -> Response:
    """Up to 500 scans in the order of their counters; one answer for each, in order. The same scan gets the same answer."""
    sents = [_sent(item) for item in wanted["scans"]]
    if len(sents) == 1 and at_the_door.take_in(caller(), sents[0]):
        return _answered(sents)
    for at in range(0, len(sents), scanning.BATCH):
        _take_in(caller(), sents[at : at + scanning.BATCH])
    return _answered(sents)


def _answered(sents: Sequence[Sent]) -> Response:
    return jsonify(answers=_answers(sents), now=rosters.moment(clock.now()))


def _answers(sents: Sequence[Sent]) -> list[dict[str, str | None]]:
    words = _words(language())
    return [{"scan_id": s.echo, "outcome": OUTCOME[s.code].value, "code": s.code.value, "words": words[s.code]} for s in sents if s.code is not None]


@cache
def _words(_language: str) -> dict[Code, str]:
    return {code: str(words) for code, words in WORDS.items()}


def _take_in(caller: Device, batch: Sequence[Sent]) -> None:
    """One batch in one transaction; begun again where another was faster; at last one by one."""
    for _try in range(TRIES):
        for sent in batch:
            sent.forget()
        try:
            with transaction():
                left = scanning.take_in(caller, batch)
            break
        except (Overtaken, OperationalError):
            continue
        except StatementError as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            left = _singly(caller, batch)
            break
    else:
        left = _singly(caller, batch)
    undone = {sent.undoes for sent in left if sent.undoes}
    for sent in left:
        _late(caller, sent, undone)


def _singly(caller: Device, batch: Sequence[Sent]) -> list[Sent]:
    with transaction():
        return scanning.take_in_singly(caller, batch)


def _late(caller: Device, sent: Sent, undone: set[str]) -> None:
    for attempt in range(TRIES):
        sent.forget()
        try:
            with transaction():
                late.take_in(caller, sent, undone)
            return
        except (Overtaken, OperationalError):
            if attempt == TRIES - 1:
                raise


def _sent(item: dict[str, Any]) -> Sent:
    """A scan as it arrived; what is not as described is kept as it is, and refused for good."""
    words = json.dumps(item, sort_keys=True, separators=(",", ":"))
    content = rules.content_digest(words)
    name = item.get("scan_id")
    try:
        found = _scan.load(item)
        if not _is_whole(found):
            raise ValidationError("something is missing")
    except ValidationError:
        is_named = isinstance(name, str) and name.isascii() and name.isprintable() and 0 < len(name) <= 36 and not name.startswith("?")
        return Sent(name if is_named else nameless(content), content, name if is_named else None, raw=words[:2000], fault=True)
    kind, direction, way = Kind(found["kind"]), found.get("direction"), found.get("way")
    try:
        at = found["at"] + timedelta(seconds=found["offset"])
    except OverflowError:
        at = found["at"]
    return Sent(
        found["scan_id"], content, found["scan_id"], kind, found["counter"], found["at"], found["offset"], at, found.get("event"), found.get("place"),
        found.get("alias"), Direction(direction) if direction else None, Way(way) if way else None, found.get("code"), found.get("undoes"), found.get("kit"),
        is_sure=found.get("sure"),
    )  # fmt: skip


def _is_whole(found: dict[str, Any]) -> bool:
    """Whether a scan of its kind has what it needs."""
    if found["scan_id"].startswith("?"):
        return False
    if found["kind"] == "undo":
        return "undoes" in found
    if "direction" not in found or not {"place", "alias", "code"} & set(found):
        return False
    return found["kind"] != "kit" or "kit" in found


# The answer in words, for whoever stands at the device.
WORDS = {
    Code.IN: _l("签到了"), Code.OUT: _l("签退了"), Code.UNDONE: _l("撤掉了"), Code.KIT: _l("物品记下了"), Code.AGAIN: _l("已经签过了"),
    Code.SECOND_KIOSK: _l("别处也签过，队长会核对"), Code.OUT_FIRST: _l("先到了签退，等签到"), Code.CANCELLED: _l("这一班不办了，队长会核对"),
    Code.NOT_SIGNED_UP: _l("没有报名，队长会核对"), Code.UNKNOWN_CODE: _l("不认识这个码，队长会核对"), Code.OUTSIDE_WINDOW: _l("不在这一班的时间里，队长会核对"),
    Code.CLOCK_OFF: _l("机器的钟不对，队长会核对"), Code.COUNTED_ALREADY: _l("时长已经算过，队长会核对"), Code.MALFORMED: _l("看不懂，没有记"),
    Code.NOT_YOURS: _l("不是这个签到台管的"), Code.SCAN_ID_REUSED: _l("编号重复，内容不同，没有记"), Code.UNDO_UNKNOWN: _l("没有找到要撤的那一条"),
    Code.UNDO_TOO_LATE: _l("过了两分钟，请找队长撤"),
}  # fmt: skip


@pages.post("/walk-ins")
@pages.arguments(shapes.WalkInIn(), unknown=None)
@pages.response(200, shapes.WalkInOut)
@documented(pages, shapes.ErrorOut, 400, 401, 403, 404, 409, 413, 422, 429)
@pages.doc(security=[{"device": []}])
@device
def walk_in(wanted: dict[str, Any]) -> Response:
    """Somebody joins on the spot: registered with name and phone, signed up and in."""
    me = caller()
    try:
        with transaction():
            limits.spend("kiosk.walk_in", str(me.id), allowed=60, per=timedelta(minutes=10))
    except TooMany as error:
        raise TooMany("too_often", error.sentence) from None
    content = rules.content_digest(json.dumps(request.get_json(), sort_keys=True, separators=(",", ":")))
    sent = Sent(wanted["scan_id"], content, wanted["scan_id"], Kind.WALK_IN, device_at=wanted["at"], offset=wanted["offset"])
    for attempt in range(TRIES):
        try:
            with transaction():
                walking_in.walk_in(
                    me, sent, shift_id=wanted["shift"], name=wanted["name"], phone=wanted["phone"], birth_date=wanted.get("birth_date"),
                    has_read_briefing=wanted["has_read_briefing"],
                )  # fmt: skip
            break
        except (Overtaken, OperationalError):
            if attempt == TRIES - 1:
                raise
    assert sent.code is not None
    person = rosters.line_of(me, sent.place) if sent.place is not None else None
    return jsonify(**_answers([sent])[0], person=person, now=rosters.moment(clock.now()))


@pages.post("/status")
@pages.arguments(shapes.StatusIn(), unknown=None)
@pages.response(200, shapes.StatusOut)
@documented(pages, shapes.ErrorOut, 400, 401, 413, 422)
@pages.doc(security=[{"device": []}])
@device
def status(told: dict[str, Any]) -> Response:
    """How the device is; and the server's time, by which it sets its offset."""
    with transaction():
        kiosk = enrolling.heard(
            caller().id, at=told["at"], app=told["app"], battery=told.get("battery"), queued=told["queued"], oldest_at=told.get("oldest_at"),
            roster_at=told.get("roster_at"),
        )  # fmt: skip
    return jsonify(now=rosters.moment(clock.now()), until=rosters.moment(kiosk.until), newest_app=NEWEST_APP)
