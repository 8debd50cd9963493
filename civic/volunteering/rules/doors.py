"""The doors through which somebody comes to a place on a shift, and which rule a door does not ask, with the reason.

A rule that is not named here is asked there. So no door forgets one, and whoever adds a rule or a door meets this table:
a test tries every rule at every door.
"""

from __future__ import annotations

from enum import StrEnum

from civic.volunteering.rules import signing
from civic.volunteering.rules.signing import Asked, Refusal, Rule


class Door(StrEnum):
    """How a place comes about, or could be thought to."""

    PAGE = "page"  # one's own account, on a phone or a PC
    FAMILY = "family"  # the same page, for one's own
    CALL = "call"  # an organiser, for who rings up
    TABLE = "table"  # a leader writes down who stands there
    KIOSK = "kiosk"  # the joining form at the door
    SEAT = "seat"  # a scan of somebody who was not signed up: the leader says that it counts
    OFFER = "offer"  # yes to a place that fell free
    ARRANGING = "arranging"  # a unit asks somebody
    ARRANGED = "arranged"  # and that person's yes
    HAND_OVER = "hand_over"  # yes to somebody else's place
    AGAIN = "again"  # no door: who is in is asked anew because something became known late
    PAPER = "paper"  # a signed sheet typed in
    SCAN = "scan"  # what a kiosk sends by the API
    IMPORT = "import"


R = Rule
_HELD = {
    R.NOT_YET: "the place is held already: sign-up opened when it was taken",
    R.DEADLINE: "somebody's place changes hands until the shift begins",
    R.PLACE: "the place is held for exactly this person",
}

NOT_ASKED: dict[Door, dict[Rule, str]] = {
    Door.PAGE: {},
    Door.FAMILY: {},
    Door.CALL: {R.BIRTHDAY: "it was asked when they registered; of who joined at a table the desk's list asks it"},
    Door.TABLE: {
        R.BEGUN: "whoever comes late is welcome until the shift ends",
        R.DEADLINE: "they stand there",
        R.BIRTHDAY: "the leader ticks 满 18 岁了, and the form takes nobody without it",
        R.BRIEFED: "the leader tells it them by word of mouth",
    },
    Door.KIOSK: {
        R.BEGUN: "whoever comes late is welcome until the shift ends",
        R.DEADLINE: "they stand there",
    },
    Door.SEAT: {
        R.OPEN: "they served: whether the hours can still be drafted is asked by `seated`",
        R.TAKES: "they served, whether or not sign-up was closed by then",
        R.OVER: "they served, and it is decided afterwards",
        R.BEGUN: "they served, and it is decided afterwards",
        R.DEADLINE: "they served, and it is decided afterwards",
        R.NOT_YET: "they served, and it is decided afterwards",
        R.BIRTHDAY: "they served; the desk's list asks it afterwards, and the rules are asked anew",
        R.BRIEFED: "they served under a leader who is there to tell it",
    },
    Door.OFFER: {
        **_HELD,
        R.TAKES: "they stood in line before sign-up was closed",
        R.BRIEFED: "it was read when they stood in line; a changed one is asked anew",
        R.MONTH: "it was counted when they stood in line",
    },
    Door.ARRANGING: {
        **_HELD,
        R.BIRTHDAY: "it is asked when they answer",
        R.BRIEFED: "it is asked when they answer: only they can say that they read it",
    },
    Door.ARRANGED: _HELD,
    Door.HAND_OVER: {**_HELD, R.TAKES: "no place is added: one changes hands"},
    Door.AGAIN: {
        **_HELD,
        R.TAKES: "they are in",
        R.BEGUN: "who stands there already is what it is about",
        R.REGISTERED: "they are in",
        R.BIRTHDAY: "that it is missing stands on a list of its own",
        R.BRIEFED: "it is asked anew when the briefing itself changes",
        R.CLASH: "nothing that becomes known late makes two shifts meet",
        R.MONTH: "nothing that becomes known late makes more shifts in a month",
    },
    Door.PAPER: dict.fromkeys(R, "no place comes about: a line is taken only of who is on the list"),
    Door.SCAN: dict.fromkeys(R, "no place comes about: who is not signed up is left to the leader, and comes through `seat`"),
    Door.IMPORT: dict.fromkeys(R, "there is none: sheets go out, and no sheet of places is read"),
}


def refusal(door: Door, asked: Asked) -> Refusal | None:
    """The first reason against a place that is taken through this door."""
    return signing.refusal(asked, NOT_ASKED[door].keys())
