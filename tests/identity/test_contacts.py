"""Contacts as people paste them: read, or refused while they can still be mended."""

from __future__ import annotations

import pytest

from civic.core.errors import Invalid
from civic.identity.rules import Contact, contact_from


@pytest.mark.parametrize(
    "typed",
    [
        "\u202d13900001111\u202c", "139.0000.1111", "139—0000—1111", "13900001111。", "139‑0000‑1111", "13900001111\u200b", "139–0000–1111", "139·0000·1111",
        "（139）0000-1111", "+86 139 0000 1111", "+86-139-0000-1111", "0086 13900001111", "１３９００００１１１１", "139\u00a00000\u20031111", "13900001111.", "\ufeff13900001111",
    ],
)  # fmt: skip
def test_a_phone_is_read_however_it_was_pasted(typed):
    assert contact_from(typed) == Contact("phone", "13900001111")


@pytest.mark.parametrize("typed", ["", "139000011112", "1390000111", "²3900001111", "电话", "٠١٢٣٤٥٦٧٨٩٠"])
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(Invalid, match="contact_unclear"):
        contact_from(typed)


@pytest.mark.parametrize("typed", ["Li@QQ.com", "li＠qq.com", "li@qq.com。", "\u200bli@qq.com "])
def test_a_mailbox_is_read_however_it_was_pasted(typed):
    assert contact_from(typed) == Contact("email", "li@qq.com")


@pytest.mark.parametrize("typed", ["li@qq", "li@localhost", "li@qq.con", "li@163.cmo", "李@qq.com", "li@-qq.com", "li..li@qq.com", "li@qq..com", "li@printer.local", "@qq.com", "li@", "li@1.2.3.4"])
def test_a_mailbox_that_no_letter_reaches_is_refused_at_the_form(typed):
    with pytest.raises(Invalid, match="contact_unclear"):
        contact_from(typed)
