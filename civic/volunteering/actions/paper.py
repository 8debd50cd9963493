"""The signed paper 签到表 typed back in: one types, another checks beside the photograph, and only then it is punches.

What was ticked stays: a punch is never changed by paper. The paper fills what is missing, also after the shift's hours
were drafted; hours that are final are corrected by reversal, not here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotNow
from civic.identity.permissions import Actor, out_of_reach
from civic.volunteering.actions import attendance, correcting
from civic.volunteering.actions.signing import person_held, shift_held
from civic.volunteering.models.attendance import Direction, Means
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.paper import PaperLine, PaperSheet, PaperStatus
from civic.volunteering.queries import hours as questions
from civic.volunteering.queries import paper
from civic.volunteering.rules import sheets as rules
from civic.volunteering.states import ShiftStatus, SignUpStatus

LISTED = frozenset({SignUpStatus.CONFIRMED, SignUpStatus.CAME, SignUpStatus.MISSED})


def type_in(actor: Actor, shift_id: int, lines: Mapping[int, tuple[time, time | None]], *, photo_key: str) -> PaperSheet:
    """Type a sheet: place → (came, went) as the paper says. It counts nothing yet; typed again by the same hand it takes
    the place of the one before."""
    assert actor.user_id is not None
    shift = _led(actor, shift_id)
    now = clock.now()
    if shift.status is ShiftStatus.CANCELLED:
        raise NotNow("never_held", _l("这一班没有办，没有签到表可录。"))
    if now < shift.starts_at:
        raise NotNow("paper_too_early", _l("这一班还没开始。"))
    if shift.status is ShiftStatus.SETTLED:
        raise NotNow("settled_already", _l("这一班的时长都入账了，纸表录不进了，请走补记。"))
    if now > shift.ends_at + rules.PAPER_UNTIL:
        raise NotNow("paper_too_late", _l("过了一周，纸表不能录了，请走补记。"))
    before = paper.waiting_of(shift.id)
    if before is not None and before.typed_by_id != actor.user_id:
        raise NotNow("sheet_waits", _l("这一班已经录了一张，等着核对。请先核对那一张。"))
    if not lines:
        raise Invalid("lines_missing", _l("还没有录一行。照着纸上写“来”的时间。"))
    places = {row.id: row for row in db.session.scalars(locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.id.in_([*lines])).order_by(SignUp.id)))}
    sheet = PaperSheet(shift_id=shift.id, photo_key=photo_key, typed_by_id=actor.user_id, typed_at=now)
    for sign_up_id, (came, went) in lines.items():
        sheet.lines.append(_line(actor, places.get(sign_up_id), shift, came, went))
    if before is not None:
        before.status = PaperStatus.REPLACED
        db.session.flush()
    db.session.add(sheet)
    db.session.flush()
    audit.record(actor.user_id, "paper.type", ("paper_sheet", sheet.id), region_path=shift.event.region_path, shift=shift.id, lines=len(lines))
    return sheet


def _led(actor: Actor, shift_id: int) -> Shift:
    shift = shift_held(shift_id)
    if not attendance.may_lead(actor, shift):
        raise out_of_reach()
    return shift


def _line(actor: Actor, row: SignUp | None, shift: Shift, came: time, went: time | None) -> PaperLine:
    if row is None or row.status not in LISTED:
        raise Invalid("not_on_list", _l("有一行不在这一班的名单里。请先把人记到名单里。"))
    name = row.person.name
    if row.person_id == actor.person_id:
        raise NotAllowed("recused", _l("自己那一行要请别的队长录。"))
    came_at, went_at = _at(shift, came), _at(shift, went) if went is not None else None
    if not shift.starts_at - attendance.TICK_FROM <= came_at <= shift.ends_at:
        raise Invalid("time_outside", _l("%(name)s：来的时间不在这一班前后，请再看一眼纸上。", name=name), field=f"came-{row.id}")
    if went_at is not None and went_at < came_at:
        raise Invalid("time_order", _l("%(name)s：走的时间早于来的时间，请再看一眼纸上。", name=name), field=f"went-{row.id}")
    if went_at is not None and went_at > clock.now():
        raise Invalid("time_ahead", _l("%(name)s：走的时间比现在还晚，请再看一眼纸上。", name=name), field=f"went-{row.id}")
    return PaperLine(sign_up_id=row.id, came_at=came_at, went_at=went_at)


def _at(shift: Shift, moment: time) -> datetime:
    return rules.moment_of(moment, clock.local(shift.starts_at), clock.local(shift.ends_at)).astimezone(shift.starts_at.tzinfo)


def _checked(actor: Actor, sheet_id: int) -> tuple[PaperSheet, Shift]:
    """A sheet that waits, and its shift, both held by somebody else than who typed it or stands on it."""
    found = db.session.get(PaperSheet, sheet_id)
    if found is None:
        raise out_of_reach()
    shift = _led(actor, found.shift_id)
    sheet = db.session.scalars(locked(select(PaperSheet).where(PaperSheet.id == sheet_id))).one()
    if sheet.status is not PaperStatus.TYPED:
        raise NotNow("checked_already", _l("这一张已经核对过，或者重录了。"))
    if sheet.typed_by_id == actor.user_id:
        raise NotAllowed("two_people", _l("录和核对要两个人：这一张是您录的，请别的队长核对。"))
    if actor.person_id in {line.sign_up.person_id for line in sheet.lines}:
        raise NotAllowed("recused", _l("这张表上有您自己，请别的队长核对。"))
    return sheet, shift


def confirm(actor: Actor, sheet_id: int, *, right: Collection[int]) -> PaperSheet:
    """The second person saw every line (`right`: ids of lines) beside the photograph. Now they are punches by paper."""
    # Persons before the shift, as everywhere: hours drafted anew look at all of a person's day.
    for person_id in paper.persons_on(sheet_id):
        person_held(person_id)
    sheet, shift = _checked(actor, sheet_id)
    unseen = [line for line in sheet.lines if line.id not in set(right)]
    if unseen:
        raise Invalid("lines_unchecked", _l("还有 %(count)s 行没有打勾。对得上的打勾；有一行不对就退回重录。", count=len(unseen)))
    sheet.status, sheet.checked_by_id, sheet.checked_at = PaperStatus.CONFIRMED, actor.user_id, clock.now()
    for line in sheet.lines:
        _counted(line, shift, sheet.typed_by_id)
    audit.record(actor.user_id, "paper.confirm", ("paper_sheet", sheet.id), region_path=shift.event.region_path, shift=shift.id)
    db.session.flush()
    return sheet


def send_back(actor: Actor, sheet_id: int, *, reason: str) -> PaperSheet:
    """Something is wrong: it has to be typed anew."""
    sheet, shift = _checked(actor, sheet_id)
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写哪一行不对。"), field="reason")
    sheet.status, sheet.checked_by_id, sheet.checked_at = PaperStatus.RETURNED, actor.user_id, clock.now()
    sheet.returned_for = reason.strip()[:300]
    audit.record(actor.user_id, "paper.return", ("paper_sheet", sheet.id), region_path=shift.event.region_path, shift=shift.id)
    return sheet


def _counted(line: PaperLine, shift: Shift, typed_by_id: int) -> None:
    """Fill what is missing of one place: its coming and its going. Drafts of a counted shift follow; final hours do not."""
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == line.sign_up_id))).one()
    if row.status not in LISTED or questions.is_beyond_redraft(row.id):
        return
    write = attendance.punched if shift.status is ShiftStatus.OPEN else correcting.punched_late
    came = write(row, Direction.IN, at=line.came_at, means=Means.PAPER, recorded_by_id=typed_by_id)
    if line.went_at is not None and line.went_at >= came.at:
        write(row, Direction.OUT, at=line.went_at, means=Means.PAPER, recorded_by_id=typed_by_id)
