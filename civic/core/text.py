"""Words: masking, comparing and counting names and texts."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from civic.core import surnames, typed

STAR = "＊"
# Some characters are many when they are taken apart; a column of names is this wide.
NORMAL_MOST = 60


def masked_phone(phone: str | None) -> str:
    """138****5678."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def masked_email(email: str | None) -> str:
    """z***@example.cn."""
    if not email:
        return ""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def masked_identity(number: str | None) -> str:
    """First and last character only."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if number and len(number) > 2 else ""


def masked_name(name: str | None) -> str:
    """姓＊末字, 冯＊ for a name of two characters; the first character and the last where no surname can be told."""
    if not name:
        return ""
    family = surnames.of(name) or name[:1]
    rest = name[len(family) :]
    return family + STAR if len(rest) <= 1 else f"{family}{STAR}{name[-1]}"


def surname_form(name: str, sex: str | None, *, is_group: bool = False) -> str:
    """陈女士, 赵先生; 陈＊兰 where the sex is not known, and where no surname can be told. A group is called by its name."""
    if is_group:
        return name
    family = surnames.of(name)
    if family is None or sex not in ("female", "male"):
        return masked_name(name)
    return f"{family}女士" if sex == "female" else f"{family}先生"


def normalised_name(name: str) -> str:
    """A name as it is compared and kept beside itself: see `typed.comparable`."""
    return typed.comparable(name, NORMAL_MOST)


def normalised_headline(headline: str) -> str:
    """A headline as it is searched."""
    return typed.comparable(headline, 70)


def length_in_characters(text: str) -> int:
    """How many characters a person would count: spaces and line breaks are not written ones."""
    return sum(1 for mark in unicodedata.normalize("NFC", text) if not mark.isspace())


def hours(minutes: int) -> str:
    """Minutes as hours, rounded down to a tenth, as they are shown: 95 are 1.5."""
    return f"{minutes // 6 / 10:.1f}".removesuffix(".0")


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The pieces of both texts in order, each ("same" | "gone" | "new", words).

    Sentences are compared first, then the characters of those that changed: a story of some thousand characters is
    compared in a moment, and a moved comma does not tear a whole paragraph.
    """
    found: list[tuple[str, str]] = []
    one, two = _sentences(before), _sentences(after)
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            _put(found, "same", "".join(one[a:b]))
        elif tag == "replace":
            _compare(found, "".join(one[a:b]), "".join(two[c:d]))
        else:
            _put(found, "gone", "".join(one[a:b]))
            _put(found, "new", "".join(two[c:d]))
    return found


def _sentences(words: str) -> list[str]:
    return re.findall(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+", words)


def _compare(found: list[tuple[str, str]], before: str, after: str) -> None:
    one, two = (re.findall(r"[A-Za-z0-9]+|.", part, re.S) for part in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            _put(found, "same", "".join(one[a:b]))
        else:
            _put(found, "gone", "".join(one[a:b]))
            _put(found, "new", "".join(two[c:d]))


def _put(found: list[tuple[str, str]], kind: str, words: str) -> None:
    if not words:
        return
    if found and found[-1][0] == kind:
        found[-1] = (kind, found[-1][1] + words)
    else:
        found.append((kind, words))


def bigrams(text: str) -> str:
    """The overlapping pairs of characters, for search tokens: 好人城 → 好人 人城."""
    joined = normalised_name(text)
    return " ".join(joined[i : i + 2] for i in range(len(joined) - 1)) or joined
