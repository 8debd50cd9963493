"""The only place that asks for the time. UTC inside, the city's zone on the page; tests freeze and advance it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Asia/Shanghai")
_frozen: datetime | None = None


def zone() -> ZoneInfo:
    """The city's time zone."""
    return _zone


def configure(name: str) -> None:
    """Set the city's zone by its IANA name."""
    global _zone
    _zone = ZoneInfo(name)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC)


def today() -> date:
    """The date in the city."""
    return now().astimezone(_zone).date()


def local(moment: datetime) -> datetime:
    """A moment as the city's clocks show it."""
    return moment.astimezone(_zone)


def freeze(moment: datetime) -> None:
    """Stop the clock at an aware moment (tests, simulations)."""
    global _frozen
    _frozen = moment.astimezone(UTC)


def advance(span: timedelta) -> None:
    """Move a frozen clock."""
    if _frozen is None:
        raise RuntimeError("freeze the clock before moving it")
    freeze(_frozen + span)


def release() -> None:
    """Let the clock run again."""
    global _frozen
    _frozen = None


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Within the block the clock stands at a moment (a simulation may move it); afterwards it goes on as before."""
    before = _frozen
    freeze(moment)
    try:
        yield
    finally:
        if before is None:
            release()
        else:
            freeze(before)
