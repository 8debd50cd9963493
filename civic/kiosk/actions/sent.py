"""One scan on its way in: as it arrived, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from civic.kiosk.states import Code, Kind, Way
from civic.volunteering.states import Direction


@dataclass
class Sent:
    """One scan on its way in, as it arrived, and what it comes to. `fault`: it could not be understood."""

    scan_id: str
    content: str  # digest of what was sent
    echo: str | None  # the name it is answered by
    kind: Kind | None = None
    counter: int | None = None
    device_at: datetime | None = None
    offset: float | None = None
    at: datetime | None = None
    event: int | None = None
    place: int | None = None
    alias: str | None = None
    direction: Direction | None = None
    way: Way | None = None
    raw: str | None = None
    undoes: str | None = None
    kit: str | None = None
    fault: bool = False
    is_sure: bool | None = None  # whether the device vouches for its offset; None: one that does not say
    unplaced: Code | None = None  # what it comes to where no place was found
    code: Code | None = None
    punch_id: int | None = None

    def forget(self) -> None:
        """Before it is looked at anew."""
        self.code = self.punch_id = None

    def give_up(self) -> None:
        """The database refuses it: only that it came, and what it was called, is kept."""
        self.forget()
        self.fault = True
        self.kind = self.place = self.event = self.alias = self.direction = self.way = self.undoes = self.kit = None

    @property
    def kept_as(self) -> str:
        """The name of its row: another scan under a name that is taken gets one of its own."""
        return nameless(self.content) if self.code is Code.SCAN_ID_REUSED else self.scan_id


def nameless(content: str) -> str:
    """What a scan is called that brought no name of its own."""
    return f"?{content[:40]}"
