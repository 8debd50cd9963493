"""Laws of the words: every interface word has its English, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
METHODS = [("civic/**.py", "python"), ("templates/**.html", "jinja2")]
# The one word that English has no place for.
EMPTY = {"步"}


def catalogue():
    with open(ROOT / "civic/translations/en/LC_MESSAGES/messages.po", "rb") as file:
        return {m.id: m.string for m in read_po(file, locale="en") if m.id}


def test_every_word_is_translated():
    found = {
        message
        for _file, _line, message, *_ in extract_from_dir(
            ROOT, METHODS, keywords={"_": None, "_l": None, "gettext": None, "lazy_gettext": None},
            directory_filter=lambda path: Path(path).name not in (".venv", "node_modules", ".git"),
        )
    }  # fmt: skip
    known = catalogue()
    missing = sorted(m for m in found if m not in EMPTY and not known.get(m))
    assert not missing, f"run `make words` and translate: {missing[:20]}"


def test_placeholders_survive_translation():
    for chinese, english in catalogue().items():
        if english:
            assert set(re.findall(r"%\((\w+)\)s", chinese)) == set(re.findall(r"%\((\w+)\)s", english)), chinese
