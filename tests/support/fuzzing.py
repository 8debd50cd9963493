"""Cases that a machine makes up from the OpenAPI document: no 5xx, and every answer as the document says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode

HEALTHY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def fuzz(app: Flask, key: str, *, each: int, number: int = 20261124) -> Counter[str]:
    """`each` cases for each operation, half of them as described and half not, made from the seed `number`.

    Gives "operation status" → how often; raises at the first fault.
    """
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    seen: Counter[str] = Counter()
    for found in schema.get_all_operations():
        _ask(found.ok(), key, max(1, each // 2), number, seen)
    return seen


def _ask(operation: Any, key: str, half: int, number: int, seen: Counter[str]) -> None:
    # The key is given, not made up: what happens without one is a check of its own (`ignored_auth`).
    headers = {} if operation.path.endswith("/pair") else {"Authorization": f"Bearer {key}"}

    def ask(case: Case) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, headers=headers)
        seen[f"{case.operation.label} {answer.status_code}"] += 1

    how = settings(max_examples=half, deadline=None, database=None, phases=(Phase.generate, Phase.shrink), suppress_health_check=HEALTHY)
    for at, mode in enumerate((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)):
        seed(number + at)(how(given(case=operation.as_strategy(generation_mode=mode, headers=headers))(ask)))()
