"""Questions about drawn juries: who may be drawn, who was, what they said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from civic.core import clock
from civic.core.db import db, locked
from civic.identity.models import Grant, Person, User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Member, Verdict
from civic.nominations.models.juries import Juror, JurorMark, JurorStatus, Jury, JuryCase, JuryScore, JuryStatus
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.queries.rounds import latest_verdicts
from civic.nominations.rules import panels
from civic.regions.models import Region
from civic.regions.queries import within


def residents(round_: Round) -> list[int]:
    """The accounts a jury is drawn from: grown residents of the region whose identity an officer has seen, who hold no
    office and no seat on its panel. In the order of their numbers."""
    today = clock.today()
    in_office = exists().where(
        Grant.user_id == User.id, Grant.ended_at.is_(None), Grant.since <= today, or_(Grant.until.is_(None), Grant.until >= today)
    )
    on_panel = exists().where(Member.person_id == Person.id, Member.region_id == round_.region_id, Member.ended_at.is_(None))
    return list(
        db.session.scalars(
            select(User.id)
            .join(Person, Person.id == User.person_id)
            .join(Region, Region.id == Person.region_id)
            .where(
                User.closed_at.is_(None),
                Person.attested_at.is_not(None),
                Person.is_minor.is_(False),
                Person.is_deceased.is_(False),
                within(Region.path, round_.region_path),
                ~in_office,
                ~on_panel,
            )
            .order_by(User.id)
        )
    )


def juries_of(round_id: int) -> Sequence[Jury]:
    return db.session.scalars(select(Jury).where(Jury.round_id == round_id).options(joinedload(Jury.drawn_by)).order_by(Jury.id)).all()


def held(jury_id: int) -> Jury | None:
    """The jury, locked until the transaction ends."""
    return db.session.scalars(locked(select(Jury).where(Jury.id == jury_id))).first()


def by_id(jury_id: int) -> Jury | None:
    return db.session.scalars(
        select(Jury).where(Jury.id == jury_id).options(joinedload(Jury.round).options(joinedload(Round.region), joinedload(Round.rule)))
    ).first()


def open_at(round_id: int) -> Jury | None:
    return db.session.scalars(select(Jury).where(Jury.round_id == round_id, Jury.status == JuryStatus.OPEN)).first()


def jurors_of(jury_id: int) -> Sequence[Juror]:
    """Everybody who was asked, in the order of the draw."""
    return db.session.scalars(
        select(Juror).where(Juror.jury_id == jury_id).options(joinedload(Juror.person).joinedload(Person.region), joinedload(Juror.instead_of)).order_by(Juror.position)
    ).all()


def silent(now: datetime, limit: int) -> dict[int, set[int]]:
    """Jurors of running rounds who have not answered and are to be reminded or replaced now, by jury."""
    found: dict[int, set[int]] = {}
    for jury_id, juror_id in db.session.execute(
        select(Juror.jury_id, Juror.id)
        .join(Jury, Jury.id == Juror.jury_id)
        .join(Round, Round.id == Jury.round_id)
        .where(
            Jury.status == JuryStatus.OPEN,
            Round.status == RoundStatus.OPEN,
            Juror.status == JurorStatus.ASKED,
            or_(Juror.answer_by <= now, and_(Juror.remind_at <= now, Juror.reminded_at.is_(None))),
        )
        .order_by(Juror.jury_id, Juror.position)
        .limit(limit)
    ):
        found.setdefault(jury_id, set()).add(juror_id)
    return found


def seats_taken(jury_id: int) -> int:
    """How many have said yes, or may still do so."""
    return db.session.scalar(
        select(func.count()).where(Juror.jury_id == jury_id, Juror.status.in_((JurorStatus.ASKED, JurorStatus.ACCEPTED)))
    )


def agenda(jury_id: int) -> Sequence[JuryCase]:
    return db.session.scalars(
        select(JuryCase)
        .where(JuryCase.jury_id == jury_id)
        .options(joinedload(JuryCase.nomination).options(joinedload(Nomination.category), joinedload(Nomination.home_region), joinedload(Nomination.nominee)))
        .order_by(JuryCase.id)
    ).all()


def marks_of(jury_id: int) -> dict[tuple[int, int], JurorMark]:
    """Who has spoken on which case, or stays out of it: by (juror, case)."""
    rows = db.session.scalars(select(JurorMark).join(Juror, Juror.id == JurorMark.juror_id).where(Juror.jury_id == jury_id))
    return {(row.juror_id, row.nomination_id): row for row in rows}


def scores_of(jury_id: int) -> dict[int, list[int]]:
    """The scores of each case, lowest first: nothing in the order says whose they were."""
    found: dict[int, list[int]] = {}
    for case, score in db.session.execute(
        select(JuryScore.nomination_id, JuryScore.score).where(JuryScore.jury_id == jury_id).order_by(JuryScore.score)
    ):
        found.setdefault(case, []).append(score)
    return found


def latest_scores(nomination_ids: Iterable[int], level: int) -> dict[int, JuryCase]:
    """What the newest closed jury of a level gave each case."""
    rows = db.session.scalars(
        select(JuryCase)
        .join(Jury, Jury.id == JuryCase.jury_id)
        .join(Round, Round.id == Jury.round_id)
        .where(JuryCase.nomination_id.in_(list(nomination_ids)), JuryCase.score.is_not(None), Round.level == level)
        .order_by(JuryCase.id)
    )
    return {row.nomination_id: row for row in rows}


def my_juries(user_id: int) -> Sequence[Juror]:
    """Where an account is asked for, or sits now."""
    return db.session.scalars(
        select(Juror)
        .join(Jury, Jury.id == Juror.jury_id)
        .where(Juror.user_id == user_id, Jury.status == JuryStatus.OPEN, Juror.status.in_((JurorStatus.ASKED, JurorStatus.ACCEPTED)))
        .options(joinedload(Juror.jury).joinedload(Jury.round).joinedload(Round.region))
        .order_by(Juror.id)
    ).all()


def is_repeatable(jury: Jury) -> bool:
    """Whether seed and list still give those who were asked, in their order, and the list is the one it was."""
    listed = [int(word) for word in jury.listed.split(",")]
    asked = [j.user_id for j in jurors_of(jury.id)]
    return panels.list_digest(listed) == jury.list_digest and panels.drawn(listed, jury.seed)[: len(asked)] == asked


def combined(verdict: Verdict | None, jury: JuryCase | None, panel_weight: int) -> int | None:
    """Hundredths of panel and jury together; none while one of them is missing."""
    if verdict is None or verdict.score is None or jury is None or jury.score is None:
        return None
    return panels.combined(verdict.score, jury.score, panel_weight)


def together(cases: Sequence[Nomination], round_: Round) -> dict[int, int]:
    """Hundredths of panel and jury together for each case that has both, where the round's rule has a jury."""
    if not round_.rule.jury_size:
        return {}
    ids = [case.id for case in cases]
    verdicts, given = latest_verdicts(ids, round_.level), latest_scores(ids, round_.level)
    found = {case: combined(verdicts.get(case), given.get(case), round_.rule.panel_weight) for case in ids}
    return {case: score for case, score in found.items() if score is not None}
