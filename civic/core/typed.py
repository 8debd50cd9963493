"""What people type or paste, made readable: without characters nobody sees, numbers and days only where they fit."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

# What a row's number can be on both engines.
LARGEST = 2**63 - 1
# What an ordinary whole-number column can hold on both engines.
LARGEST_COUNT = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2200

# Signs of another wording: who writes from right to left, where a word may be broken, what a file begins with.
_UNSEEN = "\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# They look like nothing, yet count as letters: Hangul fillers and the empty Braille cell.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
_HALVES = "\ud800-\udfff"
_BREAKS = re.compile("\r\n|[\x0b\x0c\x85\u2028\u2029]")
_GONE = re.compile(f"[{_UNSEEN}{_CONTROLS}{_HALVES}]")
_BLANK = re.compile(f"[{_BLANKS}]")
_SUSPECT = re.compile(f"[{_UNSEEN}{_CONTROLS}{_BLANKS}{_HALVES}\x0b\x0c\x85\u2028\u2029]")
# 👨‍👩‍👧 is one picture of three: between two pictures the joiner is seen.
_JOINED = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])")
_WIDE = str.maketrans({0xFF10 + n: str(n) for n in range(10)} | {0xFF0D: "-", 0x2212: "-", 0x2010: "-", 0x2011: "-"})
# Pieces of characters that a PDF gives instead of the characters, and that the standard's own table leaves out.
_RADICALS = str.maketrans(
    "⺁⺃⺅⺆⺈⺉⺊⺋⺎⺏⺐⺒⺓⺔⺗⺘⺙⺛⺝⺟⺠⺡⺢⺣⺥⺦⺨⺩⺫⺬⺭⺮⺰⺱⺲⺶⺷⺸⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻲⻳",
    "厂乛亻冂刀刂卜㔾尣尢尣巳幺彑忄扌攵旡月母民氵氺灬爫丬犭王罒示礻竹纟罓罓羊羊羊月臼艹艹艹虎衤覀西见角讠贝足车辶辶辶钅长长长门阜阝雨青韦页风飞食食饣饣首马骨鬼鱼鸟卤麦黄黾齐齐齿齿龙龙龟龟",
)
# 阿迪力·买买提: no two keyboards have the same point.
_POINTS = re.compile("[\\s.\u00b7\u0387\u2022\u2024\u2027\u2218\u2219\u22c5\u25cf\u25e6\u2e30\u2e31\u2e33\u30fb\uff65\ua78f\U00010101]+")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d\u4e00]")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def plain(words: str) -> str:
    """The words without what nobody sees or can type; blanks that pass for letters become spaces, line breaks stay."""
    if words.isascii() and words.isprintable():
        return words
    words = _BREAKS.sub(lambda found: found[0] if found[0] == "\r\n" else "\n", words)
    if _SUSPECT.search(words) is None:
        return words
    kept = _JOINED.sub("\ue000", words) if "\ue000" not in words else words
    return _BLANK.sub(" ", _GONE.sub("", kept)).replace("\ue000", "\u200d")


def comparable(words: str, most: int | None = None) -> str:
    """How names are compared: one width, one case, whole characters, no spaces, no points, nothing unseen."""
    found = _POINTS.sub("", unicodedata.normalize("NFKC", plain(words)).casefold().translate(_RADICALS))
    return unicodedata.normalize("NFC", found)[:most]


def code(words: str) -> str:
    """How numbers on paper are compared (references, certificates, exchanges): capitals, one kind of dash, no spaces or points."""
    return _DASHES.sub("-", _POINTS.sub("", unicodedata.normalize("NFKC", plain(words)))).upper()


def whole_number(words: object, *, most: int = LARGEST) -> int | None:
    """A whole number from 0 to `most` in Arabic digits, also full-width ones; None for everything else (², ①, ٣, 1e5, -1)."""
    typed = str(words).strip().translate(_WIDE)
    if not typed.isascii() or re.fullmatch("[0-9]{1,19}", typed) is None:
        return None
    number = int(typed)
    return number if number <= most else None


def day(words: object) -> date | None:
    """A day written 2026-07-16, of a year that people live in; None for everything else. Beyond, sums of days run over."""
    found = _DAY.fullmatch(str(words).strip().translate(_WIDE))
    if found is None:
        return None
    try:
        read = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return read if FIRST_YEAR <= read.year <= LAST_YEAR else None
