"""Standing on a team's board, or not: only who asks to, under a nickname, and never a child."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.core.text import normalised_name
from civic.identity.models import Person
from civic.identity.permissions import Actor, out_of_reach
from civic.volunteering.models.people import BoardName, Team, Volunteer
from civic.volunteering.queries import boards
from civic.volunteering.rules import signing as rules

GROWN = 18


def stand(actor: Actor, team_id: int, *, nickname: str) -> BoardName:
    """Stand on a team's board under a nickname; done again it is another nickname."""
    assert actor.person_id is not None
    team = db.session.scalars(locked(select(Team).where(Team.id == team_id))).first()
    if team is None:
        raise out_of_reach()
    person = db.session.get(Person, actor.person_id)
    assert person is not None
    if db.session.get(Volunteer, person.id) is None:
        raise NotNow("not_registered", _l("先登记成志愿者，一分钟就好。"))
    if person.is_minor or (person.birth_date is not None and rules.age_on(person.birth_date, clock.today()) < GROWN):
        raise NotAllowed("too_young", _l("不满 18 岁的不上榜。您的时长自己看得到。"))
    if not boards.has_to_do_with(person.id, team_id):
        raise NotAllowed("not_of_team", _l("在这个服务队服务过，才能上它的榜。"))
    nickname = nickname.strip()
    _fits(nickname, person)
    taken = select(BoardName.id).where(BoardName.team_id == team_id, BoardName.nickname == nickname, BoardName.person_id != person.id)
    if db.session.scalars(taken).first() is not None:
        raise Conflict("nickname_taken", _l("这个名字有人用了，换一个。"), field="nickname")
    row = boards.standing_of(person.id, team_id)
    if row is None:
        row = BoardName(team_id=team_id, person_id=person.id, nickname=nickname, since=clock.today())
        db.session.add(row)
    row.nickname = nickname
    db.session.flush()
    audit.record(actor.user_id, "board.stand", ("team", team_id), region_path=team.region_path)
    return row


def _fits(nickname: str, person: Person) -> None:
    if not 2 <= len(nickname) <= 12:
        raise Invalid("nickname_length", _l("2 到 12 个字，比如“早班的老周”。"), field="nickname")
    if normalised_name(nickname) == person.normal_name:
        raise Invalid("nickname_real", _l("榜上不写真名，另起一个。"), field="nickname")
    if re.search(r"\d{5,}", nickname):
        raise Invalid("nickname_digits", _l("别写手机号、证件号，另起一个。"), field="nickname")


def leave(actor: Actor, team_id: int) -> None:
    """Stand there no longer; nothing of it is kept."""
    row = boards.standing_of(actor.person_id or 0, team_id)
    if row is not None:
        db.session.delete(row)
        audit.record(actor.user_id, "board.leave", ("team", team_id))
