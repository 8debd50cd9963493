"""What the demonstration's volunteers have behind them: two weeks of mornings, ticked, counted and settled by the same
actions, so that ledgers, boards and desks have something to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select

from civic.core import clock, images, storage
from civic.core.db import db
from civic.identity.models import Person
from civic.identity.permissions import Actor
from civic.points import queries as shelf
from civic.points.actions import goods
from civic.volunteering.actions import attendance, boards, certificates, counting, paper, signing
from civic.volunteering.models.attendance import Direction, Hours
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.rules.flags import STAYED_FROM
from civic.volunteering.states import SignUpStatus

NICKNAMES = ("早班的老周", "河边的何姐", "小旗手", "校门口的老师傅", "红马甲")


def lay_past(organiser: Actor, leader: Actor, event_id: int, crowd: list[Person], actor: Actor, chance: Random) -> None:
    """Mornings at two crossings until yesterday; the resident came to every other day."""
    shifts = db.session.scalars(
        select(Shift).where(Shift.event_id == event_id, Shift.ends_at < clock.now() - timedelta(hours=4)).order_by(Shift.starts_at, Shift.id)
    ).all()
    mornings = [shift for shift in shifts if clock.local(shift.starts_at).time() == time(7)]
    posts = sorted({shift.post_id for shift in mornings})[:2]
    days = sorted({shift.day for shift in mornings})
    for n, day in enumerate(days):
        # Somebody forgets again and again, and the leader says each time that they stayed: a desk should look at that.
        forgets = crowd[8] if n >= len(days) - STAYED_FROM else None
        for post_id, own in zip(posts, (crowd[:4], crowd[4:8]), strict=True):
            shift = next(s for s in mornings if s.day == day and s.post_id == post_id)
            is_first = post_id == posts[0]
            _lay_morning(organiser, leader, shift, own, actor if n % 2 == 0 and is_first else None, chance, forgets=None if is_first else forgets)
        # The day is counted as a whole, when its shifts are over.
        with clock.standing_at(datetime.combine(day, time(12), tzinfo=clock.zone())):
            _counted()
            if forgets is not None:
                draft = db.session.scalars(select(Hours).where(Hours.person_id == forgets.id, Hours.day == day)).one()
                counting.settle_word(leader, draft.id, stayed=True)
    _counted()
    _until_none_left(counting.settle_due)
    if mornings:
        _lay_keepsakes(leader, mornings, actor)


def _lay_morning(organiser: Actor, leader: Actor, shift: Shift, crowd: list[Person], actor: Actor | None, chance: Random, *, forgets: Person | None) -> None:
    with clock.standing_at(shift.starts_at - timedelta(days=1)):
        rows = [signing.sign_up(organiser, shift.id, person_id=person.id, has_read_briefing=True) for person in chance.sample(crowd, 2)]
        if actor is not None:
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True))
        if forgets is not None:
            rows.insert(0, signing.sign_up(organiser, shift.id, person_id=forgets.id, has_read_briefing=True))
    with clock.standing_at(shift.starts_at + timedelta(minutes=chance.randint(-8, 4))):
        for row in rows:
            attendance.tick(leader, row.id, Direction.IN)
    with clock.standing_at(shift.ends_at):
        # Now and then one forgets to sign out.
        forgot = chance.randint(0, 5) == 0
        for row in rows[forgot or forgets is not None :]:
            attendance.tick(leader, row.id, Direction.OUT)


def _counted() -> None:
    _until_none_left(counting.count_ended)


def _until_none_left(step: Callable[[], int]) -> None:
    """What a job does, within the transaction that lays the demonstration."""
    while step() == counting.BATCH:
        pass


def _lay_keepsakes(leader: Actor, mornings: list[Shift], actor: Actor) -> None:
    """A board, a certificate, an exchange, and a paper sheet that waits for a second person."""
    team = mornings[0].event.team_id
    served = db.session.scalars(
        select(SignUp.person_id)
        .where(SignUp.shift_id.in_([shift.id for shift in mornings]), SignUp.status == SignUpStatus.CAME, SignUp.person_id != actor.person_id)
        .distinct()
        .order_by(SignUp.person_id)
    ).all()
    for person_id, nickname in zip(served, NICKNAMES, strict=False):
        boards.stand(Actor(user_id=None, person_id=person_id), team, nickname=nickname)
    boards.stand(actor, team, nickname="文昌路的黄大姐")
    certificates.issue(actor, first=mornings[0].day, last=clock.today())
    bag = min(shelf.goods(), key=lambda good: good.points)
    goods.redeem(actor, bag.id, request="demo")
    last = [shift for shift in mornings if shift.post_id == mornings[0].post_id][-1]
    waiting = db.session.scalars(select(SignUp).where(SignUp.shift_id == last.id, SignUp.status.in_(paper.LISTED)).order_by(SignUp.id)).all()
    if waiting and clock.now() <= last.ends_at + timedelta(days=6):
        lines = {row.id: (time(7, 2), time(9, 0)) for row in waiting}
        paper.type_in(leader, last.id, lines, photo_key=storage.keep(images.blank_sheet(), "jpg"))
