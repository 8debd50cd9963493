"""Laws of what comes in: web halves read numbers and days in one way, so that no input of a stranger becomes a failure of ours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CIVIC = Path(__file__).parents[2] / "civic"
WEB_HALVES = {"views", "desk", "api", "forms"}
# `²`.isdigit() is true and int("²") fails; `٣` is a digit to Python and to nobody in the city.
METHODS = {"isdigit", "isdecimal", "isnumeric", "fromisoformat", "strptime"}
SOURCES = {"request", "args", "form", "values", "view_args"}
# Where strings of our own making are read: signed, or written by us.
OURS = {"core/typed.py", "core/paging.py", "nominations/actions/undoing.py"}


def faults(source: str) -> list[tuple[int, str]]:
    """Lines that read a number or a day in their own way."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            found.append((node.lineno, node.func.attr))
        if any(word.arg == "type" and isinstance(word.value, ast.Name) and word.value.id == "int" for word in node.keywords):
            found.append((node.lineno, "type=int"))
        if isinstance(node.func, ast.Name) and node.func.id == "int":
            names = {n.id for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)} | {n.attr for a in node.args for n in ast.walk(a) if isinstance(n, ast.Attribute)}
            if "request" in names and names & SOURCES:
                found.append((node.lineno, "int(request…)"))
    return found


def test_numbers_and_days_are_read_in_one_way():
    bad = [
        f"{path.relative_to(CIVIC)}:{line}: {what}"
        for path in sorted(CIVIC.rglob("*.py"))
        if path.name != "cli.py" and path.relative_to(CIVIC).as_posix() not in OURS
        for line, what in faults(path.read_text(encoding="utf-8"))
    ]
    assert not bad, f"read numbers and days with civic.web.arguments or civic.core.typed: {bad}"


@pytest.mark.parametrize("line", ["int(request.args['n'])", "request.args.get('n', type=int)", "'²'.isdigit()", "date.fromisoformat(words)"])
def test_the_law_sees_what_it_forbids(line):
    assert faults(line)
