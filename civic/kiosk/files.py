"""Member cards on paper."""

from __future__ import annotations

from collections.abc import Sequence

from civic.core.pdf import printed, qr
from civic.core.text import masked_name
from civic.kiosk.models.cards import MemberCard


def sheet(cards: Sequence[MemberCard], numbers: dict[int, int], *, city: str, team: str) -> bytes:
    """A4 sheets of cards, ten on each, with the PIN on a strip that is torn off and kept by its owner."""
    return printed(
        "cards",
        {
            "city": city, "team": team,
            "cards": [
                {"name": masked_name(card.person.name), "number": str(numbers.get(card.person_id, "")), "pin": card.pin, "qr": qr(f"HRK1.{card.token}", border=4)}
                for card in cards
            ],
        },
    )  # fmt: skip
