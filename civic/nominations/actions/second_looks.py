"""请再看一遍, once: asking the level above, and its word. It may reopen a declined case, or turn an objection's answer round."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotNow
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.honours.models import HonourStatus
from civic.identity.permissions import Actor, Permission, demand
from civic.identity.queries import staff_at
from civic.nominations import letters
from civic.nominations.actions import noticing
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.notices import Objection
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, notices, second_looks
from civic.nominations.states import Status, Verb

WORDS_MOST = 2000
BATCH = 100


def _above(path: str) -> str:
    """Who looks again: the level above; over the city there is none, so another person of the city."""
    return path[: path.rstrip(".").rfind(".") + 1] or path


def _written(words: str) -> str:
    if len(words.strip()) < 5:
        raise Invalid("words_missing", _l("请说具体一点：哪里没看到，谁还知道。"), field="words")
    if len(words) > WORDS_MOST:
        raise Invalid("words_too_long", _l("请不超过 2000 个字。"), field="words")
    return words.strip()


def _asked(look: SecondLook) -> SecondLook:
    now = clock.now()
    look.asked_at, look.due_at = now, now + second_looks.ANSWER_WITHIN
    db.session.add(look)
    db.session.flush()
    for user in staff_at(look.region_path):
        letters.tell_second_look("second_look_waits", look.id, ("user", user.id))
    audit.record(None, "second_look.ask", ("second_look", look.id), region_path=look.region_path, nomination=look.nomination_id)
    return look


def ask(voice: Voice, *, words: str) -> SecondLook:
    """A nominator asks the level above to look again at a declined case; one request for all its nominators."""
    case = cases.held(voice.nomination_id)
    assert case is not None
    word = second_looks.refusal_of(case)
    if word is None:
        raise NotNow("not_declined", _l("这份推荐现在不用再看一遍。"))
    if second_looks.of_case(case.id) is not None:
        raise Conflict("asked_already", _l("已经请上一级再看过了，只能请一次。"))
    if clock.now() > word.at + second_looks.ASK_WITHIN:
        raise NotNow("too_late_to_ask", _l("过了 15 天，不能再请了。有了新的事迹，可以重新推荐。"))
    return _asked(
        SecondLook(nomination_id=case.id, voice_id=voice.id, region_path=_above(word.region.path), level=word.level, words=_written(words))
    )


def ask_about(objection_id: int, *, words: str) -> SecondLook:
    """Somebody does not accept the answer to their objection. While the name still hangs, its days stand still again."""
    objection = db.session.scalars(locked(select(Objection).where(Objection.id == objection_id))).first()
    if objection is None:
        raise NotFound("not_found", _l("没有找到。可能是网址不对，也可能不归您这里管。"))
    if second_looks.of_objection(objection.id) is not None:
        raise Conflict("asked_already", _l("已经请上一级再看过了，只能请一次。"))
    if not second_looks.may_ask_about(objection):
        raise NotNow("too_late_to_ask", _l("过了 15 天，或者这条已经成立了，不用再请。"))
    case = cases.held(objection.item.nomination_id)
    assert case is not None
    look = _asked(
        SecondLook(
            nomination_id=case.id, objection_id=objection.id, region_path=_above(objection.region_path), level=objection.item.notice.level,
            words=_written(words),
        )
    )
    if case.status in (Status.NOTICED, Status.HELD):
        noticing.stand_still(case)
    return look


def answer(actor: Actor, look_id: int, *, changes: bool, words: str) -> SecondLook:
    """The level above has looked: the word stands, or it does not. Whoever spoke before looks the other way."""
    found = second_looks.in_reach_of(actor, look_id)
    case = cases.held(found.nomination_id)
    look = db.session.scalars(locked(select(SecondLook).where(SecondLook.id == look_id))).one()
    assert case is not None
    demand(actor, Permission.OBJECTION_HANDLE, look.region_path, cases.parties_of(case))
    if look.answered_at is not None:
        raise NotNow("answered_already", _l("刚刚有人答过了，请刷新看看。"))
    if _spoke_before(actor, look, case):
        raise NotAllowed("handled_before", _l("这件是您经手的，要换没经手过的同志来看。"))
    if not words.strip():
        raise Invalid("answer_missing", _l("请写答复，对方看得到。"), field="answer")
    look.changed, look.answer = changes, words.strip()
    look.answered_at, look.answered_by_id = clock.now(), actor.user_id
    db.session.flush()
    if look.objection_id is None:
        if changes:
            _reopened(actor, look, case)
        letters.tell_second_look("second_look_answered", look.id, ("voice", look.voice_id or 0), nomination=case.id)
    else:
        _objection_turned(actor, look, case)
    audit.record(actor.user_id, "second_look.answer", ("second_look", look.id), region_path=look.region_path, changed=changes)
    return look


def chase(limit: int = BATCH) -> int:
    """Five days before their day those who look are reminded; past it they and the level above them are told. Each once."""
    now, done = clock.now(), 0
    for look in second_looks.to_chase(now, limit):
        here = {user.id for user in staff_at(look.region_path)}
        if look.due_at > now:
            look.reminded_at = now
            told, kind = here, "second_look_reminder"
        else:
            look.escalated_at = now
            told, kind = here | {user.id for user in staff_at(_above(look.region_path))}, "second_look_overdue"
            audit.record(None, "second_look.escalate", ("second_look", look.id), region_path=look.region_path, due=look.due_at)
        for user_id in sorted(told):
            letters.tell_second_look(kind, look.id, ("user", user_id))
        done += 1
    return done


def _spoke_before(actor: Actor, look: SecondLook, case: Nomination) -> bool:
    if look.objection is not None and look.objection.investigator_id == actor.user_id:
        return True
    return (
        db.session.scalars(
            select(Decision.id).where(Decision.nomination_id == case.id, Decision.level == look.level, Decision.actor_id == actor.user_id).limit(1)
        ).first()
        is not None
    )


def _reopened(actor: Actor, look: SecondLook, case: Nomination) -> None:
    """The case goes on at the same level, but on the desk of those who looked again; the old word is set aside, not erased."""
    word = second_looks.refusal_of(case)
    if word is None:
        raise NotNow("not_declined", _l("这份推荐现在不用再看一遍。"))
    word.set_aside_at = clock.now()
    step_taken(case, Verb.REOPEN, actor_id=actor.user_id, reason=look.answer)
    case.decided_at = case.decided_by_id = None
    case.desk_path, case.carried = look.region_path, 0


def _objection_turned(actor: Actor, look: SecondLook, case: Nomination) -> None:
    """What follows for the name: off the wall, or its days run on; where it was decided meanwhile, its honour is suspended."""
    objection = look.objection
    assert objection is not None
    if look.changed:
        reason = "公示期间有人提出异议，上一级再次核查属实。"
        if case.status is Status.HELD:
            decision = step_taken(case, Verb.UPHOLD, actor_id=actor.user_id, reason=reason)
            letters.tell_all("declined", case, decision)
        else:
            for honour in roll.of_nomination(case.id):
                if honour.level == look.level and honour.status is HonourStatus.ACTIVE:
                    honours.change(actor, honour.id, HonourStatus.SUSPENDED, reason=reason)
    elif case.status is Status.HELD and not notices.has_open_objection(objection.item_id):
        noticing.run_on(actor, case)
    if objection.contact:
        letters.tell_second_look("objection_looked_again", look.id, ("objection", objection.id), objection=objection.id)
