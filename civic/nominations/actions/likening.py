"""Answering whether two cases are one person's: joined, one person with two deeds, or two people. Never asked twice."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.actions import sameness
from civic.identity.permissions import Actor, Permission, demand, demand_not_recused, may
from civic.nominations import letters
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Nomination, Photo
from civic.nominations.models.likenesses import Likeness, LikenessAnswer, LikenessGround
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, likenesses
from civic.nominations.rules import links
from civic.nominations.states import OPEN, NotLawful, Verb, step_from


def _pair(actor: Actor, one_id: int, other_id: int) -> tuple[Nomination, Nomination, LikenessGround]:
    """Both cases, locked in the order of their numbers: seen by the actor, and one of them on the actor's desk."""
    first_id, second_id = sorted((one_id, other_id))
    first, second = cases.held_in_reach_of(actor, first_id), cases.held_in_reach_of(actor, second_id)
    for case in (first, second):
        demand_not_recused(actor, cases.parties_of(case))
    if not any(may(actor, Permission.NOMINATION_REVIEW, case.desk_path) for case in (first, second)):
        demand(actor, Permission.NOMINATION_REVIEW, first.desk_path)
    ground = likenesses.ground_between(first, second)
    if first_id == second_id or ground is None:
        raise NotNow("not_alike", _l("这两件看不出是同一个人，不用答。"))
    if likenesses.answer_about(first_id, second_id) is not None:
        raise Conflict("answered_already", _l("刚刚有人答过了，请刷新看看。"))
    return first, second, ground


def _answered(actor: Actor, first: Nomination, second: Nomination, ground: LikenessGround, answer: LikenessAnswer) -> Likeness:
    row = Likeness(
        first_id=first.id, second_id=second.id, ground=ground, answer=answer, answered_by_id=actor.user_id, answered_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor.user_id, f"likeness.{answer.value}", ("nomination", first.id), region_path=first.home_path, other=second.id
    )
    return row


def say_different(actor: Actor, one_id: int, other_id: int) -> Likeness:
    """Two people who only look alike on paper."""
    first, second, ground = _pair(actor, one_id, other_id)
    if ground is LikenessGround.IDENTITY:
        raise NotNow("same_number", _l("身份证号是同一个，不会是两个人。号录错了的话，请对着证件在“走访和部门意见”里重新核对。"))
    return _answered(actor, first, second, ground, LikenessAnswer.DIFFERENT)


def say_same(actor: Actor, one_id: int, other_id: int) -> Likeness:
    """One person, two deeds: both go their way, and the rules count them as one person's."""
    first, second, ground = _pair(actor, one_id, other_id)
    sameness.unite(actor, first.nominee_id, second.nominee_id, region_path=first.home_path)
    return _answered(actor, first, second, ground, LikenessAnswer.SAME)


def merge(actor: Actor, keep_id: int, end_id: int) -> Nomination:
    """One person, one deed: `end_id` ends and points to `keep_id`, where everybody's voice goes on. All are told."""
    first, second, ground = _pair(actor, keep_id, end_id)
    kept, ending = (first, second) if first.id == keep_id else (second, first)
    if kept.status not in OPEN:
        raise NotNow("kept_has_ended", _l("要留下的那件已经办完了，不能再往里并。请选“同一个人，两件事”。"))
    if kept.level < ending.level:
        raise Invalid("keep_the_further", _l("请留下走得更远的那一件，另一件并进去。"), field="keep")
    try:
        step_from(ending.position, Verb.MERGE)
    except NotLawful:
        raise NotNow("not_now", _l("这一件已经在名单上或者办完了，不能并走。请留下它，或者选“同一个人，两件事”。")) from None
    sameness.unite(actor, first.nominee_id, second.nominee_id, region_path=kept.home_path)
    step_taken(ending, Verb.MERGE, actor_id=actor.user_id, reason=f"和 {kept.reference} 说的是同一个人、同一件事，并到那一件里。")
    ending.merged_into_id = kept.id
    _voices_moved(ending, kept)
    db.session.execute(update(Photo).where(Photo.nomination_id == ending.id).values(nomination_id=kept.id))
    _answered(actor, first, second, ground, LikenessAnswer.MERGED)
    return kept


def _voices_moved(ending: Nomination, kept: Nomination) -> None:
    """Give every nominator of the ended case a place in the other, with what they wrote; old links still lead on."""
    known = {voice.contact_digest: voice for voice in cases.voices_of(kept.id)}
    before = list(known.values())
    moved = []
    for at, voice in enumerate(cases.voices_of(ending.id)):
        onward = known.get(voice.contact_digest)
        if onward is None:
            onward = Voice(
                nomination_id=kept.id, user_id=voice.user_id, name=voice.name, phone=voice.phone, email=voice.email,
                contact_digest=voice.contact_digest, relation=voice.relation, at=voice.at,
                words=ending.story if at == 0 else voice.words,
                tail_digest=links.tail_digest(kept.reference, links.tail_of(voice.phone)) if voice.phone else None,
            )  # fmt: skip
            db.session.add(onward)
            db.session.flush()
        moved.append(onward)
        letters.tell_merged("merged", ending, onward)
    for voice in before:
        if voice not in moved:
            letters.tell_merged("others_joined", ending, voice)
    # Not through the row's version: more voices must not make a reviewer's page stale.
    db.session.execute(
        update(Nomination)
        .where(Nomination.id == kept.id)
        .values(voice_count=Nomination.voice_count + len([v for v in moved if v not in before]))
        .execution_options(synchronize_session=False)
    )
