"""What a case is called and reached by: references, tails of phones, private links."""

from __future__ import annotations

import re

from civic.core import crypto, typed


def tail_of(phone: str) -> str:
    """The last four digits, by which a nominator proves a reference."""
    return phone[-4:]


def tail_digest(reference: str, tail: str) -> str:
    """Four digits alone are 10,000 guesses; keyed and bound to the reference they say nothing in a stolen table."""
    return crypto.digest("voice.tail", f"{reference}:{tail}")


def _signed(number: int, purpose: str) -> str:
    """A number and a mark only this house can make: the whole of a private link."""
    return f"{number}.{crypto.digest(purpose, str(number))[:40]}"


def numbered(token: str, purpose: str) -> int | None:
    """The number of a private link, None where the link was made up."""
    number, _, mark = token.partition(".")
    if re.fullmatch("[0-9]{1,12}", number) is None or not mark.isascii():
        return None
    return int(number) if crypto.matches(mark, crypto.digest(purpose, number)[:40]) else None


def tracking_token(voice_id: int) -> str:
    """The link of one nominator: whoever holds it sees the case as that nominator does."""
    return _signed(voice_id, "track")


def voice_id_from(token: str) -> int | None:
    """The nominator a tracking link belongs to."""
    return numbered(token, "track")


def opinion_token(request_id: int) -> str:
    """The link of one department for one question."""
    return _signed(request_id, "opinion")


def reference_text(month: str, number: int) -> str:
    """T2607-0318: short enough to be read over the phone."""
    return f"T{month}-{number:04d}"


def normalised_reference(text_typed: str) -> str:
    """What somebody typed, as references are written: full width, spaces and a missing dash forgiven."""
    plain = typed.code(text_typed).replace("-", "")
    if "0" <= plain[:1] <= "9":
        plain = "T" + plain
    return f"{plain[:5]}-{plain[5:]}" if len(plain) > 5 else plain


def objection_token(objection_id: int) -> str:
    """The link of one who objected: by it alone they read the answer."""
    return _signed(objection_id, "objection")


def guardian_token(nomination_id: int) -> str:
    """The link by which a guardian reads what they agreed to, and can take it back."""
    return _signed(nomination_id, "guardian")


def objection_id_from(token: str) -> int | None:
    return numbered(token, "objection")
