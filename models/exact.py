"""Exact numbers and instants at the edges: text in, integers inside, text out; called everywhere.

Masses are integer grams, money integer fen, instants integer microseconds since 1970-01-01T00:00:00Z. No
float passes through here. Every refusal is Unreadable, a ValueError whose message quotes the value.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

from models.excerpt import cut
from models.problem_texts import FACT_TEXTS

Instant: TypeAlias = int
Grams: TypeAlias = int
Fen: TypeAlias = int

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

BEIJING_OFFSET: Final = "+08:00"
BEIJING_OFFSET_US: Final = 8 * HOUR_US

GRAMS_MAX: Final = 10**12
FEN_MAX: Final = 10**15
COUNT_MAX: Final = 10**12

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_INSTANT_END: Final = (date(2200, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY_US

# The classes are spelled out because \d also takes the digits of other scripts.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6}))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
).fullmatch
_KG = re.compile(r"(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,3}))?").fullmatch
_YUAN = re.compile(r"(0|[1-9][0-9]{0,13})(?:\.([0-9]{1,2}))?").fullmatch


class Unreadable(ValueError):
    """Text that is no such number or instant; `text` names what is said of it (models.problem_texts), with `values`."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(FACT_TEXTS[text][1].format(**values))
        self.text = text
        self.values = values


def parse_instant(text: str) -> Instant:
    """RFC 3339 with an offset (`Z` or `±hh:mm`) and at most 6 fractional digits, from 1970 to 2199 (UTC).

    Refused with ValueError: no offset, lower-case `t` and `z`, leap seconds, finer fractions, hour 24, days
    that do not exist.
    """
    found = _INSTANT(text) if isinstance(text, str) else None
    if found is None:
        raise Unreadable("bad_instant", value=cut(text))
    day, hours, minutes, seconds, fraction, sign, offset_hours, offset_minutes = found.groups()
    try:
        us = _utc_midnight(day) + (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * SECOND_US
    except ValueError:
        raise Unreadable("bad_instant/no_day", value=cut(text)) from None
    if fraction:
        us += int(fraction.ljust(6, "0"))
    if sign:
        offset_us = (int(offset_hours) * 60 + int(offset_minutes)) * MINUTE_US
        us += offset_us if sign == "-" else -offset_us
    if not 0 <= us < _INSTANT_END:
        raise Unreadable("bad_instant/outside", value=cut(text))
    return us


@lru_cache(maxsize=4096)
def _utc_midnight(day: str) -> Instant:
    return (date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL) * DAY_US


def format_instant(us: Instant) -> str:
    """Beijing time, `2026-11-22T10:00:00+08:00`; six fractional digits only when the fraction is not zero."""
    day, rest = divmod(us + BEIJING_OFFSET_US, DAY_US)
    minutes, rest = divmod(rest, MINUTE_US)
    seconds, fraction = divmod(rest, SECOND_US)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    tail = f".{fraction:06d}" if fraction else ""
    return f"{_day_text(day)}T{clock}{tail}{BEIJING_OFFSET}"


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


def beijing_date(us: Instant) -> date:
    """The calendar day in Beijing at this instant."""
    return date.fromordinal((us + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL)


def beijing_midnight(day: date) -> Instant:
    """00:00 Beijing time at the start of `day`."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_US - BEIJING_OFFSET_US


def add_years(day: date, years: int) -> date:
    """The same date `years` later; 29 February becomes 28 February where the year has none (DOMAIN 2)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def parse_kg(text: str) -> Grams:
    """Kilograms as text, at most 3 places, to grams: `12`, `12.5`, `12.500`; up to 10**12 g.

    Refused with ValueError: a sign, an exponent, a leading zero, a bare point, blanks, other scripts' digits.
    """
    found = _KG(text) if isinstance(text, str) else None
    if found is None:
        raise Unreadable("bad_mass", value=cut(text))
    whole, places = found.groups()
    grams = int(whole) * 1000 + (int(places.ljust(3, "0")) if places else 0)
    if grams > GRAMS_MAX:
        raise Unreadable("bad_mass/over", value=cut(text), most=GRAMS_MAX // 1000)
    return grams


def format_kg(grams: Grams) -> str:
    """Kilograms in the shortest spelling that parse_kg reads back; a difference may be negative."""
    return _shortest(grams, 3, "")


def format_tonnes(grams: Grams, places: int | None = None) -> str:
    """Tonnes for screens with thousands separators: exact, or rounded half up to `places`, 0 to 6."""
    if places is None:
        return _shortest(grams, 6, ",")
    unit = 10 ** (6 - places)
    rounded = (abs(grams) + unit // 2) // unit
    whole, rest = divmod(rounded, 10**places)
    sign = "-" if grams < 0 and rounded else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def _shortest(number: int, places: int, separator: str) -> str:
    whole, rest = divmod(abs(number), 10**places)
    text = format(whole, separator)
    if rest:
        text += "." + f"{rest:0{places}d}".rstrip("0")
    return "-" + text if number < 0 else text


def parse_yuan(text: str) -> Fen:
    """Yuan as text, no sign, at most 2 places, to fen: `12`, `12.5`, `12.50`; ValueError over 10**15 fen."""
    found = _YUAN(text) if isinstance(text, str) else None
    if found is None:
        raise Unreadable("bad_money", value=cut(text))
    whole, places = found.groups()
    fen = int(whole) * 100 + (int(places.ljust(2, "0")) if places else 0)
    if fen > FEN_MAX:
        raise Unreadable("bad_money/over", value=cut(text), most=FEN_MAX // 100)
    return fen


def format_yuan(fen: Fen) -> str:
    """Yuan with two places and no separators, `1234.50`; a difference may be negative."""
    return _yuan(fen, "")


def format_yuan_screen(fen: Fen) -> str:
    """Yuan for screens: two places and thousands separators, `1,234.50`."""
    return _yuan(fen, ",")


def _yuan(fen: Fen, separator: str) -> str:
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:{separator}}.{rest:02d}"


def parse_count(value: object) -> int:
    """A JSON integer from 0 to 10**12 (pieces, bed-days, kWh); a boolean is no number. ValueError else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= COUNT_MAX:
        raise ValueError(f'count "{cut(value)}" is not a whole number from 0 to {COUNT_MAX}')
    return value


def days_between(earlier: Instant, later: Instant) -> int:
    """Beijing calendar days from one instant to another; negative when `later` is the earlier one."""
    return (later + BEIJING_OFFSET_US) // DAY_US - (earlier + BEIJING_OFFSET_US) // DAY_US
