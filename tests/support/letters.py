"""A letter in full, as it would go by mail, also where its reader has only a phone."""

from __future__ import annotations

from flask import current_app

from civic.outbox import delivery
from civic.outbox.models import Message


def whole(message: Message) -> str:
    """Subject and text of a letter that is still due."""
    kind = delivery._kinds[message.kind]
    assert kind.still_due(message), f"{message.kind} is no longer due"
    address = kind.address(message)
    assert address is not None, f"{message.kind} has no address"
    assert delivery.read(message) is not None
    return current_app.jinja_env.get_template(f"letters/{message.kind}.txt").render(**kind.context(message), base_url="https://civic.example", address=address)
