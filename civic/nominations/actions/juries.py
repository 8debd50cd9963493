"""The public jury's deeds: drawing it, answering, falling out, secret scores, and closing it."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.audit import contents
from civic.core import calendar, clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.identity.models import User
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations import letters
from civic.nominations.actions.rounds import held_for
from civic.nominations.models.councils import RecusalGround
from civic.nominations.models.juries import Juror, JurorMark, JurorStatus, Jury, JuryCase, JuryScore, JuryStatus
from civic.nominations.models.levels import Council
from civic.nominations.models.rounds import RoundStatus
from civic.nominations.queries import juries
from civic.nominations.queries import rounds as queries
from civic.nominations.rules import panels
from civic.nominations.states import Status

BATCH = 100


def draw(actor: Actor, round_id: int, *, seed: str | None = None) -> Jury:
    """Draw a jury for the cases that are ready now. A seed from outside (a lottery number, say) may be given."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    rule = round_.rule
    if not rule.jury_size or rule.council is not Council.PANEL:
        raise NotNow("no_jury_here", _l("这一级的规则没有群众评审。"))
    if juries.open_at(round_.id) is not None:
        raise Conflict("jury_open", _l("上一次抽的评审还没有结束。"))
    cases = [case for case in queries.cases_of(round_)[Status.READY] if case.is_for_a_jury]
    if not cases:
        raise NotNow("nothing_ready", _l("还没有初审通过的推荐，没有可以评议的。"))
    unwritten = [case.nominee_name for case in cases if case.public_approved_at is None]
    if unwritten:
        raise NotNow("text_first", _l("评审只看可以公开的文字，这几件还没有批准：%(names)s。请先在“公开”里办好。", names="、".join(unwritten)))
    listed = juries.residents(round_)
    if len(listed) < rule.jury_size:
        raise NotNow(
            "too_few_residents",
            _l("核实过身份的居民只有 %(count)s 位，要抽 %(size)s 位，还不够。请社区多核实一些。", count=len(listed), size=rule.jury_size),
        )
    jury = Jury(
        round_id=round_.id, region_path=round_.region_path, size=rule.jury_size, seed=(seed or "").strip()[:64] or secrets.token_hex(16),
        list_digest=panels.list_digest(listed), listed=",".join(map(str, listed)), drawn_by_id=actor.user_id, drawn_at=clock.now(),
        status=JuryStatus.OPEN,
    )  # fmt: skip
    db.session.add(jury)
    db.session.flush()
    for case in cases:
        db.session.add(JuryCase(jury_id=jury.id, nomination_id=case.id))
    for _ in range(jury.size):
        _next_asked(jury)
    audit.record(
        actor.user_id, "jury.draw", ("jury", jury.id), region_path=jury.region_path, size=jury.size, listed=len(listed), digest=jury.list_digest
    )
    return jury


def _next_asked(jury: Jury, instead_of: Juror | None = None) -> Juror | None:
    """Ask whoever comes next in the draw: seed and list say who, anybody can work it out again. None where the list is used up."""
    order = panels.drawn([int(word) for word in jury.listed.split(",")], jury.seed)
    asked = juries.jurors_of(jury.id)
    if len(asked) >= len(order):
        letters.tell_jury_short(jury.id, jury.drawn_by_id)
        return None
    user = db.session.get_one(User, order[len(asked)])
    now, days = clock.now(), jury.round.rule.jury_answer_days
    juror = Juror(
        jury_id=jury.id, position=len(asked) + 1, user_id=user.id, person_id=user.person_id, status=JurorStatus.ASKED, asked_at=now,
        remind_at=calendar.add_working_days(now, days - 1) if days > 1 else None, answer_by=calendar.add_working_days(now, days),
        instead_of_id=instead_of.id if instead_of is not None else None,
    )  # fmt: skip
    db.session.add(juror)
    db.session.flush()
    letters.tell_juror("jury_asked", juror.id, user.id)
    return juror


def _open(jury_id: int) -> Jury:
    jury = juries.held(jury_id)
    if jury is None or jury.status is JuryStatus.CLOSED:
        raise NotNow("jury_closed", _l("这次评审已经结束了，谢谢您。"))
    return jury


