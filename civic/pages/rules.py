"""Small decisions of the mixed pages: complaint references, scenes that stand for an absent photograph."""

from __future__ import annotations

import secrets

# Without 0/O, 1/I/L: the reference is read over the phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

SCENES = {"ZRWL": "v-lamp", "JYYW": "v-river", "CSSX": "v-scale", "JYFX": "v-bus", "XLAQ": "v-bowl"}


def complaint_reference() -> str:
    """A reference that cannot be guessed, e.g. `Y7KQ4-M2XTB`: it opens the answer without a sign-in."""
    marks = "".join(secrets.choice(ALPHABET) for _ in range(9))
    return f"Y{marks[:4]}-{marks[4:]}"


def scene_of(category_code: str) -> str:
    """The drawing shown where there is no consented photograph."""
    return SCENES.get(category_code, "v-sew")
