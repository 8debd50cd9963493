"""What the procedure holds about one person, to be taken along. Whom they nominated and who decided stay masked."""

from __future__ import annotations

import json

from sqlalchemy import or_, select

from civic.core.db import db
from civic.core.text import masked_name
from civic.identity.models import User
from civic.identity.queries import Rows, rows_of
from civic.nominations.models.cases import Draft, Nomination
from civic.nominations.models.councils import Member
from civic.nominations.models.juries import Juror
from civic.nominations.models.looks import SavedFilter
from civic.nominations.models.voices import Voice
from civic.regions.models import Region


def own_data(user: User) -> dict[str, Rows]:
    """Nominations they made and those of themselves that they may know of, drafts, seats, turns on a jury, kept filters."""
    return {
        "nominations": _made(user),
        "nominations_of_me": rows_of(
            select(Nomination.reference, Nomination.headline, Nomination.status, Nomination.level, Nomination.created_at, Nomination.decided_at)
            .where(Nomination.nominee_id == user.person_id, Nomination.may_tell_nominee).order_by(Nomination.id)
        ),
        "drafts": [_draft(draft) for draft in db.session.scalars(select(Draft).where(Draft.user_id == user.id).order_by(Draft.id))],
        "council_seats": rows_of(
            select(Region.name.label("place"), Member.standing, Member.since, Member.until, Member.ended_at)
            .join(Region, Region.id == Member.region_id).where(Member.person_id == user.person_id).order_by(Member.id)
        ),
        # That they were drawn and what they said; which score they gave stands nowhere.
        "jury_turns": rows_of(
            select(Juror.asked_at, Juror.answer_by, Juror.status, Juror.answered_at)
            .where(or_(Juror.user_id == user.id, Juror.person_id == user.person_id)).order_by(Juror.id)
        ),
        "filters": rows_of(select(SavedFilter.name, SavedFilter.created_at).where(SavedFilter.user_id == user.id).order_by(SavedFilter.id)),
    }  # fmt: skip


def _made(user: User) -> Rows:
    rows = db.session.execute(
        select(Voice, Nomination.reference, Nomination.nominee_name, Nomination.headline, Nomination.status, Nomination.level)
        .join(Nomination, Nomination.id == Voice.nomination_id)
        .where(Voice.user_id == user.id)
        .order_by(Voice.id)
    )
    return [
        {
            "reference": reference, "nominee": masked_name(nominee), "headline": headline, "status": status, "level": level, "relation": voice.relation,
            "my_name": voice.name, "my_phone": voice.phone, "my_email": voice.email, "my_words": voice.words, "at": voice.at,
        }
        for voice, reference, nominee, headline, status, level in rows
    ]  # fmt: skip


def _draft(draft: Draft) -> dict[str, object]:
    answers = json.loads(draft.answers)
    words = {name: answers.get(name) for name in ("headline", "summary", "story")}
    return {"nominee": masked_name(answers.get("nominee_name")), **words, "created_at": draft.created_at, "changed_at": draft.changed_at}
