"""Law of lists: none is cut off in silence. What shows so many rows says how many more there are, or is paged, or has a reason here."""

from __future__ import annotations

import ast
from pathlib import Path

CIVIC = Path(__file__).parents[2] / "civic"

# function: why its rows may end where they end
NOT_A_LIST = {
    # What the worker does in pieces: the next turn does the next piece.
    **dict.fromkeys(("identity/queries.py:grants_over", "kiosk/queries/devices.py:events_without_key", "nominations/queries/juries.py:silent", "nominations/queries/second_looks.py:to_chase", "volunteering/queries/handing.py:overdue", "volunteering/queries/qualifications.py:ending"), "the next turn does the rest"),
    # Numbers on menus, which say “100+”.
    **dict.fromkeys(("kiosk/queries/conflicts.py:count_open", "volunteering/queries/rechecks.py:count_in_reach"), "a number, counted no further than the page says"),
    # Hints beside something else: a few that are likely, to choose from or to think about.
    **dict.fromkeys(("kiosk/queries/conflicts.py:people_on", "kiosk/queries/conflicts.py:shifts_around", "nominations/queries/cases.py:same_deed", "nominations/queries/inquiries.py:cases_like", "nominations/queries/likenesses.py:questions_of", "kiosk/queries/cards.py:places_for_pass", "volunteering/queries/boards.py:teams_for"), "a few of the nearest"),
    # Sheets and calendars to take away: their own limit is said where they are ordered.
    **dict.fromkeys(("points/queries.py:ledger_of", "volunteering/queries/hours.py:certificates_between", "volunteering/queries/hours.py:ledger_of", "volunteering/queries/lists.py:roster", "volunteering/queries/people.py:numbered_members_of", "volunteering/queries/shifts.py:of_team", "volunteering/queries/sign_ups.py:in_for", "kiosk/queries/cards.py:volunteers_on"), "a sheet that refuses more than it holds, or a calendar of a span"),
    # Paged by their page with `before` or by days, or with words of their own below the list.
    **dict.fromkeys(("honours/queries.py:benefits_within", "nominations/queries/desk.py:to_publish", "volunteering/queries/flags.py:flags", "volunteering/queries/flags.py:occurrences_of", "volunteering/queries/shifts.py:days_of", "volunteering/queries/shifts.py:days_at_desk", "nominations/queries/drafts.py:unfinished", "nominations/queries/undoing.py:open_to", "outbox/queries.py:shown_copies", "kiosk/queries/devices.py:events_for", "kiosk/queries/conflicts.py:loans", "kiosk/queries/conflicts.py:conflicts", "nominations/queries/notices.py:objections_for", "nominations/queries/rounds.py:rounds_of", "nominations/queries/second_looks.py:waiting_for"), "its page says what it leaves out, or goes on from there"),
}


def cut_off(tree: ast.AST) -> list[str]:
    """Functions that ask for so many rows and cannot know whether there were more."""
    found = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "limit" and call.args:
                asked = ast.unparse(call.args[0])
                if asked != "1" and "+ 1" not in asked:
                    found.append(function.name)
    return found


def test_no_list_is_cut_off_in_silence():
    seen = set()
    for path in sorted(CIVIC.rglob("*.py")):
        where = path.relative_to(CIVIC).as_posix()
        if "/queries" in where:
            seen |= {f"{where}:{name}" for name in cut_off(ast.parse(path.read_text(encoding="utf-8")))}
    assert not seen - set(NOT_A_LIST), f"use core.listing.some and the macro rest, or core.paging; else say why in NOT_A_LIST: {sorted(seen - set(NOT_A_LIST))}"


def test_the_law_sees_what_it_forbids():
    assert cut_off(ast.parse("def f():\n    return select(A).limit(MANY)")) == ["f"]
    assert not cut_off(ast.parse("def f():\n    return select(A).limit(limit + 1)"))
