"""Questions about one case: in a reviewer's reach, on a nominator's track, the same deed, the rules it runs by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import itemgetter

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from civic.core import clock, listing, typed
from civic.core.calendar import CalendarDay
from civic.core.db import db, locked
from civic.core.text import normalised_name
from civic.identity.models import Grant, Person, User
from civic.identity.permissions import Actor, Part, Permission, Role, out_of_reach
from civic.identity.rules import Contact, contact_digest
from civic.nominations.models.cases import Nomination, Photo
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import LevelRule, LevelTally
from civic.nominations.models.voices import Voice
from civic.nominations.rules import climbing, links
from civic.nominations.states import OPEN, Status
from civic.regions.models import Region
from civic.regions.queries import within

MANY = 100
PARTS = (Part.ENTERER, Part.NOMINATOR, Part.NOMINEE)


def reach(actor: Actor) -> ColumnElement[bool]:
    """Whether a case lies in the actor's regions."""
    paths = actor.paths_for(Permission.NOMINATION_READ)
    if not paths:
        return false()
    # What is protected is seen at the desk that holds it now, and nowhere else.
    narrow = or_(Nomination.protected_at.is_(None), Nomination.desk_path.in_(actor.paths_for(Permission.NOMINATION_REVIEW)))
    return and_(or_(*(within(Nomination.home_path, path) for path in paths)), narrow)


def is_seen_by(actor: Actor, nomination: Nomination) -> bool:
    """The same narrowing for a case that is already at hand."""
    return not nomination.is_protected or nomination.desk_path in actor.paths_for(Permission.NOMINATION_REVIEW)


def in_reach_of(actor: Actor, nomination_id: int) -> Nomination:
    """The case, or the same refusal for one that is elsewhere and one that is nowhere."""
    found = db.session.scalars(
        select(Nomination)
        .where(Nomination.id == nomination_id, reach(actor))
        .options(
            joinedload(Nomination.category),
            joinedload(Nomination.nominee),
            joinedload(Nomination.rule),
            joinedload(Nomination.region),
            joinedload(Nomination.home_region),
            joinedload(Nomination.taken_by),
            selectinload(Nomination.voices),
            selectinload(Nomination.photos),
            selectinload(Nomination.decisions).options(joinedload(Decision.actor), joinedload(Decision.stands_for), joinedload(Decision.region)),
        )
    ).first()
    if found is None:
        raise out_of_reach()
    return found


def several_in_reach_of(actor: Actor, ids: Iterable[int]) -> list[Nomination]:
    """The cases among `ids` that lie in the actor's reach, the most urgent first; the others are left out silently."""
    return list(
        db.session.scalars(
            select(Nomination)
            .where(Nomination.id.in_(list(ids)), reach(actor))
            .options(joinedload(Nomination.category), joinedload(Nomination.home_region))
            .order_by(Nomination.due_at, Nomination.id)
        )
    )


def held_in_reach_of(actor: Actor, nomination_id: int) -> Nomination:
    """The case, locked until the transaction ends."""
    query = select(Nomination).where(Nomination.id == nomination_id)
    if not actor.is_machine:
        query = query.where(reach(actor))
    found = db.session.scalars(locked(query)).first()
    if found is None:
        raise out_of_reach()
    return found


def held(nomination_id: int) -> Nomination | None:
    """The case, locked, whoever asks: for steps of nominators and of the clock."""
    return db.session.scalars(locked(select(Nomination).where(Nomination.id == nomination_id))).first()


def by_id(nomination_id: int) -> Nomination | None:
    """A case with its nominee, for pages that show what is public of it."""
    return db.session.get(Nomination, nomination_id, options=[joinedload(Nomination.nominee)])


def last_decision(nomination_id: int) -> Decision | None:
    return db.session.scalars(
        select(Decision)
        .where(Decision.nomination_id == nomination_id)
        .options(joinedload(Decision.actor))
        .order_by(Decision.number.desc())
        .limit(1)
    ).first()


def parties_of(nomination: Nomination) -> dict[int, Part]:
    """What each person is to the case: the nominee and of the nominators, through their accounts or their phone numbers; and of whoever wrote
    a nomination down for somebody, where the rule keeps them apart too. Who is more than one of them is the last."""
    wrote_down = (User.id == Voice.entered_by_id) & literal(nomination.rule.enterer_recused)
    rows = db.session.execute(
        select(User.person_id, literal(1))
        .join(Voice, Voice.user_id == User.id)
        .where(Voice.nomination_id == nomination.id)
        .union_all(
            select(Person.id, literal(1))
            .join(Voice, Voice.contact_digest == Person.phone_digest)
            .where(Voice.nomination_id == nomination.id),
            select(User.person_id, literal(0)).join(Voice, wrote_down).where(Voice.nomination_id == nomination.id),
            # The nominee's own account may hang on another row of the same person.
            select(Person.id, literal(2)).where(
                or_(
                    Person.phone_digest == select(Person.phone_digest).where(Person.id == nomination.nominee_id).scalar_subquery(),
                    Person.identity_digest
                    == select(Person.identity_digest).where(Person.id == nomination.nominee_id).scalar_subquery(),
                )
            ),
        )
    )
    return {**{person_id: PARTS[part] for person_id, part in sorted(rows, key=itemgetter(1))}, nomination.nominee_id: Part.NOMINEE}


def voices_of(nomination_id: int) -> Sequence[Voice]:
    return db.session.scalars(select(Voice).where(Voice.nomination_id == nomination_id).order_by(Voice.id)).all()


