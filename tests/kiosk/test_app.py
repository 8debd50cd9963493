"""The kiosk's shell: whole, small, old browsers understand it, and every word its modules use is there in both languages."""

from __future__ import annotations

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from civic.web.i18n import LANGUAGES
from tests.support.tablets import machine

STATIC = Path(__file__).parents[2] / "static"
MODULES = {path.name: path.read_text(encoding="utf-8") for path in sorted((STATIC / "kiosk").glob("*.js"))}
# Chromium 88, Safari 14.1: what came later, and is easily written by habit.
TOO_NEW = (
    r"\.at\(-?\d", r"structuredClone\(", r"randomUUID\(\)", r"Object\.hasOwn", r"AbortSignal\.(timeout|any)", r"\.findLast", r"static \{", r"#\w+[;(=]",
    r"^await ", r"\.toSorted|\.toSpliced|\.with\(", r"Promise\.withResolvers", r"/\w*v\b\)", r"\(\?<[=!]",
)  # fmt: skip
SHELL_MOST = 150 * 1024


@pytest.fixture
def shell(app):
    """The list of the service worker."""
    return machine(app).get("/kiosk/files.json").get_json()


def test_every_file_of_the_list_is_served_as_announced(app, shell):
    client = machine(app)
    for address, digest in {**shell["files"], **shell["lazy"]}.items():
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert sha256(answer.data).hexdigest() == digest, address
    assert {f"/static/kiosk/{name}" for name in MODULES} - {"/static/kiosk/worker.js", "/static/kiosk/decoder.js"} <= set(shell["files"])


def test_the_shell_is_the_same_in_whatever_language_the_visitor_reads_pages(app, shell):
    client = machine(app)
    client.get("/?lang=en")
    assert sha256(client.get("/kiosk/").data).hexdigest() == shell["files"]["/kiosk/"]


def test_the_shell_is_small(app, shell):
    client = machine(app)
    sizes = {address: len(gzip.compress(client.get(address).data)) for address in (*shell["files"], "/kiosk/worker.js", "/kiosk/decoder.js")}
    assert sum(sizes.values()) <= SHELL_MOST, sizes


def test_a_worker_knows_its_list_and_another_version_is_another_text(app, shell):
    text = machine(app).get("/kiosk/worker.js").text
    assert json.loads(re.match(r"const SHELL = (.*);\n", text)[1]) == shell
    assert machine(app).get("/kiosk/other.js").status_code == 404


def test_the_manifest_installs_it(app):
    answer = machine(app).get("/kiosk/manifest.webmanifest")
    found = json.loads(answer.text)
    assert (found["scope"], found["start_url"], found["display"]) == ("/kiosk/", "/kiosk/", "fullscreen")
    assert all(machine(app).get(icon["src"]).status_code == 200 for icon in found["icons"])


@pytest.fixture
def words(app):
    """language → (names of sentences, names of screens)."""
    page = machine(app).get("/kiosk/").text
    parts = re.split(r'<template id="words-(\w+)">', page)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(texts) == set(LANGUAGES)
    return {
        name: (set(re.findall(r'data-word="(\w+)"', text)), set(re.findall(r'data-screen="(\w+)"', text)), text) for name, text in texts.items()
    }


def used(pattern: str) -> set[str]:
    return {name for text in MODULES.values() for name in re.findall(pattern, text)}


def test_every_sentence_and_screen_of_the_modules_is_in_the_shell(words):
    sentences = used(r'\bsay\(\s*"(\w+)"') | used(r'\bcomplain\((?:form, )?"(\w+)"') | {n for pair in used(r'say\([^;]*?\? "(\w+)" : ') for n in [pair]}
    shown = used(r'\b(?:go|show|view|miss)\(\s*"(\w+)"')
    for language, (known, screens, _text) in words.items():
        assert not sentences - known, f"{language}: add these to templates/kiosk/screens/words.html"
        assert not shown - screens, f"{language}: draw these screens in templates/kiosk/screens/"


def test_every_button_of_the_screens_does_something(words):
    deeds = set(re.findall(r"^  (\w+): ", MODULES["main.js"].split("const DEEDS")[1].split("};")[0], re.M))
    for _known, _screens, text in words.values():
        assert set(re.findall(r'data-do="(\w+)"', text)) <= deeds


def test_no_screen_leads_away(words):
    for _known, _screens, text in words.values():
        assert "<a " not in text
        assert "http" not in text


def test_nothing_can_make_a_picture_of_a_frame_and_its_reader_has_nowhere_to_put_it():
    pictures = r"toBlob|toDataURL|MediaRecorder|ImageCapture|captureStream|createObjectURL|createImageBitmap"
    assert not [name for name, text in MODULES.items() if re.search(pictures, text)]
    for name in ("camera.js", "decoder.js"):
        assert not re.search(r"^import |fetch|XMLHttp|sendBeacon|WebSocket|indexedDB|caches|Storage", MODULES[name], re.M), name


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short_and_understood_by_old_browsers(name):
    text = MODULES[name]
    assert text.count("\n") < 300
    assert text.startswith("//"), "say in one sentence what belongs into the module"
    code = re.sub(r"//.*|/\*.*?\*/|\"[^\"\n]*\"|`[^`]*`", "", text, flags=re.S)
    found = [pattern for pattern in TOO_NEW if re.search(pattern, code, re.M)]
    assert not found
