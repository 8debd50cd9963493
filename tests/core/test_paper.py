"""The fonts at hand are asked what they have, and what they lack is known before it is on paper."""

from __future__ import annotations

from civic.core import pdf
from tests.support.papers import RARE


def common():
    """Every sign of GB 2312, which is taken as known without asking."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                continue


def test_a_sign_of_no_font_is_named_once_and_the_others_are_not():
    assert pdf.lacking(f"李{RARE}{RARE}与𬭼、䶮、é，㎡ ①\n") == RARE
    assert pdf.lacking(f"李{RARE}") == RARE


def test_what_is_taken_as_known_is_in_the_fonts_indeed():
    signs = list(common())
    assert len(signs) > 7000
    box, *pictures = pdf._set("signs", pdf.json.dumps([RARE, *signs], ensure_ascii=False), "svg")
    assert [sign for sign, picture in zip(signs, pictures, strict=True) if picture == box] == []


def test_in_the_background_nobody_is_asked():
    assert pdf.printed("signs", [RARE]).startswith(b"%PDF")
