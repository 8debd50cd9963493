"""A paired tablet for tests: what it knows, and how it scans and uploads."""

from __future__ import annotations

import uuid
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from civic.core import clock
from civic.core.db import transaction
from civic.identity.permissions import Actor
from civic.kiosk.actions import enrolling
from civic.kiosk.queries.roster import moment
from civic.kiosk.states import Scope
from civic.volunteering.actions import signing

PIN = "2468"


def machine(app: Flask) -> FlaskClient:
    """A client that is no browser."""
    return FlaskClient(app, app.response_class, use_cookies=True)


@dataclass
class Tablet:
    """A device with its key; `behind`: how far its clock is behind ours."""

    app: Flask
    key: str
    kiosk_id: int
    behind: float = 0.0
    counter: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return Context().run(machine(self.app).open, f"/api/kiosk/v1/{path}", method=method, headers=headers, **more)

    def roster(self, since: str | None = None, etag: str | None = None) -> TestResponse:
        return self.ask("GET", "roster" + (f"?since={since}" if since else ""), headers={"If-None-Match": etag} if etag else {})

    def scan(self, place: int | None = None, direction: str = "in", at: datetime | None = None, **more: Any) -> dict[str, Any]:
        """A scan as the device makes it, not yet uploaded."""
        self.counter += 1
        device_at = (at or clock.now()) - timedelta(seconds=self.behind)
        made = {
            "scan_id": str(uuid.uuid4()), "kind": "punch", "counter": self.counter, "at": moment(device_at), "offset": self.behind, "direction": direction,
            "way": "tail", **({"place": place} if place is not None else {}),
        }  # fmt: skip
        return {key: value for key, value in (made | more).items() if value is not None}

    def undo(self, scan: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
        return self.scan(at=at, kind="undo", undoes=scan["scan_id"], direction=None, way=None)

    def upload(self, *scans: dict[str, Any]) -> list[str]:
        """The codes of the answers."""
        answer = self.ask("POST", "scans", json={"scans": list(scans)})
        assert answer.status_code == 200, answer.text
        answers = answer.json["answers"]
        assert [a["scan_id"] for a in answers] == [s.get("scan_id") for s in scans]
        return [a["code"] for a in answers]

    def status(self, **more: Any) -> TestResponse:
        told = {"app": "1", "queued": 0, "at": moment(clock.now() - timedelta(seconds=self.behind)), **more}
        return self.ask("POST", "status", json=told)


def tablet(app: Flask, actor: Actor, scope: Scope, thing_id: int, *, name: str = "育才小学路口") -> Tablet:
    """A kiosk named on the desk and paired by its code."""
    with transaction():
        kiosk = enrolling.found(actor, name=name, place="校门口", scope=scope, thing_id=thing_id, until=clock.now() + timedelta(days=60), pin=PIN)
        _, code = enrolling.open_pairing(actor, kiosk.id)
    answer = Context().run(machine(app).post, "/api/kiosk/v1/pair", json={"code": code, "app": "1", "name": "Chromium 156"})
    assert answer.status_code == 201, answer.text
    return Tablet(app, answer.json["key"], kiosk.id)


def place(actor: Actor, shift_id: int) -> int:
    """A place on a shift."""
    with transaction():
        return signing.sign_up(actor, shift_id, has_read_briefing=True).id
