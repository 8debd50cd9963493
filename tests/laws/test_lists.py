"""Law of lists: none is cut off in silence. What shows so many rows says how many more there are, or is paged, or has a reason here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

CIVIC = Path(__file__).parents[2] / "civic"
TEMPLATES = CIVIC.parent / "templates"

# function: why its rows may end where they end
NOT_A_LIST = {
    # What the worker does in pieces: the next turn does the next piece.
    **dict.fromkeys(("identity/queries.py:grants_over", "kiosk/queries/devices.py:events_without_key", "nominations/queries/juries.py:silent", "nominations/queries/second_looks.py:to_chase", "volunteering/queries/handing.py:overdue", "volunteering/queries/qualifications.py:ending"), "the next turn does the rest"),
    # Numbers on menus, which say “100+”.
    **dict.fromkeys(("kiosk/queries/conflicts.py:count_open", "volunteering/queries/rechecks.py:count_in_reach"), "a number, counted no further than the page says"),
    # Hints beside something else: a few that are likely, to choose from or to think about.
    **dict.fromkeys(("nominations/queries/cases.py:same_deed", "nominations/queries/inquiries.py:cases_like", "nominations/queries/likenesses.py:questions_of", "kiosk/queries/cards.py:places_for_pass", "volunteering/queries/boards.py:teams_for"), "a few of the nearest"),
    # Sheets and calendars to take away: their own limit is said where they are ordered.
    **dict.fromkeys(("points/queries.py:ledger_of", "volunteering/queries/hours.py:certificates_between", "volunteering/queries/hours.py:ledger_of", "volunteering/queries/lists.py:roster", "volunteering/queries/people.py:numbered_members_of", "volunteering/queries/shifts.py:of_team", "volunteering/queries/sign_ups.py:in_for", "kiosk/queries/cards.py:volunteers_on"), "a sheet that refuses more than it holds, or a calendar of a span"),
    # Paged by their page with `before` or by days, or with words of their own below the list.
    **dict.fromkeys(("honours/queries.py:benefits_within", "nominations/queries/desk.py:to_publish", "volunteering/queries/flags.py:flags", "nominations/queries/drafts.py:unfinished", "nominations/queries/undoing.py:open_to", "outbox/queries.py:shown_copies"), "its page says what it leaves out, or goes on from there"),
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
    assert not set(NOT_A_LIST) - seen, f"not cut off any more, or gone: leave NOT_A_LIST: {sorted(set(NOT_A_LIST) - seen)}"
    assert not seen - set(NOT_A_LIST), f"use core.listing.some and the macro rest, or core.paging; else say why in NOT_A_LIST: {sorted(seen - set(NOT_A_LIST))}"


def some_functions(tree: ast.AST) -> set[str]:
    """Functions that answer with so many rows and how many more there are."""
    return {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.returns is not None and "Some[" in ast.unparse(f.returns)}


def handed_on(tree: ast.AST, names: set[str]) -> set[tuple[str, str]]:
    """(template, what it is called there) of what these functions answer, at once or by a variable."""
    found = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        variables = {
            node.targets[0].id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and calls(node.value, names)
        }
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and ast.unparse(node.func) == "render_template"):
            if isinstance(call.args[0], ast.Constant):
                for word in call.keywords:
                    if word.arg and (calls(word.value, names) or (isinstance(word.value, ast.Name) and word.value.id in variables)):
                        found.add((call.args[0].value, word.arg))
    return found


def calls(value: ast.AST, names: set[str]) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in names


def is_told(template: str, name: str) -> bool:
    return re.search(rf"\brest\({name}\b|\b{name}\.more\b", template) is not None


def test_every_page_tells_what_its_list_leaves_out():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(CIVIC.rglob("*.py"))}
    names = set().union(*(some_functions(tree) for tree in trees.values()))
    handed = set().union(*(handed_on(tree, names) for tree in trees.values()))
    assert len(handed) > 20
    silent = {(page, name) for page, name in handed if not is_told((TEMPLATES / page).read_text(encoding="utf-8"), name)}
    assert not silent, f"use the macro rest on the page: {sorted(silent)}"


def test_the_law_sees_a_page_that_is_silent():
    tree = ast.parse("def f():\n    x = q.mine(1)\n    return render_template('a.html', rows=x, more=q.mine(2), other=q.yours())")
    assert handed_on(tree, {"mine"}) == {("a.html", "rows"), ("a.html", "more")}
    assert some_functions(ast.parse("def f() -> listing.Some[A]: ...\ndef g() -> list[A]: ...")) == {"f"}
    assert is_told("{{ rest(rows) }}", "rows")
    assert not is_told("{{ rest(rows_of_others) }}", "rows")


def test_the_law_sees_what_it_forbids():
    assert cut_off(ast.parse("def f():\n    return select(A).limit(MANY)")) == ["f"]
    assert not cut_off(ast.parse("def f():\n    return select(A).limit(limit + 1)"))
