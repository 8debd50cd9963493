"""What a desk should look at: on values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

# What a desk should look at. None of it decides anything: people do.
FLAGS_LOOK_BACK = timedelta(days=90)
SAME_TWO_FROM, SAME_TWO_SHARE = 5, 80
BURST_FROM = 10
STAYED_FROM = 4


def same_two(counts: Mapping[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """[(one, other, how often)] of pairs that confirm nearly all of each other's back-fills.

    `counts`: (who asked, who confirmed) → how often. A pair is named from five times on, where it is four fifths or more
    of everything either of them asked for.
    """
    asked: dict[int, int] = {}
    together: dict[tuple[int, int], int] = {}
    for (asker, confirmer), count in counts.items():
        asked[asker] = asked.get(asker, 0) + count
        pair = (min(asker, confirmer), max(asker, confirmer))
        together[pair] = together.get(pair, 0) + count
    found = []
    for (one, other), count in sorted(together.items()):
        whole = asked.get(one, 0) + asked.get(other, 0)
        if count >= SAME_TWO_FROM and count * 100 >= whole * SAME_TWO_SHARE:
            found.append((one, other, count))
    return found
