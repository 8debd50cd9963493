"""The refusals of the domain: each kind has one HTTP status, each refusal one stable code and one plain sentence."""

from __future__ import annotations

import traceback
from pathlib import Path


class DomainError(Exception):
    """A deed that cannot be done. `code` is stable and tested; `sentence` is shown to people and may be translated.

    `field` names the input that is wrong, where one is; `facts` are further values a page may show.
    """

    status = 400

    def __init__(self, code: str, sentence: object, *, field: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.facts = facts


class Unknown(DomainError):
    """Whoever asks has not shown who they are."""

    status = 401


class NotAllowed(DomainError):
    """The actor may see the thing but not do this to it."""

    status = 403


class NotFound(DomainError):
    """Absent, or out of the actor's reach: the two are never told apart."""

    status = 404


class NotNow(DomainError):
    """Right person, wrong moment."""

    status = 409


class Conflict(DomainError):
    """Somebody else was first; `facts` tell who and what."""

    status = 409


class Gone(DomainError):
    """It was there once, and is over for good."""

    status = 410


class Invalid(DomainError):
    """The input does not fit."""

    status = 422


class TooMany(DomainError):
    """Tried too often; `facts['wait']` is the seconds until the next try."""

    status = 429


def passed(error: BaseException, most: int = 12) -> list[str]:
    """Where in our code a failure passed through, innermost last: for the log, which holds no words of the failure itself."""
    root = Path(__file__).parents[2]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if root in Path(frame.filename).parents and ".venv" not in frame.filename]
    return [f"{Path(frame.filename).relative_to(root)}:{frame.lineno} {frame.name}" for frame in ours[-most:]]
