"""What the law asks of an event whatever is changed about it: cover and contacts at a road, no child where none may stand."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.models import Person
from civic.volunteering.models.events import ROADSIDE, Event, Risk, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.rules import signing as rules
from civic.volunteering.states import OPEN, ShiftStatus

CLOSES_BEFORE_OPENS = _l("报名的截止早于开始，谁也报不上。请改“提前几天开始报名”或“开始前几小时截止报名”。")


def guarded(event: Event) -> None:
    """A roadside event has insurance, briefing and contacts, and cover for each of its shifts; else it is refused."""
    if event.risk not in ROADSIDE:
        return
    for field, words in (
        ("insurance_number", _l("路边的活动要先上意外险，请写保单号。")),
        ("insured_from", _l("请写保险从哪天起。")),
        ("insured_until", _l("请写保险到哪天止。")),
        ("briefing", _l("请写安全须知，报名的人要先看。")),
        ("police_contact", _l("请写交警联系人和电话。")),
        ("emergency_contact", _l("请写紧急联系人和电话。")),
    ):
        if not getattr(event, field):
            raise Invalid(f"{field}_missing", words, field=field)
    uncovered = db.session.scalars(
        select(Shift.day)
        .where(
            Shift.event_id == event.id, Shift.status == ShiftStatus.OPEN,
            (Shift.day < event.insured_from) | (Shift.day > event.insured_until),
        )
        .order_by(Shift.day)
        .limit(1)
    ).first()  # fmt: skip
    if uncovered is not None:
        raise Invalid("not_covered", _l("%(day)s 的班不在保险期里。请续保，或者去掉那几天。", day=f"{uncovered:%Y-%m-%d}"), field="insured_until")


def opens_at_all(event: Event) -> None:
    """Sign-up begins before it ends; else it is refused, for nobody could ever sign up."""
    if timedelta(hours=event.closes_hours) >= timedelta(days=event.opens_days):
        raise Invalid("closes_before_opens", CLOSES_BEFORE_OPENS, field="closes_hours")


def no_minor_in(event: Event) -> None:
    """Nobody under age stands on a shift to come where, as the event and its posts are now, they could not sign up: the
    change that put them there is refused, with the shifts."""
    db.session.flush()
    rows = db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.post)
        .join(SignUp.person)
        .where(
            Shift.event_id == event.id, Shift.status == ShiftStatus.OPEN, Shift.starts_at > clock.now(), SignUp.status.in_(OPEN),
            Person.is_minor, Person.birth_date.is_not(None),
        )
        .options(contains_eager(SignUp.shift).contains_eager(Shift.post), contains_eager(SignUp.person))
        .order_by(Shift.starts_at)
    ).all()  # fmt: skip
    moments = [row.shift.starts_at for row in rows if row.person.birth_date is not None and _is_barred(event, row.shift, row.person)]
    if moments:
        named = "、".join(f"{local.month}月{local.day}日 {local:%H:%M}" for local in map(clock.local, dict.fromkeys(moments[:5])))
        raise Conflict(
            "minors_in", _l("有 %(count)s 位不满 18 岁的已经报了，改了他们就不能站那里：%(shifts)s。先请他们换班，再改。", count=len(moments), shifts=named)
        )


def keeps_company(row: SignUp) -> None:
    """Who gives a place up leaves no child under 14 of theirs alone on the shift, nor in its line. The caller holds the shift."""
    wards = db.session.scalars(
        select(Person)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .join(SignUp, SignUp.person_id == Person.id)
        .where(Volunteer.guardian_id == row.person_id, SignUp.shift_id == row.shift_id, SignUp.status.in_(OPEN), Person.is_minor)
        .order_by(Person.id)
    ).all()
    children = [w.name for w in wards if w.birth_date is None or rules.age_on(w.birth_date, row.shift.day) < rules.ALONE_FROM]
    if children:
        raise NotNow("child_alone", _l("%(names)s不满 14 岁，要您一起来。先退孩子的这一班，再退您的。", names="、".join(children)))


def _is_barred(event: Event, shift: Shift, person: Person) -> bool:
    assert person.birth_date is not None
    return (
        rules.too_young(
            rules.age_on(person.birth_date, shift.day), is_on_carriageway=shift.post.is_on_carriageway or event.risk is Risk.HIGH,
            is_alone=shift.most < 2, is_roadside=event.risk in ROADSIDE, ends_locally=shift.ends_locally,
        )
        is not None
    )  # fmt: skip
