"""The style sheet: whole, and the same for browsers without layers."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from civic.core import clock
from civic.web.styles import ORDER, flattened, gathered
from tests.support import builders

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static/css"
OLD = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.212 Safari/537.36"
# Made by code or by states that no template spells out.
MADE = re.compile(r"^(step--|chip--|due--|g-|flag--|q--|row2--|banner--|[uhsopn]$|is-|on$|now$|skip$|public$|console)")


def test_every_file_of_the_style_sheet_is_in_its_order():
    assert {str(p.relative_to(CSS)).removesuffix(".css") for p in CSS.rglob("*.css")} == set(ORDER)


def test_the_flattened_copy_has_no_layers_and_loses_no_rule():
    whole = gathered(CSS)
    flat = flattened(whole)
    assert "@layer" not in flat.split("*/", 1)[1]
    assert flat.count("{") == whole.count("{") - len(re.findall(r"@layer\s+\w+\s*\{", whole))
    assert flat.count("{") == flat.count("}")


def test_every_class_of_the_templates_is_drawn():
    drawn = set(re.findall(r"\.([a-zA-Z][\w-]*)", gathered(CSS)))
    used = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        for value in re.findall(r'class="([^"]*)"', text):
            plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " \0 ", value)
            used |= {name for name in plain.split() if "\0" not in name}
    unknown = sorted(name for name in used - drawn if not MADE.match(name))
    assert not unknown, f"draw these classes in static/css or drop them: {unknown}"


@pytest.mark.browser
def test_browsers_without_layers_show_the_same(app, live, browser):
    builders.voice(builders.city().line[1])
    clock.release()
    agents = (None, OLD)
    shown = [browser.new_context(viewport={"width": 390, "height": 844}, user_agent=a, reduced_motion="reduce").new_page() for a in agents]
    for where in ("/", "/rules", "/nominations/step/1?anew=1", "/identity/sign_in"):
        for page, agent in zip(shown, agents, strict=True):
            page.goto(live + where)
            name = page.get_attribute("link[rel=stylesheet]", "href")
            assert name.endswith("-flat.css") == (agent is not None)
            page.evaluate("Promise.all([document.fonts.ready, ...[...document.images].map((i) => i.decode())])")
        # A busy machine may draw one of them a moment later; what really differs differs every time.
        assert any(alike(*(Image.open(BytesIO(page.screenshot())).convert("RGB") for page in shown)) for _ in range(3)), where


def alike(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None
