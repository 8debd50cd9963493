"""Cases that may be one person's: found by digest, else by name with unit or community and age band, until somebody answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload

from civic.core.db import db
from civic.identity.models import Person
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Nomination
from civic.nominations.models.likenesses import Likeness, LikenessGround
from civic.nominations.models.voices import Voice
from civic.nominations.queries.cases import reach
from civic.nominations.rules import climbing
from civic.nominations.states import Status
from civic.regions.queries import within

MOST = 10


@dataclass(frozen=True)
class Question:
    """Another case that looks like the same person's, and why."""

    other: Nomination
    ground: LikenessGround


def questions_of(actor: Actor, case: Nomination) -> list[Question]:
    """The open questions about one case, with cases that the actor may read. One statement."""
    person = case.nominee
    community = case.home_path if case.home_region.level >= 2 else case.home_path[: case.home_path.rstrip(".").rindex(".") + 1]
    near = or_(within(Nomination.home_path, community), Person.work_unit == (person.work_unit or None))
    looks = [and_(Person.normal_name == person.normal_name, near), Person.id == person.id]
    if person.identity_digest is not None:
        looks.append(Person.identity_digest == person.identity_digest)
    found = db.session.scalars(
        select(Nomination)
        .join(Person, Person.id == Nomination.nominee_id)
        .where(
            Nomination.id != case.id,
            Nomination.status.not_in((Status.WITHDRAWN, Status.MERGED)),
            or_(*looks),
            reach(actor),
            ~exists().where(_pair_of(case.id)),
        )
        .options(joinedload(Nomination.nominee), joinedload(Nomination.home_region), joinedload(Nomination.category))
        .order_by(Nomination.id.desc())
        .limit(5 * MOST)
    )
    grounds = ((other, ground_between(case, other)) for other in found)
    return [Question(other, ground) for other, ground in grounds if ground is not None][:MOST]


def _pair_of(case_id: int):
    return or_(
        and_(Likeness.first_id == case_id, Likeness.second_id == Nomination.id),
        and_(Likeness.first_id == Nomination.id, Likeness.second_id == case_id),
    )


def ground_between(one: Nomination, other: Nomination) -> LikenessGround | None:
    """Why two cases may be one person's; none where they cannot be: other numbers, another sex, another age."""
    a, b = one.nominee, other.nominee
    if a.id == b.id or (a.identity_digest is not None and a.identity_digest == b.identity_digest):
        return LikenessGround.IDENTITY
    if a.identity_digest is not None and b.identity_digest is not None:
        return None
    if a.normal_name != b.normal_name or a.is_minor != b.is_minor or (a.sex and b.sex and a.sex != b.sex):
        return None
    if a.birth_date and b.birth_date and abs(a.birth_date - b.birth_date) > climbing.AGE_BAND:
        return None
    if a.work_unit and a.work_unit == b.work_unit:
        return LikenessGround.UNIT
    return LikenessGround.COMMUNITY if _community(one) == _community(other) else None


def _community(case: Nomination) -> str:
    """The path down to the community: the first four places of five."""
    return ".".join(case.home_path.split(".")[:4])


def answer_about(one_id: int, other_id: int) -> Likeness | None:
    """What was said about two cases."""
    first, second = sorted((one_id, other_id))
    return db.session.scalars(
        select(Likeness).where(Likeness.first_id == first, Likeness.second_id == second).options(joinedload(Likeness.answered_by))
    ).first()


def onward(voice: Voice) -> Voice | None:
    """Where a nominator's voice goes on after their case was joined to another."""
    into = voice.nomination.merged_into_id
    if into is None:
        return None
    return db.session.scalars(
        select(Voice).where(Voice.nomination_id == into, Voice.contact_digest == voice.contact_digest)
    ).first()


def merged_into(case_id: int) -> Sequence[Nomination]:
    """The cases that were joined to this one."""
    return db.session.scalars(select(Nomination).where(Nomination.merged_into_id == case_id).order_by(Nomination.id)).all()
