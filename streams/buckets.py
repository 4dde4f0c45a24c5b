"""Token buckets: how many requests and facts each key may send. Used by the doors, on their event loop alone (no locks).

Each process counts for itself; the names and header fields are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Final

_KEYS_MAX: Final = 20_000


class Buckets:
    """A bucket for each key: it holds `burst` and gains `per_second`. The least recently used keys are forgotten."""

    def __init__(
        self, name: str, per_second: int, burst: int, clock: Callable[[], float] = monotonic
    ) -> None:
        self._name = name
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        # 配额: so much within so many seconds, from a bucket that is full.
        self.policy = f'"{name}";q={burst};w={max(1, ceil(burst / per_second))}'

    def take(self, key: str, amount: int = 1) -> float:
        """0 where so much was there, and is taken; else how many seconds until it is.

        What is more than a bucket holds waits for a full one.
        """
        now = self._clock()
        level = self._level(key, now)
        wanted = min(amount, self._burst)
        if level < wanted:
            return (wanted - level) / self._per_second
        self._levels[key] = (level - wanted, now)
        self._levels.move_to_end(key)
        if len(self._levels) > _KEYS_MAX:
            self._levels.popitem(last=False)
        return 0.0

    def limit(self, key: str) -> str:
        """What is left, and in how many seconds it will be full again, as the header RateLimit has it."""
        level = self._level(key, self._clock())
        return f'"{self._name}";r={int(level)};t={ceil((self._burst - level) / self._per_second)}'

    def _level(self, key: str, now: float) -> float:
        found = self._levels.get(key)
        if found is None:
            return float(self._burst)
        level, at = found
        return min(float(self._burst), level + (now - at) * self._per_second)


class Rates:
    """Buckets of several names, told together in the fields of an answer."""

    def __init__(self, *buckets: Buckets) -> None:
        self._buckets = buckets
        self._policy = (b"ratelimit-policy", ", ".join(one.policy for one in buckets).encode())

    def told(self, key: str) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
        """RateLimit-Policy and RateLimit of a key, as (name, value)."""
        return self._policy, (b"ratelimit", ", ".join([one.limit(key) for one in self._buckets]).encode())
