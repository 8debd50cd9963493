"""What a published code says of a place: its level, its parent, its kind."""

from __future__ import annotations

import re

from civic.regions.models import RegionKind

# Widths of the statistics bureau's codes: city 4, county 6, street or town 9, community or village 12.
LEVEL_OF_WIDTH = {4: 5, 6: 4, 9: 3, 12: 2}
WIDTH_ABOVE = {6: 4, 9: 6, 12: 9}
SHORT = {1: "楼道", 2: "社区", 3: "街道", 4: "县区", 5: "市"}


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
