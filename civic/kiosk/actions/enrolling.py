"""Kiosks come and go: found one, open a pairing, exchange its code for a key, hear how it is, revoke it."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db, insert_or_leave, locked
from civic.core.errors import Conflict, Gone, Invalid, NotFound, NotNow
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.kiosk import rules
from civic.kiosk.models.devices import EventKey, Kiosk, Pairing
from civic.kiosk.queries import devices
from civic.kiosk.states import Scope
from civic.regions import queries as regions
from civic.volunteering.queries import events, people

LONGEST = timedelta(days=366)


def found(actor: Actor, *, name: str, place: str, scope: Scope, thing_id: int, until: datetime, pin: str) -> Kiosk:
    """A new kiosk for a region, a team or an event, not yet paired. `pin` is the leader's: 4 to 8 digits."""
    region_id, path, team_id = _of_scope(scope, thing_id)
    if not may(actor, Permission.EVENT_RUN, path) and not (team_id is not None and people.leads(actor.person_id, team_id)):
        raise out_of_reach()
    if not name.strip():
        raise Invalid("name_missing", _l("请给签到台起个名字，比如“育才小学路口”。"), field="name")
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise Invalid("until_wrong", _l("用到哪天要在今天之后、一年之内。"), field="until")
    assert actor.user_id is not None
    salt, digest = _sealed_pin(pin)
    kiosk = Kiosk(
        name=name.strip()[:40], place=place.strip()[:80], scope=scope, region_id=region_id, region_path=path,
        team_id=thing_id if scope is Scope.TEAM else None, event_id=thing_id if scope is Scope.EVENT else None, until=until,
        created_by_id=actor.user_id, created_at=now, pin_salt=salt, pin_rounds=rules.PIN_ROUNDS, pin_digest=digest,
    )  # fmt: skip
    db.session.add(kiosk)
    db.session.flush()
    audit.record(actor.user_id, "kiosk.found", ("kiosk", kiosk.id), region_path=path, scope=scope.value, thing=thing_id)
    return kiosk


def _of_scope(scope: Scope, thing_id: int) -> tuple[int, str, int | None]:
    """(region, its path, the team whose leaders may tend it) of a scope."""
    if scope is Scope.REGION:
        region = regions.by_id(thing_id)
        if region is not None:
            return region.id, region.path, None
    elif scope is Scope.TEAM:
        team = people.team_by_id(thing_id)
        if team is not None:
            return team.region_id, team.region_path, team.id
    else:
        event = events.event_by_id(thing_id)
        if event is not None:
            return event.region_id, event.region_path, event.team_id
    raise out_of_reach()


def _sealed_pin(pin: str) -> tuple[str, str]:
    if re.fullmatch("[0-9]{4,8}", pin) is None:
        raise Invalid("pin_wrong", _l("队长密码是 4 到 8 位数字。"), field="pin")
    salt = b64encode(secrets.token_bytes(16)).decode()
    return salt, rules.pin_digest(pin, salt)


def tended(actor: Actor, kiosk_id: int) -> Kiosk:
    """The kiosk, where the actor tends it; else the same 404 as for none."""
    kiosk = devices.kiosk_by_id(kiosk_id)
    if kiosk is None or not devices.may_tend(actor, kiosk):
        raise out_of_reach()
    return kiosk


def new_pin(actor: Actor, kiosk_id: int, pin: str) -> Kiosk:
    """Another PIN for the leader; the device has it with its next roster."""
    kiosk = tended(actor, kiosk_id)
    kiosk.pin_salt, kiosk.pin_digest = _sealed_pin(pin)
    kiosk.pin_rounds = rules.PIN_ROUNDS
    audit.record(actor.user_id, "kiosk.pin", ("kiosk", kiosk.id), region_path=kiosk.region_path)
    return kiosk


