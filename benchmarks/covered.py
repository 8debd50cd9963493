"""What the suite runs: branch coverage of `civic/`, and every function that no test enters.

    python -m benchmarks.covered [--folder FOLDER] [--least 90]

The suite runs once under coverage on SQLite, each line with the tests that ran it; the notes stay in FOLDER, so that
`benchmarks.mutants` need not run it again.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from coverage import Coverage, CoverageData

ROOT = Path(__file__).parent.parent
FOLDER = Path(tempfile.gettempdir()) / "civic-covered"


def whole_suite(folder: Path) -> Path:
    """The coverage data of the suite: what the folder holds, else of a run made now, as many processes as cores."""
    found = folder / "combined"
    if found.exists():
        return found
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings"
    settings.write_text(
        f"[run]\nbranch = True\nsource = {ROOT / 'civic'}\nparallel = True\ndynamic_context = test_function\n"
        f"data_file = {folder / 'data'}\nconcurrency = thread\n"
    )
    # A part of the tests each.
    parts = [p for p in sorted((ROOT / "tests").iterdir()) if p.name.startswith("test_") or (p / "__init__.py").exists()]
    names = [str(p.relative_to(ROOT)) for p in parts if p.name != "support"]
    halves = [names[n :: os.cpu_count() or 1] for n in range(os.cpu_count() or 1)]
    run = [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    hands = [subprocess.Popen([*run, *half], cwd=ROOT) for half in halves if half]
    for hand in hands:
        hand.wait()
    combine = [sys.executable, "-m", "coverage", "combine", f"--rcfile={settings}", "--keep", f"--data-file={found}", str(folder)]
    subprocess.check_call(combine, cwd=ROOT)
    return found


def tests_by_line(data: Path) -> dict[tuple[str, int], list[str]]:
    """(file, line) → the names coverage gave the tests that ran it; an empty name for what ran between tests."""
    read = CoverageData(str(data))
    read.read()
    lines: dict[tuple[str, int], list[str]] = defaultdict(list)
    for file in read.measured_files():
        for line, contexts in read.contexts_by_lineno(file).items():
            lines[file[file.rindex("/civic/") + 1 :], line] = sorted(contexts)
    return lines


def never_entered(lines: dict[tuple[str, int], list[str]]) -> Iterator[str]:
    """The functions whose bodies no test runs."""
    for path in sorted((ROOT / "civic").rglob("*.py")):
        file = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
                if not any(lines.get((file, line)) for line in body):
                    yield f"{file}:{node.lineno} {node.name}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--least", type=float, default=90)
    chosen = parser.parse_args(arguments)
    data = whole_suite(chosen.folder)
    measured = Coverage(data_file=str(data))
    measured.load()
    percent = measured.report(skip_covered=True, precision=1, show_missing=False)
    unrun = list(never_entered(tests_by_line(data)))
    print(f"branch coverage {percent:.1f} %, at least {chosen.least:.0f} %")
    print(f"functions that no test enters: {len(unrun)}", *unrun, sep="\n  ")
    return 0 if percent >= chosen.least else 1


if __name__ == "__main__":
    sys.exit(main())
