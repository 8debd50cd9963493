"""Carrying errands out: taken one by one under a lease, gone on with after a kill, stopped when asked.

Two shapes. *Piece by piece*: every piece is done and counted in one transaction, so that none is done twice or left out,
whoever is killed when. *In one go*: a file, or a deed that has to be whole; after a kill it begins anew, and the end of
the errand is written in the transaction of the deed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update

from civic.core import clock, storage
from civic.core.db import db, rows_changed, transaction
from civic.core.errors import DomainError
from civic.errands.actions import demand_still, fence
from civic.errands.models import Errand, ErrandStatus
from civic.identity import queries as identity
from civic.identity.models import User
from civic.identity.permissions import Actor

LEASE = timedelta(minutes=2)
TRIES = 4
# How often a page could learn something new; telling costs a statement.
EVERY = 0.5
log = structlog.get_logger("civic.errands")


@dataclass(frozen=True)
class Kind:
    """How one kind of errand is carried out. `can_stop`: whether it may end half done."""

    run: Callable[[Work], None]
    can_stop: bool = True


KINDS: dict[str, Kind] = {}


def learn(kinds: dict[str, Kind]) -> None:
    """Each feature says what errands it knows."""
    KINDS.update(kinds)


class Stopped(Exception):
    """Whoever asked does not want it any more."""


class Lost(Exception):
    """The lease was over, and another worker has it."""


class Leaving(Exception):
    """This worker was told to end; the next goes on."""


class Work:
    """An errand in the hands of a worker."""

    def __init__(self, errand: Errand, actor: Actor, is_leaving: Callable[[], bool]) -> None:
        self.id, self.kind, self.holder, self.details = errand.id, errand.kind, errand.holder or "", errand.facts
        self.done, self.total, self.actor = errand.done, errand.total, actor
        self._is_leaving, self._told = is_leaving, 0.0

    def tell(self, done: int, total: int | None = None) -> None:
        """How far it is, between transactions; the moment at which it may be stopped."""
        if self._has_just_told():
            return
        with transaction():
            self._hold(done=done, total=total if total is not None else self.total)
        if self._is_leaving():
            raise Leaving

    def tell_from_inside(self, done: int, total: int) -> None:
        """How far a deed is that has to be whole. Its own transaction shows nothing before its end, so another one tells;
        SQLite has room for one writer only, and there the page says that it is under way."""
        if self._has_just_told() or db.engine.dialect.name == "sqlite":
            return
        with db.engine.begin() as other:
            other.execute(
                update(Errand).where(Errand.id == self.id, Errand.holder == self.holder)
                .values(done=done, total=total, held_until=clock.now() + LEASE)
            )  # fmt: skip

    def _has_just_told(self) -> bool:
        if monotonic() - self._told < EVERY:
            return True
        self._told = monotonic()
        return False

    def _hold(self, **values: Any) -> None:
        row = fence(self.id, self.holder, held_until=clock.now() + LEASE, **values)
        if row is None:
            raise Lost
        if row[0] is not None and KINDS[self.kind].can_stop:
            raise Stopped

    def each(self, pieces: list[Any], name_of: Callable[[Any], tuple[str, str]], deed: Callable[[Any], Any]) -> None:
        """Do the deed to every piece that is left, each with its count in one transaction; a refused one holds up no other."""
        for at in range(self.done, len(pieces)):
            try:
                with transaction():
                    deed(pieces[at])
                    self._hold(done=at + 1, total=len(pieces), tries=0)
            except DomainError as refusal:
                with transaction():
                    row = db.session.get(Errand, self.id)
                    assert row is not None
                    refused = json.dumps([*row.problems, [*name_of(pieces[at]), str(refusal.sentence)]], ensure_ascii=False)
                    self._hold(done=at + 1, total=len(pieces), tries=0, refused=refused)
            if self._is_leaving():
                raise Leaving
        with transaction():
            self.end()

    def counted(self, rows: Iterable[Any], total: int | None) -> Iterator[Any]:
        """The same rows, told as they pass."""
        for at, row in enumerate(rows, start=1):
            yield row
            self.tell(at, total)
            self.done = at

    def end_with(self, made: Path, suffix: str) -> None:
        """It is done, and this is what came of it."""
        key = storage.keep_file(made, suffix)
        try:
            with transaction():
                self.end(file_key=key, done=self.done, total=self.done)
        except BaseException:
            storage.remove(key)
            raise

    def end(self, **values: Any) -> None:
        """It is done; said in the transaction of the deed."""
        row = fence(self.id, self.holder, status=ErrandStatus.DONE, ended_at=clock.now(), holder=None, held_until=None, **values)
        if row is None:
            raise Lost


def _taken() -> Errand | None:
    """The next errand, under a lease; those whose worker died come back when theirs is over."""
    now = clock.now()
    free = or_(Errand.status == ErrandStatus.WAITING, Errand.held_until < now)
    with transaction():
        first = select(Errand.id).where(Errand.ended_at.is_(None), free).order_by(Errand.id).limit(1)
        if db.engine.dialect.name == "postgresql":
            first = first.with_for_update(skip_locked=True)
        chosen = db.session.scalar(first)
        if chosen is None:
            return None
        holder = secrets.token_hex(16)
        taken = rows_changed(
            update(Errand).where(Errand.id == chosen, Errand.ended_at.is_(None), free)
            .values(status=ErrandStatus.RUNNING, holder=holder, held_until=now + LEASE, tries=Errand.tries + 1)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        if taken != 1:
            return None
    return db.session.get(Errand, chosen, populate_existing=True)


def run_next(is_leaving: Callable[[], bool] = lambda: False) -> bool:
    """Carry out one errand, if one waits."""
    errand = _taken()
    if errand is None:
        return False
    errand_id, holder, kind = errand.id, errand.holder or "", errand.kind
    if errand.tries > TRIES:
        _over(errand_id, holder, ErrandStatus.FAILED, problem=str(_l("试了几次都没办成，已经停下。请再来一次，还不行请告诉管理员。")))
        return True
    user = db.session.get(User, errand.asked_by_id)
    assert user is not None
    work = Work(errand, identity.actor_of(user), is_leaving)
    try:
        with force_locale("zh"):
            demand_still(work.actor, work.details)
            KINDS[kind].run(work)
        log.info("errand", kind=kind)
    except Stopped:
        _over(errand_id, holder, ErrandStatus.STOPPED)
    except Leaving:
        _given_back(errand_id, holder)
    except Lost:
        db.session.rollback()
    except DomainError as refusal:
        _over(errand_id, holder, ErrandStatus.FAILED, problem=str(refusal.sentence)[:300])
    except Exception as error:
        db.session.rollback()
        log.error("errand_failed", kind=kind, error=type(error).__name__)
        _given_back(errand_id, holder)
    return True


def _over(errand_id: int, holder: str, status: ErrandStatus, **values: Any) -> None:
    with transaction():
        fence(errand_id, holder, status=status, ended_at=clock.now(), holder=None, held_until=None, **values)


def _given_back(errand_id: int, holder: str) -> None:
    with transaction():
        fence(errand_id, holder, status=ErrandStatus.WAITING, holder=None, held_until=None)
