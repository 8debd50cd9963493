"""What looks private in a text is pointed at; the pieces are always the whole text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.core.privacy import NEVER_PUBLIC, Private, finds, marked

# (a sentence, what is found in it)
SENTENCES = [
    ("她的电话是１３８ 1234 5678。", [("phone", "１３８ 1234 5678")]),
    ("座机0550-2203311，+86 13912345678。", [("phone", "0550-2203311"), ("phone", "+86 13912345678")]),
    ("微信号：abc_123456", [("phone", "abc_123456")]),
    ("身份证 110101 19850607 005x", [("identity", "110101 19850607 005x")]),
    ("老身份证110101850607005", [("identity", "110101850607005")]),
    ("卡号6222 0212 3456 7890 123", [("bank", "6222 0212 3456 7890 123")]),
    ("住3栋2单元501室，文昌路18号。", [("door", "3栋2单元501室"), ("door", "路18号")]),
    ("甲楼三单元，门牌12号", [("door", "三单元"), ("door", "门牌12号")]),
    ("他生于1985年6月7日。", [("birth", "生于1985年6月7日")]),
    ("婆婆王秀兰瘫痪在床。", [("name", "王秀兰"), ("illness", "瘫痪")]),
    ("丈夫韩国栋患糖尿病，家里吃低保。", [("name", "韩国栋"), ("illness", "糖尿病"), ("hardship", "低保")]),
    ("邻居李大爷说她好。", []),
    ("3号线地铁通了，18号院校门口，三百多只灯泡，2024年1月5日下雪。", []),
    ("校门口有个缝补摊，陈阿姨摆了十二年。", []),
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_a_sentence_is_searched(sentence, expected):
    found = finds(sentence)
    assert [(f.kind.value, f.words) for f in found] == expected


def test_known_names_are_found_and_the_own_name_is_none():
    text = "陈桂兰照顾王奶奶，王奶奶说陈桂兰好。"
    assert [f.words for f in finds(text, names=["王奶奶", "陈桂兰"], own="陈桂兰")] == ["王奶奶", "王奶奶"]


@given(st.text(alphabet="住3栋2单元501室电话13812345678婆婆王秀兰瘫痪。，１８ \n", max_size=120))
def test_the_pieces_are_the_text_and_nothing_overlaps(text):
    found = finds(text)
    assert "".join(words for _kind, words in marked(text, found)) == text
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(text[f.start : f.end] == f.words for f in found)


def test_numbers_doors_and_birthdays_never_stand_in_public():
    assert {Private.PHONE, Private.IDENTITY, Private.BANK, Private.DOOR, Private.BIRTH} == NEVER_PUBLIC
