"""Keys for tests and benchmarks: as random as a deployment's, and known to everybody."""

from __future__ import annotations

SECRET_KEY = "tests-8QmZ2xVbT5rLw0KcYd7HnJf3sGpE6aUi"
DATA_KEYS = "k1:q7fT3nYx0VwKzR5mB1uJc9GdLh2sPaE8iXo4QyNvUtM="
