"""What a deed is refused with, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from civic.core.db import transaction
from civic.core.errors import DomainError


def refused(deed: Callable[[], object]) -> str:
    """The code."""
    return _refusal(deed).code


def refused_in_words(deed: Callable[[], object]) -> tuple[str, str]:
    """(code, sentence)."""
    found = _refusal(deed)
    return found.code, str(found.sentence)


def refused_at(deed: Callable[[], object]) -> tuple[str, str | None]:
    """(code, the field it names)."""
    found = _refusal(deed)
    return found.code, found.field


def _refusal(deed: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught, transaction():
        deed()
    return caught.value
