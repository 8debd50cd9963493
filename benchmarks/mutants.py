"""Deliberate breaks: each limit, cap, term, region filter and question of right is taken away, and a test has to fail.

    python -m benchmarks.mutants [--kinds limits may filters terms] [--only civic/points] [--folder FOLDER] [--jobs 2]

`benchmarks.covered` first notes the tests that ran each line (kept in FOLDER for the next run). Then each break is made in a copy of the checkout and the tests that ran its line are run, the nearest first, until one fails.
A break that none notices is a survivor. What no test can notice is named in `EQUIVALENT` with its reason.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from benchmarks.covered import FOLDER, tests_by_line, whole_suite

ROOT = Path(__file__).parent.parent
KINDS = ("limits", "may", "filters", "terms")
REFUSALS = {"NotAllowed", "NotNow", "Conflict", "Invalid", "NotFound", "TooMany", "out_of_reach"}
RIGHTS = {"may", "is_recused", "holds", "demand"}
FILTER_WORDS = ("path", "reach", "within", "region_id", "team_id", "user_id", "person_id")
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Tests tried for one break before it counts as survived: those of the same feature come first.
MOST_TESTS = 60
# (file, source of the break) → why nothing can tell the difference.
EQUIVALENT: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Mutant:
    """One break: these bytes of the file become those."""

    file: str
    line: int
    kind: str
    start: int
    end: int
    becomes: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.kind:<8} {self.file}:{self.line}  {' '.join(self.source.split())[:110]}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """The breaks a file offers."""
    data = path.read_bytes()
    lines = [0]
    for line in data.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    file = str(path.relative_to(ROOT))

    def mutant(node: ast.expr | ast.stmt, kind: str, becomes: str) -> Mutant:
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        source = data[start:end].decode()
        return Mutant(file, node.lineno, kind, start, end, becomes.format(source), source)

    for node in ast.walk(ast.parse(data)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = _called(node.value)
            if called == "spend":
                yield mutant(node, "limits", "pass")
            elif called.startswith("demand"):
                yield mutant(node, "may", "pass")
        elif isinstance(node, ast.If) and all(isinstance(s, ast.Raise) and _refuses(s) for s in node.body):
            calls = {_called(c) for c in ast.walk(node.test) if isinstance(c, ast.Call)}
            if calls & RIGHTS:
                yield mutant(node.test, "may", "False and ({})")
            elif any(isinstance(c, ast.Compare) and isinstance(c.ops[0], ORDER) for c in ast.walk(node.test)):
                yield mutant(node.test, "terms", "False and ({})")
        elif isinstance(node, ast.Call) and _called(node) in ("where", "filter") and "/queries" in file:
            for argument in node.args:
                if any(word in ast.unparse(argument) for word in FILTER_WORDS) and not isinstance(argument, ast.Starred) and len(node.args) > 1:
                    yield mutant(argument, "filters", '__import__("sqlalchemy").true()')


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _refuses(statement: ast.Raise) -> bool:
    return isinstance(statement.exc, ast.Call) and _called(statement.exc) in REFUSALS


def node_of(context: str) -> str:
    """pytest's name of a test, from the name coverage noted: tests.points.test_x.test_y."""
    parts = context.split(".")
    at = next(i for i, part in enumerate(parts) if (ROOT / "/".join(parts[:i + 1])).with_suffix(".py").exists())
    return "/".join(parts[: at + 1]) + ".py::" + "::".join(parts[at + 1 :])


def nearest(mutant: Mutant, tests: list[str]) -> list[str]:
    feature = mutant.file.split("/")[1]
    noun = Path(mutant.file).stem
    ordered = sorted((t for t in tests if t.startswith("tests.")), key=lambda t: (noun not in t, f".{feature}." not in t, "machine" in t, t))
    return [node_of(t) for t in ordered[:MOST_TESTS]]


class Copies:
    """Copies of the checkout to break, one for each hand."""

    def __init__(self, count: int, folder: Path) -> None:
        self.free: Queue[Path] = Queue()
        for number in range(count):
            copy = folder / f"copy{number}" / "civic"
            shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "instance", ".mypy_cache", ".ruff_cache", "docs"))
            self.free.put(copy)

    def is_noticed(self, mutant: Mutant, tests: list[str]) -> bool:
        """Whether one of the tests fails over the break."""
        copy = self.free.get()
        target = copy / mutant.file
        whole = target.read_bytes()
        try:
            target.write_bytes(whole[: mutant.start] + mutant.becomes.encode() + whole[mutant.end :])
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
            env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CIVIC_EXAMPLES": "10"}
            answer = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=900, check=False)
            if answer.returncode not in (0, 1):
                raise RuntimeError(f"{mutant.name}: pytest said {answer.returncode}\n{answer.stdout[-2000:]}{answer.stderr[-500:]}")
            return answer.returncode == 1
        except subprocess.TimeoutExpired:
            return True
        finally:
            target.write_bytes(whole)
            self.free.put(copy)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--only", default="civic")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    tests = tests_by_line(whole_suite(chosen.folder))
    files = sorted(p for p in (ROOT / "civic").rglob("*.py") if str(p.relative_to(ROOT)).startswith(chosen.only) and "/demo/" not in str(p))
    found = [m for p in files for m in mutants_of(p) if m.kind in chosen.kinds and (m.file, m.source) not in EQUIVALENT]
    survivors, count = [], Counter(m.kind for m in found)
    with tempfile.TemporaryDirectory() as folder:
        copies = Copies(chosen.jobs, Path(folder))

        def tried(mutant: Mutant) -> tuple[Mutant, str]:
            names = nearest(mutant, tests.get((mutant.file, mutant.line), []))
            if not names:
                return mutant, "no test runs it"
            return mutant, "" if copies.is_noticed(mutant, names) else f"survived {len(names)} tests"

        with ThreadPoolExecutor(chosen.jobs) as hands:
            for mutant, why in hands.map(tried, found):
                if why:
                    survivors.append(mutant)
                    print(f"SURVIVOR {mutant.name}  ({why})", flush=True)
    print(f"{len(found)} breaks: " + ", ".join(f"{kind} {number}" for kind, number in sorted(count.items())))
    for (file, source), why in EQUIVALENT.items():
        print(f"not counted: {file}: {source} – {why}")
    print(f"survivors {len(survivors)}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
