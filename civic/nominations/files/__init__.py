"""Documents of the pipeline on paper: 推荐表, 征求意见表, 公示, 会议记录, 汇总表, the slip, each worked out from the same rows as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app

from civic.core import clock, pdf
from civic.honours import queries as honours
from civic.identity.actions import consents
from civic.identity.models import Purpose
from civic.nominations.forms.inquiries import DEPARTMENT_WORDS, OUTCOME_WORDS
from civic.nominations.forms.nominating import CHANNEL_WORDS, RELATION_WORDS
from civic.nominations.forms.notices import WITHHELD_WORDS
from civic.nominations.forms.publication import PURPOSE_WORDS
from civic.nominations.models.cases import Nomination
from civic.nominations.models.rounds import Round
from civic.nominations.models.voices import Voice
from civic.nominations.queries import inquiries, journeys
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Department
from civic.regions.models import Region
from civic.regions.queries import line_of
from civic.web.filters import level_name

# Lists leave the desk; what is protected stands on them without a name.
PROTECTED = "（保护，不公开）"
NUMERALS = "一二三四五"
SEX = {"male": "男", "female": "女", None: ""}


def _day(moment: datetime) -> str:
    at = clock.local(moment)
    return f"{at.year} 年 {at.month} 月 {at.day} 日"


def _address(path: str) -> str:
    return current_app.config["BASE_URL"].rstrip("/") + path


def recommendation_of(case: Nomination) -> dict[str, Any]:
    """What the 推荐表 of a case says. Phone and identity number are never on it; the door number is, for the file."""
    steps = journeys.journey(case)
    line = line_of(case.home_region)
    given = consents.running(case.nominee_id)
    person = case.nominee
    return {
        "title": f"{current_app.config['CITY_NAME']}身边好人推荐表",
        "reference": case.reference,
        "date": _day(case.created_at),
        "name": person.name,
        "sex": SEX[person.sex],
        "born": f"{person.birth_date.year}年{person.birth_date.month}月" if person.birth_date else "",
        "classes": [{"name": c.name, "on": c.id == case.category_id} for c in honours.categories(clock.today())],
        "place": " ".join(place.name for place in line if place.level < 5),
        "unit": person.work_unit or "",
        "nominator": case.voices[0].name + (f" 等 {case.voice_count} 人" if case.voice_count > 1 else ""),
        "relation": str(RELATION_WORDS[case.voices[0].relation]),
        "channel": str(CHANNEL_WORDS[case.channel]),
        "headline": case.headline,
        "story": [part.strip() for part in case.story.splitlines() if part.strip()],
        "hotline": current_app.config["HOTLINE"],
        "first": f"{level_name(steps[0].level)} {steps[0].limit} 个工作日内给您回音。",
        "steps": [_step_of(step) for step in steps],
        "consents": [{"on": p in given, "words": f"同意{PURPOSE_WORDS[p]}"} for p in (Purpose.NAME, Purpose.STORY, Purpose.PHOTO)],
        "qr": pdf.qr(_address(f"/track?reference={case.reference}")),
    }


def _step_of(step: journeys.StepView) -> dict[str, Any]:
    passed = step.state in ("pass", "listed")
    reason = step.decision.reason if step.decision is not None and step.decision.reason else ""
    words = {"pass": "评上，推荐到上一级。", "listed": "评上，到此为止。", "fail": "没有通过。", "skipped": "没经过这一级。"}.get(step.state, "")
    return {
        "number": NUMERALS[step.level - 1],
        "level": str(level_name(step.level)),
        "place": step.region.name if step.region else "",
        "words": (words + reason)[:90],
        "actor": step.actor or "",
        "day": f"{clock.local(step.at):%Y-%m-%d}" if step.at and step.actor else "",
        "passed": passed,
        "seal": "通过" if step.state == "pass" else "好人",
    }


def notice_of(round_: Round) -> dict[str, Any]:
    """What the 公示 of a round says: the items in the words that were put up, no more."""
    items = [item for item in queries.items_of(round_.id) if item.taken_down_at is None]
    notice = items[0].notice
    return {
        "title": f"{round_.region.name}好人公示",
        "round": round_.name,
        "level": str(level_name(round_.level)),
        "place": round_.region.name,
        "starts": _day(notice.starts_at),
        "ends": _day(notice.ends_at),
        "days": f"{notice.days} 个工作日" if notice.in_working_days else f"{notice.days} 天",
        "hotline": current_app.config["HOTLINE"],
        "items": [
            {
                "name": item.shown_name if item.is_named else "（已撤下）", "sex": SEX[item.shown_sex] if item.is_named else "",
                "class": item.nomination.category.name, "place": item.place if item.is_named else "",
                "words": f"{item.headline}。{item.words}" if item.withheld is None else str(WITHHELD_WORDS[item.withheld]),
            }
            for item in items
        ],
        "qr": pdf.qr(_address("/nominations/notices")),
    }  # fmt: skip


def cases_in(round_: Round) -> list[Nomination]:
    """Everything a round judged or judges."""
    everybody = [case for group in queries.cases_of(round_).values() for case in group]
    known = {case.id for case in everybody}
    return everybody + [item.nomination for item in queries.items_of(round_.id) if item.nomination_id not in known]


def summary_of(round_: Round) -> dict[str, Any]:
    """What the 汇总表 of a round says: everything it judged, with vote and outcome."""
    everybody = cases_in(round_)
    verdicts = queries.latest_verdicts([case.id for case in everybody], round_.level)
    items = {item.nomination_id: item for item in queries.items_of(round_.id)}

    def result(case: Nomination) -> str:
        item = items.get(case.id)
        if item is None:
            return "拟定" if case.round_id == round_.id else "评议中"
        return "撤下" if item.taken_down_at else "评上" if item.settled_at else "公示中"

    def vote(case: Nomination) -> str:
        verdict = verdicts.get(case.id)
        if verdict is None:
            return "—"
        return f"{verdict.score / 100:.1f} 分" if verdict.score is not None else f"{verdict.yes}:{verdict.no}:{verdict.abstain}"

    return {
        "title": f"{round_.name}好人评选汇总表",
        "place": round_.region.name,
        "date": _day(clock.now()),
        "rows": [
            {
                "reference": case.reference, "name": PROTECTED if case.is_protected else case.nominee_name, "class": case.category.name,
                "place": "" if case.is_protected else case.home_region.name, "headline": "" if case.is_protected else case.headline, "vote": vote(case), "result": result(case),
            }
            for case in everybody
        ],
    }  # fmt: skip


def consultation_of(case: Nomination) -> dict[str, Any]:
    """What the 征求意见表 of a case says: who is asked, and the outcomes that have come."""
    asked = inquiries.opinions_of(case.id)
    line = line_of(case.home_region)

    def block(department: Department) -> dict[str, Any]:
        row = asked.get(department)
        return {
            "name": str(DEPARTMENT_WORDS[department]),
            "outcomes": [{"name": str(words), "on": row is not None and row.outcome is outcome} for outcome, words in OUTCOME_WORDS.items()],
            "number": (row.letter_number or "") if row is not None else "",
            "day": _day(row.answered_at) if row is not None and row.answered_at else "",
        }

    return {
        "title": "好人推荐征求意见表",
        "name": case.nominee_name,
        "reference": case.reference,
        "class": case.category.name,
        # To the community: a department needs no door number.
        "place": " ".join(place.name for place in line if 2 <= place.level <= 4),
        "unit": case.nominee.work_unit or "",
        "asker": case.region.name,
        "departments": [block(d) for d in inquiries.departments_for(case.id)],
    }


def receipt_of(voice: Voice, token: str) -> dict[str, Any]:
    """What somebody without telephone takes home: the reference, and the code of their own page."""
    case = voice.nomination
    return {
        "title": "推荐回执",
        "reference": case.reference,
        "name": case.nominee_name,
        "teller": voice.name,
        "place": case.region.name,
        "date": _day(voice.at),
        "due": _day(case.due_at) if case.due_at is not None else "",
        "hotline": current_app.config["HOTLINE"],
        "qr": pdf.qr(_address(f"/track/t/{token}")),
    }


def slip_of(place: Region | None) -> dict[str, Any]:
    """What the large-print slip says that is left in a stairwell."""
    return {
        "place": " ".join(p.name for p in line_of(place) if p.level < 5) if place is not None else current_app.config["CITY_NAME"],
        "hotline": current_app.config["HOTLINE"],
        "qr": pdf.qr(_address("/nominations/start")),
    }
