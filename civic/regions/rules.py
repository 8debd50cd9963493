"""What a published code says of a place: its level, its parent, its kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from civic.core import typed
from civic.regions.models import RegionKind

# Widths of the statistics bureau's codes: city 4, county 6, street or town 9, community or village 12.
LEVEL_OF_WIDTH = {4: 5, 6: 4, 9: 3, 12: 2}
WIDTH_ABOVE = {6: 4, 9: 6, 12: 9}
SHORT = {1: "楼道", 2: "社区", 3: "街道", 4: "县区", 5: "市"}


# What is left out when people name a place.
_ENDINGS = ("社区居委会", "村民委员会", "居委会", "村委会", "社区", "街道", "地区", "镇", "乡", "村", "区", "县", "市")


def short_of(name: str) -> str:
    """梧桐里 of 梧桐里社区; a name of which little would be left stays whole."""
    end = next((end for end in _ENDINGS if name.endswith(end) and len(name) - len(end) >= 2), "")
    return name.removesuffix(end) if end else name


def is_line_of(words: str, names: Sequence[str]) -> bool:
    """Whether the words are the place at the end of this line of names, with any of the places above it before it."""
    rest = words
    for at, name in enumerate(reversed(names)):
        end = next((form for form in (name, short_of(name)) if form and rest.endswith(form)), None)
        if end is not None:
            rest = rest.removesuffix(end)
        elif at == 0:
            return False
        if not rest:
            return True
    return False


def line_key(words: str) -> str:
    """A line of names as it is compared: 汀南区／桥东街道／梧桐里社区 is 汀南区桥东街道梧桐里社区. A code stays a code."""
    return typed.comparable(words).replace("/", "").replace("\\", "").replace(">", "").replace("-", "")


def keys_of_line(names: Sequence[str]) -> set[str]:
    """Every way to write the place at the end of a line: from any place above down to it, with or without endings."""
    last = names[-1]
    keys = {last, short_of(last)}
    for at in range(len(names) - 1):
        above = names[at:-1]
        for end in (last, short_of(last)):
            keys |= {"".join(above) + end, "".join(map(short_of, above)) + end}
    return {line_key(key) for key in keys}


def level_of(code: str) -> int | None:
    """The level that a code's width says, None for a width that is none."""
    return LEVEL_OF_WIDTH.get(len(code)) if re.fullmatch("[0-9]+", code) else None


def parent_code(code: str) -> str | None:
    """The code of the place above."""
    width = WIDTH_ABOVE.get(len(code))
    return code[:width] if width is not None else None


def kind_of(level: int, name: str, code: str = "") -> RegionKind:
    """The kind by level, name and code: third block 100–399 is a town, fourth 200–399 a village (GB/T 10114)."""
    if level == 5:
        return RegionKind.CITY
    if level == 4:
        return RegionKind.COUNTY
    if level == 3:
        is_town = name.endswith(("镇", "乡", "苏木")) or (len(code) == 9 and "100" <= code[6:9] <= "399")
        return RegionKind.TOWN if is_town else RegionKind.STREET
    if level == 2:
        is_village = "村" in name[-3:] or (len(code) == 12 and "200" <= code[9:12] <= "399")
        return RegionKind.VILLAGE if is_village and not name.endswith(("社区", "居委会")) else RegionKind.COMMUNITY
    return RegionKind.GROUP if name.endswith(("组", "村民小组")) else RegionKind.STAIRWELL