def _seat(actor: Actor, jury: Jury, *statuses: JurorStatus) -> Juror:
    juror = db.session.scalars(select(Juror).where(Juror.jury_id == jury.id, Juror.user_id == actor.user_id)).first()
    if juror is None or juror.status is JurorStatus.REPLACED:
        raise NotAllowed("not_a_juror", _l("这次没有抽到您，或者已经换了别人。"))
    if juror.status not in statuses:
        raise NotNow("answered_already", _l("您已经答复过了。") if juror.status is not JurorStatus.ASKED else _l("请先答复来不来。"))
    return juror


def accept(actor: Actor, jury_id: int) -> Juror:
    """Come; which cases one must stay out of is written down at once."""
    jury = _open(jury_id)
    juror = _seat(actor, jury, JurorStatus.ASKED)
    juror.status, juror.answered_at = JurorStatus.ACCEPTED, clock.now()
    for row in juries.agenda(jury.id):
        ground = queries.grounds([juror], row.nomination).get(juror.id)
        if ground is not None:
            db.session.add(JurorMark(juror_id=juror.id, nomination_id=row.nomination_id, ground=ground))
    db.session.flush()
    audit.record(actor.user_id, "jury.accept", ("jury", jury.id), region_path=jury.region_path)
    return juror


def decline(actor: Actor, jury_id: int) -> Juror | None:
    """Not come, for whatever reason; the next in the draw is asked. Who, or none where the list is used up."""
    jury = _open(jury_id)
    juror = _seat(actor, jury, JurorStatus.ASKED, JurorStatus.ACCEPTED)
    _demand_unspoken(juror)
    juror.status, juror.answered_at = JurorStatus.DECLINED, clock.now()
    db.session.flush()
    following = _next_asked(jury, juror)
    audit.record(
        actor.user_id, "jury.decline", ("jury", jury.id), region_path=jury.region_path, position=juror.position,
        following=following.position if following is not None else None,
    )  # fmt: skip
    return following


def replace(actor: Actor, jury_id: int, juror_id: int) -> Juror | None:
    """Whoever has not answered in time, or cannot come after all, makes room for the next in the draw."""
    jury = _open(jury_id)
    demand(actor, Permission.ROUND_RUN, jury.region_path)
    juror = next((j for j in juries.jurors_of(jury.id) if j.id == juror_id), None)
    if juror is None or juror.status in (JurorStatus.DECLINED, JurorStatus.REPLACED):
        raise NotNow("not_now", _l("他（她）已经不在名单里了，请刷新看看。"))
    if juror.status is JurorStatus.ASKED and clock.now() < juror.answer_by:
        raise NotNow("may_still_answer", _l("他（她）还有时间答复，过了这一天再换。"))
    _demand_unspoken(juror)
    return _replaced(jury, juror, actor.user_id)


def _replaced(jury: Jury, juror: Juror, actor_id: int | None) -> Juror | None:
    was_silent = juror.status is JurorStatus.ASKED
    juror.status, juror.answered_at = JurorStatus.REPLACED, clock.now()
    db.session.flush()
    following = _next_asked(jury, juror)
    audit.record(
        actor_id, "jury.replace", ("jury", jury.id), region_path=jury.region_path, position=juror.position,
        following=following.position if following is not None else None, due=juror.answer_by if was_silent else None,
    )  # fmt: skip
    return following


def chase_silent(limit: int = BATCH) -> int:
    """What the clock does: one reminder on the day before the last, and after the last the seat goes to the next drawn.

    By the true days, however late this runs: whoever's last day is over is not reminded of it any more.
    """
    now, done = clock.now(), 0
    for jury_id, jurors in juries.silent(now, limit).items():
        jury = juries.held(jury_id)
        if jury is None or jury.status is JuryStatus.CLOSED:
            continue
        for juror in [j for j in juries.jurors_of(jury.id) if j.id in jurors and j.status is JurorStatus.ASKED]:
            if juror.answer_by <= now:
                _replaced(jury, juror, None)
            else:
                juror.reminded_at = now
                letters.tell_juror("jury_reminder", juror.id, juror.user_id)
            done += 1
    return done


def _demand_unspoken(juror: Juror) -> None:
    spoken = db.session.scalars(select(JurorMark.id).where(JurorMark.juror_id == juror.id, JurorMark.ground.is_(None)).limit(1)).first()
    if spoken is not None:
        raise NotNow("scored_already", _l("已经打过分的，不能再换：分是不记名的，拿不回来。"))


