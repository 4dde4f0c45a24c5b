"""JSON of other systems: as strict as our own (models.canonical), but numbers may have a decimal point. Pure.

Decimals are kept exactly, never as floats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NoReturn

from models.malformed import Malformed

DEPTH_MAX: Final = 32
_DIGITS_MAX: Final = 40
_EXPONENT_MAX: Final = 20


def read_decimals(raw: bytes) -> Any:
    """The value: str, int, Decimal, bool, None, list, dict. Malformed for anything that is not strict JSON in UTF-8."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("bad_utf8", "$", error.start, place=error.start) from None
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_members,
        )
    except json.JSONDecodeError as error:
        raise Malformed("bad_json/at", "$", error.pos, place=error.pos) from None
    except RecursionError:
        raise Malformed("too_deep", "$", 0, most=DEPTH_MAX) from None
    _look_at(value)
    return value


def _decimal(token: str) -> Decimal:
    if len(token) > _DIGITS_MAX or abs((number := Decimal(token)).adjusted()) > _EXPONENT_MAX:
        raise Malformed("number_too_large/any", "$", 0, token=token[:_DIGITS_MAX])
    return number


def _integer(token: str) -> int:
    if len(token) > _EXPONENT_MAX:
        raise Malformed("number_too_large/any", "$", 0, token=token[:_DIGITS_MAX])
    return int(token)


def _no_number(token: str) -> NoReturn:
    raise Malformed("bad_json/word", "$", 0, token=token)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed("duplicate_key", "$", 0, key=json.dumps(twice[:40]))
    return found


def _look_at(value: Any) -> None:
    """Depth, and characters that no text may have."""
    level: list[Any] = [value]
    for _ in range(DEPTH_MAX + 1):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    raise Malformed("too_deep", "$", 0, most=DEPTH_MAX)


def _inside(item: Any) -> Iterable[Any]:
    if isinstance(item, str):
        if "\0" in item:
            raise Malformed("nul", "$", 0)
        if any("\ud800" <= character <= "\udfff" for character in item):
            raise Malformed("surrogate/any", "$", 0)
    if isinstance(item, dict):
        return [*item, *item.values()]
    return item if isinstance(item, list) else ()
