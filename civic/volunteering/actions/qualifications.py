"""Qualifications: a city's kinds, giving one to somebody, revoking it, and telling who has one that ends soon."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, demand, may, out_of_reach
from civic.regions.models import Region
from civic.volunteering import letters
from civic.volunteering.actions import rechecking, signing
from civic.volunteering.models.events import QualificationKind
from civic.volunteering.models.people import Volunteer
from civic.volunteering.models.qualifications import Qualification
from civic.volunteering.queries import people
from civic.volunteering.queries import qualifications as questions
from civic.volunteering.rules.signing import months_later

BATCH = 100
TOLD_BEFORE = timedelta(days=30)


def add_kind(actor: Actor, city: Region, *, name: str, course: str, months: int | None) -> QualificationKind:
    """A kind of qualification of the city's; every organiser there can give it and ask for it."""
    demand(actor, Permission.RULES_EDIT, city.path)
    # The city's row stands for its rules: one name cannot be added twice at once.
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    if not name.strip():
        raise Invalid("name_missing", _l("请写这个资格叫什么，比如“急救员”。"), field="name")
    if not course.strip():
        raise Invalid("course_missing", _l("请写要上什么课、考什么试。"), field="course")
    if db.session.scalars(select(QualificationKind.id).where(QualificationKind.name == name.strip())).first() is not None:
        raise Conflict("qualification_known", _l("已经有这个资格了。停了的也占着名字。"), field="name")
    kind = QualificationKind(name=name.strip()[:20], course=course.strip()[:80], months=months, since=clock.today())
    db.session.add(kind)
    db.session.flush()
    audit.record(actor.user_id, "qualification_kind.add", ("qualification_kind", kind.id), region_path=city.path)
    return kind


def end_kind(actor: Actor, city: Region, kind_id: int) -> QualificationKind:
    """None of this kind is given any more from tomorrow on; those that are good stay so, and posts that ask for it go on asking."""
    demand(actor, Permission.RULES_EDIT, city.path)
    kind = db.session.scalars(locked(select(QualificationKind).where(QualificationKind.id == kind_id))).first()
    if kind is None:
        raise out_of_reach()
    kind.until = kind.until or clock.today()
    audit.record(actor.user_id, "qualification_kind.end", ("qualification_kind", kind.id), region_path=city.path)
    return kind


def give(actor: Actor, team_id: int, person_id: int, kind_id: int, *, since: date, until: date | None = None, course: str = "") -> Qualification:
    """An organiser saw the paper: this volunteer has it, from a day on, until the kind's months are over or a day that is named."""
    team = people.team_by_id(team_id)
    if team is None or not may(actor, Permission.EVENT_RUN, team.region_path):
        raise out_of_reach()
    if identity.speaks_for(actor.person_id, person_id):
        raise NotAllowed("recused", _l("自己和家里人的资格，要请别的组织者给。"))
    person = signing.person_held(person_id)
    if db.session.get(Volunteer, person.id) is None:
        raise Invalid("volunteer_unknown", _l("没有找到这位志愿者。请对一下编号或手机号，他（她）要先登记成志愿者。"), field="who")
    kind = questions.kind_by_id(kind_id)
    if kind is None or (kind.until is not None and kind.until < clock.today()):
        raise Invalid("qualification_unknown", _l("请选资格，这一种现在不给了。"), field="kind")
    if since > clock.today():
        raise Invalid("since_ahead", _l("拿到的日子不能在今天之后。"), field="since")
    last = until if until is not None or kind.months is None else months_later(since, kind.months)
    if last is not None and last < clock.today():
        raise Invalid("over_already", _l("按这个日子，资格已经过期了。请对一下证上的日期。"), field="until" if until is not None else "since")
    known = any(q.kind_id == kind_id and q.since == since and q.until == last and q.revoked_at is None for q in questions.of_people([person_id]))
    if known:
        raise Conflict("qualification_given", _l("这一张已经记过了。"), field="who")
    assert actor.user_id is not None
    found = Qualification(
        kind_id=kind.id, person_id=person.id, team_id=team.id, region_path=team.region_path, course=(course.strip() or kind.course)[:80], since=since,
        until=last, given_at=clock.now(), given_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    rechecking.ask_again(person.id)
    letters.tell_qualification("qualification_given", found)
    audit.record(actor.user_id, "qualification.give", ("qualification", found.id), region_path=team.region_path, person=person.id, kind=kind.id)
    return found


def revoke(actor: Actor, qualification_id: int, *, reason: str) -> list[int]:
    """It does not hold any more. Whoever has a place by it is asked about; the places that are in question now."""
    found = db.session.get(Qualification, qualification_id)
    if found is None or not may(actor, Permission.EVENT_RUN, found.region_path):
        raise out_of_reach()
    signing.person_held(found.person_id)
    row = db.session.scalars(locked(select(Qualification).where(Qualification.id == qualification_id))).one()
    if row.revoked_at is not None:
        raise NotNow("revoked_already", _l("这一张已经撤回了。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么撤回，本人看得到。"), field="reason")
    row.revoked_at, row.revoked_by_id, row.revoked_for = clock.now(), actor.user_id, reason.strip()[:200]
    db.session.flush()
    open_ = rechecking.ask_again(row.person_id)
    letters.tell_qualification("qualification_revoked", row)
    audit.record(actor.user_id, "qualification.revoke", ("qualification", row.id), region_path=row.region_path, person=row.person_id)
    return [recheck.sign_up_id for recheck in open_ if recheck.code == "not_qualified"]


def warn_ending(limit: int = BATCH) -> int:
    """Tell whose qualification ends within thirty days, once. Signing up asks for the day of the shift, so none lapses unseen."""
    due = questions.ending(clock.today() + TOLD_BEFORE, limit)
    for number in due:
        row = db.session.scalars(locked(select(Qualification).where(Qualification.id == number))).one()
        if row.warned_at is None:
            row.warned_at = clock.now()
            letters.tell_qualification("qualification_ending", row)
    return len(due)