def _on_agenda(jury: Jury, juror: Juror, nomination_id: int) -> None:
    if all(row.nomination_id != nomination_id for row in juries.agenda(jury.id)):
        raise NotNow("not_on_agenda", _l("这件不在这次评议的名单里。"))
    mark = juries.marks_of(jury.id).get((juror.id, nomination_id))
    if mark is not None and mark.ground is not None:
        raise NotAllowed("recused", _l("这件要您回避，不能打分。"))
    if mark is not None:
        raise Conflict("voted_already", _l("您已经打过这件了，一人一次。"))


def stay_out(actor: Actor, jury_id: int, nomination_id: int) -> None:
    """A juror knows the person too well."""
    jury = _open(jury_id)
    juror = _seat(actor, jury, JurorStatus.ACCEPTED)
    _on_agenda(jury, juror, nomination_id)
    db.session.add(JurorMark(juror_id=juror.id, nomination_id=nomination_id, ground=RecusalGround.DECLARED))
    db.session.flush()


def score(actor: Actor, jury_id: int, nomination_id: int, value: int | None) -> None:
    """One juror's score of one case, once. That they gave one is kept; which one it was, nowhere."""
    jury = _open(jury_id)
    juror = _seat(actor, jury, JurorStatus.ACCEPTED)
    _on_agenda(jury, juror, nomination_id)
    if value is None or not 0 <= value <= 100:
        raise Invalid("score_missing", _l("请打分，0 到 100。"), field="score")
    db.session.add(JurorMark(juror_id=juror.id, nomination_id=nomination_id))
    mark = contents.mark_of("jury_score", (jury.id, nomination_id, value))
    db.session.add(JuryScore(id=secrets.randbits(62), jury_id=jury.id, nomination_id=nomination_id, score=value, mark=mark))
    db.session.flush()


def call_off(actor: Actor, jury_id: int, *, reason: str) -> Jury:
    """Send a jury home without a result: too few came, or the round is given up. What was scored counts for nothing."""
    jury = _open(jury_id)
    demand(actor, Permission.ROUND_RUN, jury.region_path)
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    for juror in juries.jurors_of(jury.id):
        if juror.status in (JurorStatus.ASKED, JurorStatus.ACCEPTED):
            letters.tell_juror("jury_off", juror.id, juror.user_id)
    jury.status, jury.closed_at, jury.closed_by_id, jury.off_reason = JuryStatus.CLOSED, clock.now(), actor.user_id, reason.strip()[:1000]
    db.session.flush()
    audit.record(actor.user_id, "jury.call_off", ("jury", jury.id), region_path=jury.region_path)
    return jury


def close(actor: Actor, jury_id: int) -> list[JuryCase]:
    """Settle the scores. The rule's quorum holds for those who came and for those who scored each case."""
    jury = _open(jury_id)
    demand(actor, Permission.ROUND_RUN, jury.region_path)
    rule = jury.round.rule
    accepted = {j.id for j in juries.jurors_of(jury.id) if j.status is JurorStatus.ACCEPTED}
    needed = panels.quorum_of(jury.size, rule.quorum_numerator, rule.quorum_denominator)
    if len(accepted) < needed:
        raise NotNow("no_quorum", _l("答应来的 %(present)s 位，不够 %(needed)s 位，不能结束。没答复的可以换下一位。", present=len(accepted), needed=needed))
    scores, marks = juries.scores_of(jury.id), juries.marks_of(jury.id)
    agenda = list(juries.agenda(jury.id))
    for row in agenda:
        out = sum(1 for (j, case), mark in marks.items() if case == row.nomination_id and mark.ground is not None and j in accepted)
        given = scores.get(row.nomination_id, [])
        wanted = max(1, panels.quorum_of(len(accepted) - out, rule.quorum_numerator, rule.quorum_denominator))
        if len(given) < wanted:
            raise NotNow(
                "scores_missing",
                _l("%(name)s这件才有 %(count)s 位打分，至少要 %(needed)s 位。请提醒还没打的。", name=row.nomination.nominee_name, count=len(given), needed=wanted),
            )
        row.given, row.score, row.is_conflicting = len(given), panels.trimmed_mean(given), panels.is_conflicting(given)
    jury.status, jury.closed_at, jury.closed_by_id = JuryStatus.CLOSED, clock.now(), actor.user_id
    db.session.flush()
    audit.record(actor.user_id, "jury.close", ("jury", jury.id), region_path=jury.region_path, jurors=len(accepted), cases=len(agenda))
    return agenda
