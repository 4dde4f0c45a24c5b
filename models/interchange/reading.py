"""JSON of other systems: as strict as our own (models.canonical), but numbers may have a decimal point. Pure.

Decimals are kept exactly, never as floats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NoReturn

from models.malformed import JsonCode, Malformed

DEPTH_MAX: Final = 32
_DIGITS_MAX: Final = 40
_EXPONENT_MAX: Final = 20


def read_decimals(raw: bytes) -> Any:
    """The value: str, int, Decimal, bool, None, list, dict. Malformed for anything that is not strict JSON in UTF-8."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(JsonCode.BAD_UTF8, "$", f"byte {error.start} is not UTF-8") from None
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_members,
        )
    except json.JSONDecodeError as error:
        raise Malformed(JsonCode.BAD_JSON, "$", f"{error.msg.lower()} (character {error.pos})") from None
    except RecursionError:
        raise Malformed(JsonCode.TOO_DEEP, "$", f"nesting is deeper than {DEPTH_MAX}") from None
    _look_at(value)
    return value


def _decimal(token: str) -> Decimal:
    if len(token) > _DIGITS_MAX or abs((number := Decimal(token)).adjusted()) > _EXPONENT_MAX:
        raise Malformed(
            JsonCode.NUMBER_TOO_LARGE, "$", f'number "{token[:_DIGITS_MAX]}" is out of all bounds'
        )
    return number


def _integer(token: str) -> int:
    if len(token) > _EXPONENT_MAX:
        raise Malformed(
            JsonCode.NUMBER_TOO_LARGE, "$", f'number "{token[:_DIGITS_MAX]}" is out of all bounds'
        )
    return int(token)


def _no_number(token: str) -> NoReturn:
    raise Malformed(JsonCode.BAD_JSON, "$", f"{token} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(JsonCode.DUPLICATE_KEY, "$", f"key {json.dumps(twice[:40])} is there twice")
    return found


def _look_at(value: Any) -> None:
    """Depth, and characters that no text may have."""
    level: list[Any] = [value]
    for _ in range(DEPTH_MAX + 1):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    raise Malformed(JsonCode.TOO_DEEP, "$", f"nesting is deeper than {DEPTH_MAX}")


def _inside(item: Any) -> Iterable[Any]:
    if isinstance(item, str):
        if "\0" in item:
            raise Malformed(JsonCode.NUL, "$", "a string has a NUL character")
        if any("\ud800" <= character <= "\udfff" for character in item):
            raise Malformed(JsonCode.SURROGATE, "$", "a string has a lone surrogate")
    if isinstance(item, dict):
        return [*item, *item.values()]
    return item if isinstance(item, list) else ()
