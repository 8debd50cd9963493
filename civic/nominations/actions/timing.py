"""What time does: unanswered supplements come back, overdue cases rise, desks follow their stewards, tallies are kept."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked, rows_changed
from civic.core.errors import Invalid
from civic.identity.models import Grant
from civic.identity.permissions import Actor, Permission, Role, demand
from civic.identity.queries import staff_at
from civic.nominations import letters
from civic.nominations.actions.moving import step_taken
from civic.nominations.actions.submitting import desk_of
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Meeting, Member
from civic.nominations.models.inquiries import Clue
from civic.nominations.models.juries import Jury
from civic.nominations.models.levels import Council, LevelRule, LevelTally
from civic.nominations.models.notices import Notice, Objection
from civic.nominations.models.rounds import Round
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.queries import cases
from civic.nominations.rules import climbing, panels
from civic.nominations.states import OPEN, Verb
from civic.regions.models import Region

BATCH = 100


def resume_unanswered(limit: int = BATCH) -> int:
    """Nobody is thrown out by a clock: what was not supplemented in time is judged as it stands."""
    waiting = db.session.scalars(
        select(Nomination)
        .where(Nomination.supplement_due_at < clock.now())
        .order_by(Nomination.supplement_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for nomination in waiting:
        decision = step_taken(nomination, Verb.RESUME, actor_id=None)
        letters.tell_all("resumed", nomination, decision)
    return len(waiting)


def raise_overdue(limit: int = BATCH) -> int:
    """Show overdue cases to the level above and tell its staff, once for each level."""
    late = db.session.scalars(
        select(Nomination)
        .where(Nomination.due_at < clock.now(), Nomination.raised_path.is_(None))
        .order_by(Nomination.due_at, Nomination.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for nomination in late:
        desk = nomination.desk_path
        above = desk[: desk.rstrip(".").rfind(".") + 1] or desk
        # Not through the row's version: being late must not make a reviewer's page stale.
        db.session.execute(
            update(Nomination)
            .where(Nomination.id == nomination.id)
            .values(raised_path=above)
            .execution_options(synchronize_session=False)
        )
        audit.record(
            None, "nomination.raise", ("nomination", nomination.id), region_path=nomination.home_path,
            level=nomination.level,
        )
        for user in staff_at(above):
            letters.tell_staff("raised", nomination, user.id)
    return len(late)


def reroute_changed() -> int:
    """Let the open cases of stairwells follow stewards who came or went in the last days."""
    recent = clock.today() - timedelta(days=2)
    changed = db.session.scalars(
        select(Region)
        .join(Grant, Grant.region_id == Region.id)
        .where(
            Grant.role == Role.STEWARD,
            or_(Grant.since >= recent, Grant.until >= recent, Grant.ended_at >= clock.now() - timedelta(days=2)),
        )
        .distinct()
    ).all()
    return sum(reroute(region) for region in changed)


def reroute(region: Region) -> int:
    """Lay a stairwell's open cases on the desk that serves it now."""
    community = region.path[: region.path.rstrip(".").rindex(".") + 1]
    return rows_changed(
        update(Nomination)
        .where(
            Nomination.region_id == region.id,
            Nomination.level == 1,
            Nomination.status.in_(OPEN),
            Nomination.desk_path.in_((region.path, community)),
            Nomination.desk_path != (wanted := desk_of(region)),
        )
        .values(desk_path=wanted)
        .execution_options(synchronize_session=False)
    )


def refresh_tallies() -> int:
    """Count what each level has in hand."""
    counted = dict(
        db.session.execute(
            select(Nomination.level, func.count()).where(Nomination.status.in_(OPEN)).group_by(Nomination.level)
        ).all()
    )
    for level in range(1, 6):
        row = db.session.get(LevelTally, level) or LevelTally(level=level)
        row.in_hand = counted.get(level, 0)
        row.as_of = clock.now()
        db.session.add(row)
    return sum(counted.values())


def repath(old: str, new: str) -> None:
    """Follow a region that moved: paths that began with `old` begin with `new`."""
    beside = (Round, Notice, Objection, Meeting, Member, Jury, SecondLook, Clue)
    for column in (Nomination.home_path, Nomination.desk_path, Nomination.raised_path, *(table.region_path for table in beside)):
        db.session.execute(
            update(column.class_)
            .where(column >= old, column < old[:-1] + "/")
            .values({column: new + func.substr(column, len(old) + 1)})
            .execution_options(synchronize_session=False)
        )


