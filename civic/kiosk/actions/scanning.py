"""The hot path: a batch of scans in a handful of statements.

All places are held and read at once, what each scan comes to is decided in memory in the order of their counters, and punches,
scans and records are written set by set. Where something else wrote the same meanwhile, the whole batch is begun again
(noting.Overtaken): then it sees what the other did. A scan of a shift that was counted already is left over: it needs more locks and
goes to `late`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, insert, update
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from civic.audit import contents
from civic.core import clock
from civic.core.db import db
from civic.core.errors import NotNow
from civic.kiosk import rules
from civic.kiosk.actions import finding
from civic.kiosk.actions.noting import Note, noted, punch, punched
from civic.kiosk.actions.sent import Sent
from civic.kiosk.models.scans import KitLine, Scan
from civic.kiosk.queries import scans
from civic.kiosk.queries.devices import Device
from civic.kiosk.rules import Mark, Place
from civic.kiosk.states import OUTCOME, Code, Decision, Kind, Outcome
from civic.volunteering.actions import attendance, correcting
from civic.volunteering.models.attendance import Means, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.states import Direction

BATCH = 50


def take_in(device: Device, batch: Sequence[Sent], *, undone: Collection[str] | None = None) -> list[Sent]:
    """Deal with a batch; each scan has its code afterwards, but for those given back, which `late` has to deal with.

    `late` holds person and shift and says so by `undone`, the names of scans that are taken back later in the upload.
    """
    upload = _begun(device, batch)
    upload.undone = undone
    for sent in batch:
        upload.take(sent)
    upload.write()
    return upload.left


def take_in_singly(device: Device, batch: Sequence[Sent]) -> list[Sent]:
    """The same one by one, each in a savepoint: what the database refuses is refused for good, and sinks no other."""
    left = []
    for sent in batch:
        sent.forget()
        try:
            with db.session.begin_nested():
                left += take_in(device, [sent])
        except (IntegrityError, DataError, StatementError):
            sent.give_up()
            with db.session.begin_nested():
                take_in(device, [sent])
    return left


def judged_alone(device: Device, place: Place, sent: Sent) -> Note | None:
    """What is to be written of a coming or going that counts; None where it comes to anything else."""
    upload = _Upload(device, {place.id: place})
    sent.code = upload._judged(sent)
    return upload._note(sent) if sent.code in (Code.IN, Code.OUT) else None


def _begun(device: Device, batch: Sequence[Sent]) -> _Upload:
    """Everything the batch is judged by, read under the locks."""
    finding.find_places(device, batch)
    undone = {s.undoes for s in batch if s.kind is Kind.UNDO and s.undoes}
    targets = scans.known(device.id, undone) if undone else ()
    wanted = {s.place for s in batch if s.place is not None} | {row.place_id for row in targets if row.place_id is not None}
    places = scans.held(device, wanted)
    upload = _Upload(device, places)
    for row in scans.standing(device.id, {s.scan_id for s in batch} | undone, places):
        if row.kiosk_id == device.id:
            upload.known[row.scan_id] = row
        if row.code is Code.OUT_FIRST and row.decision is None and row.place_id in places:
            upload.waiting[row.place_id].append(row)
    return upload


@dataclass
class _Upload:
    """A batch on its way: what is known, and what is to be written."""

    device: Device
    places: dict[int, Place]
    known: dict[str, Row] = field(default_factory=dict)
    waiting: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    fresh: dict[str, Sent] = field(default_factory=dict)
    to_write: list[Sent] = field(default_factory=list)
    resolved: list[tuple[Row, int]] = field(default_factory=list)
    left: list[Sent] = field(default_factory=list)
    undone: Collection[str] | None = None

    def take(self, sent: Sent) -> None:
        """Decide what one scan comes to."""
        before = self.known.get(sent.scan_id) or self.fresh.get(sent.scan_id)
        if before is not None:
            if before.content == sent.content:
                # The same again, maybe within one upload: the same answer.
                sent.code = before.code
                if before.code is None:
                    self.left.append(sent)
                return
            sent.code = Code.SCAN_ID_REUSED
            self.to_write.append(sent)
            return
        self.fresh[sent.scan_id] = sent
        if sent.kind is Kind.UNDO and not sent.fault:
            # What it names may stand in this very batch.
            self.write()
            sent.code = None if sent.undoes in {s.scan_id for s in self.left} else self._undone(sent)
        else:
            sent.code = self._judged(sent)
        if sent.code is None:
            self.left.append(sent)
        else:
            self.to_write.append(sent)

    def _judged(self, sent: Sent) -> Code | None:
        """The code; None for a punch of a shift that was counted already."""
        if sent.fault:
            return Code.MALFORMED
        if sent.place is None:
            return sent.unplaced or Code.UNKNOWN_CODE
        place = self.places.get(sent.place)
        if place is None or (sent.event is not None and sent.event != place.event_id) or not finding.is_of(sent.alias, place):
            return Code.NOT_YOURS
        assert sent.at is not None
        assert sent.offset is not None
        assert sent.direction is not None
        if rules.clock_is_off(sent.at, clock.now(), sent.offset, self.device.drift, is_sure=sent.is_sure):
            return Code.CLOCK_OFF
        if sent.kind is Kind.KIT:
            return Code.KIT
        if any(other.place == place.id for other in self.left):
            return None
        code = rules.judged(place, sent.direction, sent.at, self.device.id)
        if code is Code.OUT_FIRST and any(row.kiosk_id == self.device.id for row in self.waiting[place.id]):
            return Code.AGAIN
        if code in (Code.IN, Code.OUT):
            if place.is_counted:
                return None if self.undone is None else self._late(sent, place, code)
            self._mark(place, sent.direction, sent.at)
        return code

    def _late(self, sent: Sent, place: Place, code: Code) -> Code:
        """A punch of a shift whose hours are drafted: drafted anew, unless they are final."""
        assert sent.at is not None
        row = db.session.get_one(SignUp, place.id)
        more = {"means": Means.KIOSK, "kiosk_id": self.device.id, "device_at": sent.device_at}
        try:
            if self.undone and sent.scan_id in self.undone:
                sent.punch_id = correcting.slipped(row, Direction(code.value), at=sent.at, **more).id
            else:
                sent.punch_id = correcting.punched_late(row, Direction(code.value), at=sent.at, **more).id
                self._mark(place, Direction(code.value), sent.at, sent.punch_id)
        except NotNow:
            return Code.COUNTED_ALREADY
        return code

    def _mark(self, place: Place, direction: Direction, at: datetime, punch_id: int | None = None) -> None:
        mark = Mark(at, self.device.id, punch_id)
        if direction is Direction.IN:
            place.came = mark
        else:
            place.went = mark

    def _undone(self, sent: Sent) -> Code:
        """Take back what the device says was a slip, within two minutes of it."""
        target = self.known.get(sent.undoes or "")
        if target is None or target.outcome is Outcome.REFUSED or target.kind is Kind.UNDO:
            return Code.UNDO_UNKNOWN
        assert sent.at is not None
        if abs(sent.at - target.at) > rules.UNDO_WITHIN:
            return Code.UNDO_TOO_LATE
        place = self.places.get(target.place_id) if target.place_id is not None else None
        if target.outcome is Outcome.UNDECIDED:
            return self._waived(target)
        if target.code is Code.KIT and place is not None:
            sent.place, sent.kit = place.id, target.kit
            sent.direction = Direction.IN if target.direction is Direction.OUT else Direction.OUT
            return Code.UNDONE
        if target.code not in (Code.IN, Code.OUT) or place is None:
            return Code.UNDONE
        return self._unpunched(sent, target, place)

    def _waived(self, target: Row) -> Code:
        if target.decision is not None and target.decision is not Decision.UNDONE:
            return Code.UNDO_TOO_LATE
        db.session.execute(
            update(Scan).where(Scan.id == target.id, Scan.decision.is_(None)).values(decision=Decision.UNDONE, decided_at=clock.now())
        )
        self.waiting[target.place_id] = [row for row in self.waiting[target.place_id] if row.id != target.id]
        return Code.UNDONE

    def _unpunched(self, sent: Sent, target: Row, place: Place) -> Code:
        direction = Direction(target.code.value)
        mark = place.mark(direction)
        if mark is None or mark.punch_id != target.punch_id:
            return Code.UNDONE
        sent.place, sent.direction = place.id, direction
        if place.is_counted:
            sent.punch_id = target.punch_id
            return Code.COUNTED_ALREADY
        if direction is Direction.IN and place.went is not None:
            return Code.UNDO_TOO_LATE
        db.session.execute(update(Punch).where(Punch.id == target.punch_id).values(is_live=False))
        undoing = {**punch(self.device.id, place.id, direction, mark.at, sent.device_at), "undoes_id": target.punch_id, "is_live": False, "reason": attendance.SLIP}
        number = db.session.execute(insert(Punch.__table__).returning(Punch.__table__.c.id), undoing).scalar_one()
        contents.seal_rows(Punch, [{**undoing, "id": number}])
        if direction is Direction.IN:
            place.came = None
        else:
            place.went = None
        return Code.UNDONE

    def write(self) -> None:
        """Write what was decided since the last time, all at once."""
        if not self.to_write:
            return
        written, self.to_write = self.to_write, []
        rows = noted([self._note(s) for s in written])
        self.known |= {row.scan_id: row for row in rows}
        counted = [s for s in written if s.code in (Code.IN, Code.OUT)]
        for sent in counted:
            sent.punch_id = self.known[sent.kept_as].punch_id
            self._mark(self.places[sent.place], sent.direction, sent.at, sent.punch_id)
        self._resolve([s for s in counted if s.code is Code.IN])
        self._lend([s for s in written if s.kit and s.place and s.code in (Code.KIT, Code.UNDONE)])

    def _note(self, sent: Sent) -> Note:
        is_punch = sent.code in (Code.IN, Code.OUT)
        place = self.places.get(sent.place) if sent.place is not None else None
        is_recorded = place is not None and OUTCOME[sent.code] is Outcome.RECORDED and sent.code is not Code.AGAIN
        return Note(
            self._row(sent, place), punches=is_punch and sent.punch_id is None, touches=place is not None and (is_punch or sent.code in (Code.UNDONE, Code.OUT_FIRST)),
            verb={Code.UNDONE: "undo", Code.KIT: "kit"}.get(sent.code, sent.code.value) if is_recorded else None,
            path=place.region_path if place is not None else None,
        )  # fmt: skip

    def _resolve(self, comings: Sequence[Sent]) -> None:
        """Goings that waited for these comings count now."""
        for sent in comings:
            place = self.places[sent.place]
            for row in self.waiting.pop(place.id, ()):
                if place.went is not None or row.at < sent.at:
                    continue
                if place.is_counted:
                    held = db.session.get_one(SignUp, place.id)
                    more = {"means": Means.KIOSK, "kiosk_id": row.kiosk_id, "device_at": row.device_at}
                    punch_id = correcting.punched_late(held, Direction.OUT, at=row.at, **more).id
                else:
                    punch_id = punched([punch(row.kiosk_id, place.id, Direction.OUT, row.at, row.device_at)])[place.id, Direction.OUT]
                place.went = Mark(row.at, row.kiosk_id, punch_id)
                db.session.execute(
                    update(Scan).where(Scan.id == row.id).values(decision=Decision.RESOLVED, decided_at=clock.now(), punch_id=punch_id)
                )

    def _row(self, sent: Sent, place: Place | None) -> dict[str, object]:
        return {
            "kiosk_id": self.device.id, "scan_id": sent.kept_as, "content": sent.content, "kind": sent.kind, "counter": sent.counter,
            "device_at": sent.device_at, "offset": sent.offset, "at": sent.at, "received_at": clock.now(),
            "event_id": place.event_id if place is not None else sent.event, "place_id": place.id if place is not None else None, "alias": sent.alias,
            "direction": sent.direction, "way": sent.way, "raw": sent.raw, "undoes": sent.undoes, "kit": sent.kit, "outcome": OUTCOME[sent.code],
            "code": sent.code, "punch_id": sent.punch_id,
        }  # fmt: skip

    def _lend(self, sents: Sequence[Sent]) -> None:
        if sents:
            rows = [
                {
                    "scan_id": self.known[s.kept_as].id, "place_id": s.place, "item": s.kit, "count": 1 if s.direction is Direction.OUT else -1,
                    "at": s.at,
                }
                for s in sents
            ]  # fmt: skip
            db.session.execute(insert(KitLine.__table__), rows)
