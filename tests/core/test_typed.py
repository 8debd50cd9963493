"""What people type or paste, made readable."""

from __future__ import annotations

from datetime import date

import pytest

from civic.core import typed


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200f", "\u202a", "\u202e", "\u2060", "\u2064", "\u2069", "\ufeff", "\x00", "\x1b", "\x7f", "\x9f"])
def test_what_nobody_sees_is_left_out(unseen):
    assert typed.plain(f"陈{unseen}兰秀{unseen}") == "陈兰秀"


@pytest.mark.parametrize("blank", ["\u3164", "\u2800", "\u115f", "\uffa0"])
def test_what_looks_like_nothing_is_a_space(blank):
    assert typed.plain(blank).strip() == ""


def test_line_breaks_of_any_kind_stay_breaks_and_a_family_stays_one_picture():
    assert typed.plain("一\x0b二\u2028三\u0085四\r\n五") == "一\n二\n三\n四\r\n五"
    assert typed.plain("\u200b👨\u200d👩\u200d👧陈\u200d兰") == "👨\u200d👩\u200d👧陈兰"


def test_half_a_character_is_none():
    assert typed.plain("陈\ud800兰").encode() == "陈兰".encode()


@pytest.mark.parametrize(("words", "number"), [("0", 0), (" 12 ", 12), ("１２", 12), ("9223372036854775807", 2**63 - 1)])
def test_a_number_is_read(words, number):
    assert typed.whole_number(words) == number


@pytest.mark.parametrize("words", ["", "²", "①", "٣", "-1", "1e5", "1_0", "9223372036854775808", "9" * 30, "1\0", "+1", "1.0", None])
def test_what_is_no_number_of_a_row_is_none(words):
    assert typed.whole_number(words) is None


@pytest.mark.parametrize("words", ["", "9999-12-31", "0001-01-01", "1899-12-31", "2026-02-30", "20260716", "2026-W29-4", "٢٠٢٦-07-16"])
def test_a_day_nobody_lives_in_is_none(words):
    assert typed.day(words) is None


def test_a_day_is_read_as_it_is_typed():
    assert typed.day("2026-07-16") == typed.day(" ２０２６-7-16") == date(2026, 7, 16)


@pytest.mark.parametrize("point", ["·", "•", "∙", "⋅", "・", "･", "．", ".", "‧", "●", " ", "\u3000", "\u200b", ""])
def test_a_name_is_compared_whichever_point_a_keyboard_has(point):
    assert typed.comparable(f"阿迪力{point}买买提") == "阿迪力买买提"


@pytest.mark.parametrize(("one", "other"), [("⾼兰", "高兰"), ("⻩⻢", "黄马"), ("ＬＩ Lei", "lilei"), ("\uf9e9", "里"), ("３栋", "3栋"), ("é", "e\u0301")])
def test_whole_characters_are_compared(one, other):
    assert typed.comparable(one) == typed.comparable(other)


def test_what_is_compared_fits_its_column_though_some_characters_are_many():
    assert len(typed.comparable("ﷺ" * 60, 60)) == 60


@pytest.mark.parametrize("words", ["T2607-0318", "t2607－0318", "T2607—0318", " T2607 - 0318 ", "Ｔ２６０７‑０３１８", "\u202aT2607-0318\u202c"])
def test_a_number_on_paper_is_read_as_it_is_typed(words):
    assert typed.code(words) == "T2607-0318"
