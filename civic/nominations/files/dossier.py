"""卷宗: everything about one case on one set of sheets. Departments' outcomes only, objections without names."""

from __future__ import annotations

from typing import Any

from civic.core import clock
from civic.honours import queries as honours
from civic.identity.actions import consents
from civic.nominations import files
from civic.nominations.forms.cases import FACT_WORDS, VERB_WORDS
from civic.nominations.forms.inquiries import DEPARTMENT_WORDS, OUTCOME_WORDS
from civic.nominations.forms.nominating import CHANNEL_WORDS, RELATION_WORDS
from civic.nominations.forms.notices import OBJECTION_WORDS
from civic.nominations.forms.publication import AGREEMENT_WORDS, METHOD_WORDS, PURPOSE_WORDS
from civic.nominations.models.cases import Nomination
from civic.nominations.models.inquiries import Visit
from civic.nominations.models.notices import NoticeItem, Objection, ObjectionStatus
from civic.nominations.queries import dossier as queries
from civic.nominations.queries import inquiries, mentions
from civic.nominations.queries.rounds import recusals_of
from civic.regions.queries import line_of
from civic.web.filters import level_name

HONOUR_WORDS = {"active": "有效", "suspended": "暂停", "revoked": "撤销", "expired": "榜期已满", "taken_back": "办错撤回"}
STATUS_WORDS = {
    "submitted": "待受理", "in_review": "审核中", "returned": "待补充", "ready": "等评议", "proposed": "拟定", "noticed": "公示中",
    "held": "异议核查", "elected": "评上", "declined": "未通过", "withdrawn": "已撤回", "merged": "并到另一件",
}  # fmt: skip
OBJECTION_STATUS = {
    ObjectionStatus.RECEIVED: "收到", ObjectionStatus.INVESTIGATING: "在查", ObjectionStatus.NOT_ACCEPTED: "不受理",
    ObjectionStatus.REJECTED: "不成立", ObjectionStatus.UPHELD: "成立",
}  # fmt: skip