def move_cases(actor: Actor, region: Region, successor: Region) -> int:
    """Give the open cases of a retired region to its successor of the same level."""
    moved = db.session.scalars(
        locked(select(Nomination).where(Nomination.region_id == region.id, Nomination.status.in_(OPEN)))
    ).all()
    for nomination in moved:
        if nomination.home_region_id == region.id:
            nomination.home_region_id = successor.id
            nomination.home_path = successor.path
        nomination.region_id = successor.id
        nomination.desk_path = desk_of(successor)
        nomination.raised_path = None
        audit.record(
            actor.user_id, "nomination.move", ("nomination", nomination.id), region_path=successor.path,
            before=region.id, after=successor.id,
        )
    return len(moved)


def ensure_level_rules(since: date) -> None:
    """The default days of the five levels, where a level has no rule yet."""
    known = set(db.session.scalars(select(LevelRule.level)))
    for level, review, supplement, council, notice, in_working_days, board in climbing.DEFAULT_LEVELS:
        if level not in known:
            db.session.add(
                LevelRule(
                    level=level, since=since, review_days=review, supplement_days=supplement, council=Council(council),
                    notice_days=notice, notice_in_working_days=in_working_days, board_days=board, again_years=climbing.AGAIN_YEARS[level],
                    jury_size=panels.JURY_SIZES.get(level, 0),
                    review_months=12 if level >= 3 else None,
                )
            )  # fmt: skip
    db.session.flush()


def level_rule_held(level: int, since: date) -> LevelRule:
    """The version that a change from this day on begins with, while no other version of the level can come between."""
    if since < clock.today():
        raise Invalid("since_past", _l("新规则从今天或以后的一天起用，不能改过去的。"), field="since")
    # All of the level's, since a second change from the same day would be a row that is not there yet; read again under the lock.
    db.session.scalars(locked(select(LevelRule).where(LevelRule.level == level).order_by(LevelRule.id), may_be_named=True)).all()
    return cases.rule_in_force(level, since)


def change_level_rule(actor: Actor, *, level: int, since: date, city_path: str, **values: object) -> LevelRule:
    """A new version of a level's rule from a day on; cases and rounds already begun keep theirs.

    `values`: columns of the rule that are to differ from the version now in force.
    """
    demand(actor, Permission.RULES_EDIT, city_path)
    before = level_rule_held(level, since)
    rule = before if before.since == since else None
    if not all(1 <= values.get(name, 1) <= 60 for name in ("review_days", "supplement_days", "notice_days", "brave_notice_days")):
        raise Invalid("days_out_of_range", _l("天数请在 1 到 60 之间。"), field="review_days")
    if not all(1 <= values.get(name, 1) <= 60 for name in ("deed_years", "brave_deed_years")) or not 0 <= values.get("again_years", 0) <= 60:
        raise Invalid("years_out_of_range", _l("年数请在 1 到 60 之间；几年内不重复评，写 0 就是不限。"), field="again_years")
    size = values.get("jury_size", before.jury_size)
    if size and (level < 4 or values.get("council", before.council) is not Council.PANEL):
        raise Invalid("jury_needs_panel", _l("群众评审只在县区和市级、由评审团打分的时候用。不用就写 0。"), field="jury_size")
    if size and not 3 <= size <= 200:
        raise Invalid("jury_size_out_of_range", _l("群众评审请抽 3 到 200 位，不用就写 0。"), field="jury_size")
    if rule is None:
        kept = {c.key: getattr(before, c.key) for c in LevelRule.__table__.columns if c.key not in ("id", "since")}
        rule = LevelRule(**{**kept, "since": since})
    for name, value in values.items():
        setattr(rule, name, value)
    db.session.add(rule)
    db.session.flush()
    audit.record(
        actor.user_id, "rule.change", ("level_rule", rule.id), region_path=city_path, level=level, since=since,
        **{name: getattr(value, "value", value) for name, value in values.items()},
    )  # fmt: skip
    return rule
