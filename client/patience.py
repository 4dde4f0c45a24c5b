"""When to try again, and how long to wait before: backing off with jitter, never earlier than the server asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# What may be over in a moment; a 500 is tried again too, since the same event_id does no harm.
PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is tried (`seconds`), the first wait and the longest one. `chance` gives numbers in [0, 1)."""

    seconds: float = 120.0
    first: float = 0.2
    most: float = 20.0
    chance: Callable[[], float] = field(default=random.random)

    def wait(self, failures: int, retry_after: str | None) -> float:
        """Seconds to wait after so many failures in a row (1 at first): full jitter below a doubling bound.

        What the server asks for by Retry-After (seconds or an HTTP date) is the least; a little is added, so that all
        who were told the same do not come at once.
        """
        bound = min(self.most, self.first * 2.0 ** min(failures - 1, 16))
        asked = seconds_asked(retry_after)
        return bound * self.chance() if asked is None else asked + min(bound, 1.0) * self.chance()


def seconds_asked(retry_after: str | None) -> float | None:
    """The seconds of a Retry-After header; None where there is none that can be read."""
    if not retry_after:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text), 24 * 3600))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
