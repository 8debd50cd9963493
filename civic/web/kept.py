"""A file that waits between two pages of one form: its key goes out marked, and is believed only from who got it, there.

Who takes a photograph and has to mend a line does not take it again. A bare key in the form would open every file of the
house to whoever writes another into the box.
"""

from __future__ import annotations

from civic.core import crypto, storage
from civic.web import session


def handed_out(purpose: str, key: str) -> str:
    """The key as a form may carry it; `purpose` names the deed and the thing, as "paper:41"."""
    return f"{key}~{_mark(purpose, key)}"


def taken_back(purpose: str, carried: str | None) -> str | None:
    """The key of a file that was handed out to this account for this deed and is still kept, else None."""
    key, _, mark = (carried or "").partition("~")
    return key if crypto.matches(mark, _mark(purpose, key)) and storage.is_kept(key) else None


def _mark(purpose: str, key: str) -> str:
    return crypto.digest("kept", f"{session.actor().user_id}:{purpose}:{key}")[:40]