def _moment(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment is not None else ""


def dossier_of(case: Nomination, *, mark: str, with_reports: bool) -> dict[str, Any]:
    """What the dossier says. `with_reports`: visits' reports name witnesses, and are for the desk that decides."""
    return {
        "title": "好人推荐卷宗",
        "reference": case.reference,
        "name": case.nominee_name,
        "status": f"{level_name(case.level)}　{STATUS_WORDS[case.status.value]}",
        "mark": mark,
        "facts": _facts(case),
        "headline": case.headline,
        "story": [part.strip() for part in case.story.splitlines() if part.strip()],
        "public": [part.strip() for part in (case.public_story or "").splitlines() if part.strip()],
        "approved": _moment(case.public_approved_at),
        "consents": [
            {
                "what": str(PURPOSE_WORDS[c.purpose]), "how": str(METHOD_WORDS[c.method]), "version": c.wording,
                "given": _moment(c.given_at), "withdrawn": _moment(c.withdrawn_at),
            }
            for c in reversed(consents.history(case.nominee_id))
        ],
        "mentioned": [
            {"relation": m.relation, "known": "认得出" if m.is_recognisable else "认不出", "agreement": str(AGREEMENT_WORDS[m.agreement])}
            for m in mentions.of_case(case.id)
        ],
        "steps": [
            {
                "at": _moment(d.at), "level": str(level_name(d.level)), "place": d.region.name,
                "who": (d.actor.person.name if d.actor else "推荐人或系统") + (f"（代 {d.stands_for.person.name}）" if d.stands_for else ""),
                "what": str(VERB_WORDS[d.verb.value]) + ("（已撤回）" if d.undone_at else ""), "why": d.reason or "",
            }
            for d in case.decisions
        ],
        "visits": [_visit(v, with_reports) for v in reversed(inquiries.visits_of(case.id))],
        "opinions": [
            {
                "department": str(DEPARTMENT_WORDS[department]), "asked": _moment(row.asked_at),
                "outcome": str(OUTCOME_WORDS[row.outcome]) if row.outcome else ("逾期未复" if row.due_at < clock.now() else "还没回"),
                "number": row.letter_number or "", "until": str(row.valid_until or ""),
            }
            for department, row in inquiries.opinions_of(case.id).items()
        ],
        "councils": _councils(case),
        "notices": [_notice(item) for item in queries.items_of(case.id)],
        "objections": [_objection(o) for o in queries.objections_of(case.id)],
        "honours": [
            {
                "level": str(level_name(h.level)), "place": h.region.name, "number": f"{h.number:04d}", "at": _moment(h.awarded_at),
                "called": f"表彰（{h.document}）" if h.document else "发布", "status": HONOUR_WORDS[h.status.value],
            }
            for h in honours.all_of_nomination(case.id)
        ],
    }  # fmt: skip


def _facts(case: Nomination) -> list[dict[str, str]]:
    """Label and words, of what is known; phone and identity number are never on paper."""
    person = case.nominee
    facts = inquiries.facts_of(case.id)
    known = [str(words) for name, words in FACT_WORDS.items() if getattr(facts, name, False) is True]
    rows = {
        "性别": files.SEX[person.sex],
        "出生年月": f"{person.birth_date.year}年{person.birth_date.month}月" if person.birth_date else "",
        "类别": case.category.name,
        "住址": " ".join(place.name for place in line_of(case.home_region) if place.level < 5),
        "单位": person.work_unit or "",
        "推荐途径": str(CHANNEL_WORDS[case.channel]),
        "推荐人": "、".join(f"{v.name}（{RELATION_WORDS[v.relation]}）" for v in case.voices),
        "收到": _moment(case.created_at),
        "身份": "、".join(known),
    }
    return [{"label": label, "words": words} for label, words in rows.items() if words]


def _visit(visit: Visit, with_report: bool) -> dict[str, str]:
    return {
        "on": str(visit.visited_on),
        "who": f"{visit.visitor.person.name}、{visit.companion}",
        "witnesses": f"问了 {visit.witnesses} 位知情的人",
        "found": "属实" if visit.is_true else "不属实",
        "until": str(visit.valid_until),
        "report": visit.report if with_report else "（走访报告只给本级经办人看）",
    }


def _councils(case: Nomination) -> list[dict[str, str]]:
    found = []
    for verdict in queries.verdicts_of(case.id):
        meeting = verdict.meeting
        recused = [r.member.name for (of_case, _m), r in recusals_of(meeting.id).items() if of_case == case.id]
        score = f"{verdict.score / 100:.1f} 分" if verdict.score is not None else ""
        found.append(
            {
                "round": meeting.round.name, "place": meeting.round.region.name, "on": str(meeting.held_on),
                "counts": score or f"同意 {verdict.yes}，不同意 {verdict.no}，弃权 {verdict.abstain}",
                "recused": "、".join(recused) or "无", "result": "" if verdict.passed is None else "通过" if verdict.passed else "不通过",
            }
        )  # fmt: skip
    return found


def _notice(item: NoticeItem) -> dict[str, str]:
    state = "撤下" if item.taken_down_at else "期满" if item.settled_at else "公示中"
    return {
        "place": item.notice.region.name, "from": _moment(item.notice.starts_at), "to": _moment(item.ends_at) or "计时停着", "state": state,
        "name": item.shown_name, "headline": item.headline, "words": item.words,
    }  # fmt: skip


def _objection(objection: Objection) -> dict[str, str]:
    """Never who, and not in their own words: a way of speaking gives a neighbour away."""
    return {
        "at": _moment(objection.received_at), "kind": str(OBJECTION_WORDS[objection.kind]), "status": OBJECTION_STATUS[objection.status],
        "closed": _moment(objection.closed_at), "answer": objection.answer or "",
    }  # fmt: skip
