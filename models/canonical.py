"""Strict JSON in, canonical JSON out, and the hashes of the ledger (DESIGN D3); called by every hand.

What read_json lets through is the value set of facts: str, int within ±(2**53-1), bool, None, list and dict
with string keys. For that set canonical() gives the bytes of RFC 8785.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256 as _sha256
from typing import Any, Final

import orjson

from models.malformed import INTEGER_MAX, JsonCode, Malformed, read_slowly

__all__ = ["JsonCode", "Malformed", "canonical", "leaf_hash", "leaf_preimage", "read_json", "sha256"]

DEPTH_MAX: Final = 32
_ORJSON_DEPTH_MAX: Final = 254

_CANONICAL_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_ASTRAL_LEADS: Final = tuple(bytes([lead]) for lead in range(0xF0, 0xF5))


def read_json(raw: bytes, max_depth: int = DEPTH_MAX) -> object:
    """The value of a strict JSON document; Malformed with code and path for anything else.

    `max_depth` counts containers inside one another. orjson reads, and the strings it read counted against
    the quotes in `raw` show dropped duplicates; doubtful documents are read slowly, which gives the verdict.
    """
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return read_slowly(raw, max_depth)
    if b"\\u0000" not in raw and _strings_in(value, max_depth) == _strings_written(raw):
        return value
    return read_slowly(raw, max_depth)


def _strings_written(raw: bytes) -> int:
    """How many string tokens a valid document holds: quotes that are not escaped, halved."""
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return raw.count(b'"') >> 1


_DOUBTFUL: Final = -(2**60)


def _strings_in(value: Any, room: int) -> int:
    """How many strings and keys `value` holds; far below zero with a float, a big integer or depth."""
    items: Iterable[Any]
    if type(value) is dict:
        count = len(value)
        items = value.values()
    elif type(value) is list:
        count = 0
        items = value
    else:
        count = 0
        items = (value,)
        room += 1
    if room <= 0:
        return _DOUBTFUL
    for item in items:
        kind = type(item)
        if kind is str:
            count += 1
        elif kind is dict or kind is list:
            count += _strings_in(item, room - 1)
        elif kind is float or (kind is int and not -INTEGER_MAX <= item <= INTEGER_MAX):
            return _DOUBTFUL
    return count


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of str, int within ±(2**53-1), bool, None, list and dict with str keys; else ValueError.

    RFC 8785 sorts keys by UTF-16 units, orjson by code points. They differ only where a character beyond
    U+FFFF is about, so such values (facts have ASCII keys; an emoji in a remark will do) are sorted here.
    """
    try:
        written = orjson.dumps(value, option=_CANONICAL_OPTIONS)
        if not written.isascii() and any(lead in written for lead in _ASTRAL_LEADS):
            written = orjson.dumps(_sorted_by_utf16(value), option=_CANONICAL_OPTIONS ^ orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"value cannot be written as canonical json: {error}") from None
    if _strings_in(value, _ORJSON_DEPTH_MAX) < 0:
        raise ValueError("value cannot be written as canonical json: a float or an integer beyond 2**53-1")
    return written


def _sorted_by_utf16(value: object) -> object:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be", "surrogatepass"))
        return {key: _sorted_by_utf16(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted_by_utf16(item) for item in value]
    return value


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return _sha256(data).digest()


def leaf_hash(
    *, ledger_id: str, seq: int, recorded_at: int, stated_by: str, event_id: str, kind: str, data: bytes
) -> bytes:
    """SHA-256 of a zero byte and leaf_preimage: one accepted fact as a leaf of RFC 9162's tree, 32 bytes."""
    written = leaf_preimage(
        ledger_id=ledger_id,
        seq=seq,
        recorded_at=recorded_at,
        stated_by=stated_by,
        event_id=event_id,
        kind=kind,
        data=data,
    )
    return _sha256(b"\x00" + written).digest()


def leaf_preimage(
    *, ledger_id: str, seq: int, recorded_at: int, stated_by: str, event_id: str, kind: str, data: bytes
) -> bytes:
    """What a leaf hashes: canonical JSON of seven strings, which any JSON library can write again.

    `data_sha256` (SHA-256 of the canonical `data`, 64 lower-case hex digits), `event_id`, `kind`,
    `ledger_id`, `recorded_at` (microseconds since the epoch, UTC, in decimal), `seq` (in decimal),
    `stated_by`. Numbers are strings because JSON readers differ on integers above 2**53.
    """
    return orjson.dumps(
        {
            "data_sha256": _sha256(data).hexdigest(),
            "event_id": event_id,
            "kind": kind,
            "ledger_id": ledger_id,
            "recorded_at": str(recorded_at),
            "seq": str(seq),
            "stated_by": stated_by,
        }
    )
