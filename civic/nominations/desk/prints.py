"""Paper from the desk: every print is a PDF made from the rows, and leaves a record of who took it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response

from civic.audit import actions as audit
from civic.core import pdf
from civic.core.db import transaction
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations import files
from civic.nominations.desk import pages
from civic.nominations.files import minutes
from civic.nominations.queries import cases
from civic.nominations.queries import rounds as queries
from civic.web import session
from civic.web.guards import needs


def _paper(kind: str, data: dict[str, Any], subject: tuple[str, int], name: str) -> Response:
    answer = Response(pdf.printed(kind, data), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    answer.headers["Cache-Control"] = "private, no-store"
    # Personal data leaves the house on paper: who took it is on the record.
    with transaction():
        audit.record(session.actor().user_id, f"print.{kind}", subject)
    return answer


@pages.post("/prints/recommendation/<int:nomination_id>")
@needs(Permission.NOMINATION_READ)
def print_recommendation(nomination_id: int) -> Response:
    case = cases.in_reach_of(session.actor(), nomination_id)
    return _paper("recommendation", files.recommendation_of(case), ("nomination", case.id), f"推荐表-{case.reference}")


@pages.post("/prints/notice/<int:round_id>")
@needs(Permission.NOMINATION_READ)
def print_notice(round_id: int) -> Response:
    round_ = queries.in_reach_of(session.actor(), round_id)
    if not [item for item in queries.items_of(round_id) if item.taken_down_at is None]:
        raise out_of_reach()
    return _paper("notice", files.notice_of(round_), ("round", round_.id), f"公示-{round_.region.name}-{round_.name}")


@pages.post("/prints/summary/<int:round_id>")
@needs(Permission.NOMINATION_READ)
def print_summary(round_id: int) -> Response:
    round_ = queries.in_reach_of(session.actor(), round_id)
    return _paper("summary", files.summary_of(round_), ("round", round_.id), f"汇总表-{round_.region.name}-{round_.name}")


@pages.post("/prints/minutes/<int:meeting_id>")
@needs(Permission.NOMINATION_READ)
def print_minutes(meeting_id: int) -> Response:
    meeting = queries.meeting_by_id(meeting_id)
    if meeting is None:
        raise out_of_reach()
    queries.in_reach_of(session.actor(), meeting.round_id)
    return _paper("minutes", minutes.minutes_of(meeting), ("council_meeting", meeting.id), f"会议记录-{meeting.round.region.name}-{meeting.held_on}")


@pages.post("/prints/consultation/<int:nomination_id>")
@needs(Permission.NOMINATION_REVIEW)
def print_consultation(nomination_id: int) -> Response:
    case = cases.in_reach_of(session.actor(), nomination_id)
    return _paper("consultation", files.consultation_of(case), ("nomination", case.id), f"征求意见表-{case.reference}")
