"""Points that a city's tariff may give for an honour: to the nominee, and to residents who nominated them."""

from __future__ import annotations

from civic.core import clock
from civic.core.db import db
from civic.identity import queries as identity
from civic.identity.models import Person, PersonKind, User
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Nomination
from civic.points import queries as tariffs
from civic.points.actions import entries as points


def reward(actor: Actor, nomination: Nomination, honour_id: int | None) -> int:
    """Award what the tariff in force gives; to how many people. By default it gives nothing.

    Only registered volunteers earn; groups and the dead have no points, and who nominates by office (whoever holds a role) earns none either.
    """
    day = clock.today()
    tariff = tariffs.find_tariff_on(day)
    if honour_id is None or tariff is None or not (tariff.nominee_points or tariff.nominator_points):
        return 0
    earners: dict[int, int | None] = {}
    nominee = db.session.get(Person, nomination.nominee_id)
    if nominee is not None and nominee.kind is PersonKind.INDIVIDUAL and not nominee.is_deceased:
        earners[nominee.id] = None
    for voice in nomination.voices:
        user = db.session.get(User, voice.user_id) if voice.user_id is not None else None
        if user is not None and user.person_id not in earners and not identity.actor_of(user).grants:
            earners[user.person_id] = voice.id
    db.session.flush()
    count = 0
    # One person after the other in a fixed order: two honours at once never wait for each other in a ring.
    for person_id, voice_id in sorted(earners.items()):
        words = "被评为好人" if voice_id is None else "推荐的人被评为好人"
        count += points.award_honour(actor, person_id, honour_id=honour_id, voice_id=voice_id, words=words, day=day) is not None
    return count


def take_back(actor: Actor, honour_id: int) -> int:
    """The step was undone: what the honour brought goes back; of how many people."""
    return points.take_back_honour(actor, honour_id, words="评上撤回了，积分冲回")