def is_first_voice(voice: Voice) -> bool:
    """Whether the case began with this nominator; only they may change it."""
    first = db.session.scalar(select(func.min(Voice.id)).where(Voice.nomination_id == voice.nomination_id))
    return voice.id == first


def voice_by_id(voice_id: int) -> Voice | None:
    """A nominator with the case and all that the tracking page shows of it."""
    return db.session.scalars(
        select(Voice)
        .where(Voice.id == voice_id, Voice.forgotten_at.is_(None))
        .options(
            joinedload(Voice.nomination).options(
                joinedload(Nomination.category),
                joinedload(Nomination.nominee),
                joinedload(Nomination.rule),
                joinedload(Nomination.region),
                joinedload(Nomination.home_region),
                joinedload(Nomination.taken_by),
                selectinload(Nomination.photos),
                selectinload(Nomination.decisions).options(joinedload(Decision.actor), joinedload(Decision.region)),
            )
        )
    ).first()


def voice_for(reference: str, tail: str) -> Voice | None:
    """The nominator with this reference and these last four digits. Both wrong or one wrong look alike."""
    plain = links.normalised_reference(reference)
    return db.session.scalars(
        select(Voice)
        .join(Nomination)
        .where(Nomination.reference == plain, Voice.tail_digest == links.tail_digest(plain, typed.code(tail)))
        .order_by(Voice.id)
    ).first()


def voice_of_contact(nomination_id: int, contact: Contact) -> Voice | None:
    return db.session.scalars(
        select(Voice).where(Voice.nomination_id == nomination_id, Voice.contact_digest == contact_digest(contact))
    ).first()


def unclaimed_voices(contact: Contact) -> int:
    """How many nominations were made with this contact before there was an account."""
    return db.session.scalar(
        select(func.count())
        .select_from(Voice)
        .where(Voice.contact_digest == contact_digest(contact), Voice.user_id.is_(None))
    )


def my_voices(user: User) -> listing.Some[Voice]:
    """The account's nominations, newest first."""
    return listing.some(
        select(Voice)
        .where(Voice.user_id == user.id)
        .options(joinedload(Voice.nomination).joinedload(Nomination.category))
        .order_by(Voice.id.desc()),
        MANY,
    )


def same_deed(name: str, category_id: int, region: Region) -> Sequence[Nomination]:
    """Cases that may be the same person's same deed: the name, the class, the community, within a year."""
    community = region.path if region.level >= 2 else region.path[: region.path.rstrip(".").rindex(".") + 1]
    return db.session.scalars(
        select(Nomination)
        .where(
            Nomination.normal_name == normalised_name(name),
            Nomination.category_id == category_id,
            within(Nomination.home_path, community),
            or_(Nomination.status.in_(OPEN), Nomination.status == Status.ELECTED),
            Nomination.created_at > clock.now() - climbing.SAME_WITHIN,
            # Whoever writes the same name must not learn that somebody is being protected.
            Nomination.protected_at.is_(None),
        )
        .order_by(Nomination.id)
        .limit(5)
    ).all()


def joinable(name: str, category_id: int, region: Region) -> list[Nomination]:
    """Of these, what one more neighbour may speak for: open, and not of a child, of whom strangers learn nothing."""
    return [case for case in same_deed(name, category_id, region) if case.status in OPEN and not case.is_of_a_child]


def photo_by_key(key: str) -> Photo | None:
    return db.session.scalars(select(Photo).where(or_(Photo.key == key, Photo.thumbnail_key == key))).first()


def rule_in_force(level: int, on: date) -> LevelRule:
    """What the level works by on a day."""
    found = db.session.scalars(
        select(LevelRule)
        .where(LevelRule.level == level, LevelRule.since <= on)
        .order_by(LevelRule.since.desc())
        .limit(1)
    ).first()
    if found is None:
        raise LookupError(f"no rule for level {level} on {on}")
    return found


def rules_in_force(on: date) -> list[LevelRule]:
    """The rules of all levels on a day, from the stairwell up."""
    newest: dict[int, LevelRule] = {}
    for rule in db.session.scalars(select(LevelRule).where(LevelRule.since <= on).order_by(LevelRule.since)):
        newest[rule.level] = rule
    return [newest[level] for level in sorted(newest)]


def has_steward(region_path: str) -> bool:
    """Whether somebody serves this stairwell today."""
    today = clock.today()
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Grant.region_path == region_path,
                    Grant.level == 1,
                    Grant.ended_at.is_(None),
                    Grant.since <= today,
                    or_(Grant.until.is_(None), Grant.until >= today),
                )
            )
        )
    )


def tallies() -> dict[int, int]:
    """Cases in hand per level, as the worker last counted."""
    return {row.level: row.in_hand for row in db.session.scalars(select(LevelTally))}


def has_other_staff(desk_path: str, user_id: int | None) -> bool:
    """Whether somebody else decides at this desk today."""
    today = clock.today()
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Grant.region_path == desk_path,
                    Grant.role.in_((Role.STEWARD, Role.REVIEWER)),
                    Grant.user_id != user_id,
                    Grant.ended_at.is_(None),
                    Grant.since <= today,
                    or_(Grant.until.is_(None), Grant.until >= today),
                )
            )
        )
    )


def calendar_days() -> Sequence[CalendarDay]:
    """The days on which this city differs from the published calendar, the latest first."""
    return db.session.scalars(select(CalendarDay).order_by(CalendarDay.day.desc())).all()
