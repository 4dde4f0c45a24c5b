"""What was sent, quoted in a message: never long, and never more than a look at what has parts. Used by all messages."""

from __future__ import annotations

import json
from typing import Final

CHARS_MAX: Final = 60
_PARTS: Final[dict[type, str]] = {list: "[…]", tuple: "[…]", dict: "{…}"}


def cut(value: object) -> str:
    """Text, or another value as Python writes it, cut after 60 characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= CHARS_MAX else text[:CHARS_MAX] + "…"


def in_json(value: object) -> str:
    """A value as JSON writes it, cut; an array or object with anything in it only as `[…]` or `{…}`."""
    if type(value) in _PARTS:
        return _PARTS[type(value)] if value else _PARTS[type(value)].replace("…", "")
    try:
        return cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return cut(value)