def open_pairing(actor: Actor, kiosk_id: int) -> tuple[Pairing, str]:
    """A code for ten minutes, and the words of it; only its digest is kept. Codes opened before end."""
    kiosk = tended(actor, kiosk_id)
    if kiosk.revoked_at is not None:
        raise NotNow("revoked", _l("这个签到台已经停用了，请新建一个。"))
    now = clock.now()
    if kiosk.until <= now:
        raise NotNow("kiosk_over", _l("这个签到台的使用期过了，请新建一个。"))
    for old in db.session.scalars(select(Pairing).where(Pairing.kiosk_id == kiosk.id, Pairing.used_at.is_(None), Pairing.expires_at > now)):
        old.expires_at = max(now, old.opened_at + timedelta(microseconds=1))
    code = "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(8))
    assert actor.user_id is not None
    pairing = Pairing(
        kiosk_id=kiosk.id, code_digest=crypto.digest("kiosk.code", code), opened_at=now, opened_by_id=actor.user_id, expires_at=now + rules.PAIRING_LASTS
    )
    db.session.add(pairing)
    db.session.flush()
    audit.record(actor.user_id, "kiosk.open_pairing", ("kiosk", kiosk.id), region_path=kiosk.region_path)
    return pairing, code


def pair(code: str, *, app: str, browser: str) -> tuple[Kiosk, str]:
    """Exchange a code for a key of the device's own. The key of a device that was paired before ends."""
    pairing = db.session.scalars(locked(select(Pairing).where(Pairing.code_digest == crypto.digest("kiosk.code", code)))).first()
    if pairing is None:
        raise NotFound("code_unknown", _l("没有这个配对码，请对着屏幕再输一遍。"))
    if pairing.used_at is not None:
        raise Conflict("code_used", _l("这个配对码用过了，请在工作台上再开一个。"))
    now = clock.now()
    kiosk = pairing.kiosk
    if pairing.expires_at <= now or kiosk.revoked_at is not None or kiosk.until <= now:
        raise Gone("code_old", _l("这个配对码过时了，请在工作台上再开一个。"))
    key = crypto.token()
    pairing.used_at = now
    kiosk.key_digest, kiosk.paired_at, kiosk.seen_at = crypto.digest("kiosk.key", key), now, now
    kiosk.app, kiosk.browser = app[:20], browser[:60]
    kiosk.drift = kiosk.drift_at = kiosk.drift_before = kiosk.drift_before_at = kiosk.queued = kiosk.oldest_at = kiosk.roster_at = None
    ensure_keys()
    db.session.flush()
    audit.record(None, "kiosk.pair", ("kiosk", kiosk.id), region_path=kiosk.region_path)
    return kiosk, key


def ensure_keys(limit: int = 100) -> int:
    """Make the keys of events that have shifts soon; how many."""
    wanted = devices.events_without_key(limit)
    if wanted:
        now = clock.now()
        rows = [{"event_id": event_id, "key": b64encode(secrets.token_bytes(32)).decode(), "made_at": now} for event_id in wanted]
        db.session.execute(insert_or_leave(EventKey.__table__), rows)
    return len(wanted)


def heard(
    device_id: int, *, at: datetime, app: str, battery: float | None, queued: int, oldest_at: datetime | None, roster_at: datetime | None
) -> Kiosk:
    """Note how a device says it is, and how its clock stands to ours."""
    kiosk = db.session.get(Kiosk, device_id)
    assert kiosk is not None
    now = clock.now()
    drift = (now - at).total_seconds()
    if kiosk.drift is not None and abs(kiosk.drift - drift) > rules.CLOCK_TOLERANCE.total_seconds() / 2:
        # The clock was set: what was scanned before came with the old difference.
        kiosk.drift_before, kiosk.drift_before_at = kiosk.drift, kiosk.drift_at
    kiosk.drift, kiosk.drift_at = drift, now
    kiosk.seen_at, kiosk.app, kiosk.battery = now, app[:20], battery
    kiosk.queued, kiosk.oldest_at, kiosk.roster_at = queued, oldest_at, roster_at
    ensure_keys()
    return kiosk


def revoke(actor: Actor, kiosk_id: int, *, reason: str) -> Kiosk:
    """End a kiosk: at its next contact it wipes its roster and its keys."""
    kiosk = tended(actor, kiosk_id)
    if kiosk.revoked_at is not None:
        return kiosk
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么停用，比如“平板丢了”。"), field="reason")
    kiosk.revoked_at, kiosk.revoked_by_id, kiosk.revoked_for = clock.now(), actor.user_id, reason.strip()[:200]
    audit.record(actor.user_id, "kiosk.revoke", ("kiosk", kiosk.id), region_path=kiosk.region_path)
    return kiosk
