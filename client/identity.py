"""Names and amounts as the API wants them: event_ids that survive a crash, masses and money as exact strings."""

from __future__ import annotations

import secrets
import time
from decimal import Decimal
from hashlib import sha256
from typing import Final
from uuid import UUID

_RANDOM_BITS: Final = 74


def new_event_id() -> str:
    """A UUIDv7 of now. Keep it with the fact before sending, so that a retry is recognised."""
    return _uuid7(time.time_ns() // 1_000_000, secrets.randbits(_RANDOM_BITS))


def steady_event_id(at_ms: int, *parts: str) -> str:
    """A UUIDv7 that follows from what is said: the same instant (ms since 1970) and parts give the same id, always.

    For senders that keep no ids of their own: a file sent twice gets in once. Two facts that are meant to be two must
    differ in some part, such as their row's number.
    """
    digest = sha256("\x1f".join(parts).encode()).digest()
    return _uuid7(at_ms, int.from_bytes(digest[:10], "big") >> (80 - _RANDOM_BITS))


def _uuid7(at_ms: int, chance: int) -> str:
    """RFC 9562 5.7: 48 bits of milliseconds, version, 12 bits, variant, 62 bits."""
    value = (at_ms & (2**48 - 1)) << 80 | 7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (2**62 - 1)
    return str(UUID(int=value))


def kg(amount: str | int | Decimal) -> str:
    """A mass in kilograms as spelled on the wire, at most 3 places; ValueError for more of them, TypeError for a float."""
    return _spelled(amount, 3)


def yuan(amount: str | int | Decimal) -> str:
    """Money in yuan as it is spelled on the wire, at most 2 places."""
    return _spelled(amount, 2)


def _spelled(amount: str | int | Decimal, places: int) -> str:
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise TypeError(f"an amount is a string, an integer or a Decimal, never a {type(amount).__name__}")
    value = Decimal(amount)
    if not value.is_finite() or value != round(value, places):
        raise ValueError(f'amount "{amount}" has more than {places} places')
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
