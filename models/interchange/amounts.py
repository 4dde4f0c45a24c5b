"""Masses in foreign units as exact grams, and days and instants in foreign spellings. Pure.

Everything is exact until the last step: what is finer than a gram is rounded half up to the gram, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, NamedTuple

from models.exact import (
    GRAMS_MAX,
    beijing_date,
    beijing_midnight,
    format_instant,
    format_tonnes,
    parse_instant,
)

LORRY_G: Final = 60_000_000  # More than any lorry carries (49 t whole weight): a doubt, no refusal.
_PLAIN = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?").fullmatch
_WHEN = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})"
    r"(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?)?"
).fullmatch


class Grams(NamedTuple):
    """A mass, and whether something below a gram was rounded away."""

    grams: int
    rounded: bool


def number(value: object) -> Decimal | None:
    """A plain decimal that is not negative, given as text or number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value) if 0 <= value < 10**12 else None
    if isinstance(value, str) and _PLAIN(value.strip()):
        try:
            return Decimal(value.strip())
        except InvalidOperation:  # pragma: no cover - the pattern admits plain decimals only
            return None
    return None


def grams(amount: Decimal, unit_g: Decimal) -> Grams | None:
    """So much of a unit of so many grams; None where it is nothing or more than a fact can say."""
    exact = amount * unit_g
    whole = int(exact.to_integral_value(ROUND_HALF_UP))
    if not 0 < whole <= GRAMS_MAX:
        return None
    return Grams(whole, whole != exact)


class When(NamedTuple):
    """An instant (microseconds), or the 00:00 Beijing time of a day where no time was given."""

    at: int
    is_day: bool

    @property
    def text(self) -> str:
        """As facts have it."""
        return format_instant(self.at)

    def agrees(self, at: int) -> bool:
        """Whether an instant is this one, as far as this one is told."""
        return beijing_date(at) == beijing_date(self.at) if self.is_day else at == self.at


def when(value: object) -> When | None:
    """`2026-11-22`, `2026-11-22 10:00[:00[.5]]` (Beijing time), or RFC 3339 with an offset; None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    found = _WHEN(value.strip())
    try:
        if found is None:
            return When(parse_instant(value.strip()), is_day=False)
        year, month, day, hours, minutes, seconds, fraction = found.groups()
        midnight = date(int(year), int(month), int(day))
        if hours is None:
            text = f"{midnight.isoformat()}T00:00:00+08:00"
        else:
            tail = f".{fraction}" if fraction else ""
            text = f"{midnight.isoformat()}T{hours}:{minutes}:{seconds or '00'}{tail}+08:00"
        return When(parse_instant(text), is_day=hours is None)
    except ValueError:
        return None


def tonnes(mass_g: int) -> str:
    """Exact tonnes in the shortest spelling, without separators."""
    return format_tonnes(mass_g).replace(",", "")


def spelled(at: int) -> str:
    """As the national system writes it: the day alone at 00:00 Beijing time, else with the time."""
    if beijing_midnight(beijing_date(at)) == at:
        return beijing_date(at).isoformat()
    return format_instant(at).removesuffix("+08:00").replace("T", " ")


_TONNE, _KG, _GRAM = Decimal(1_000_000), Decimal(1_000), Decimal(1)
MASS_UNITS: Final[Mapping[str, Decimal]] = {
    **dict.fromkeys(("吨", "t", "ton", "tonne", "公吨"), _TONNE),
    **dict.fromkeys(("千克", "公斤", "kg"), _KG),
    **dict.fromkeys(("克", "g"), _GRAM),
}
PIECES: Final = frozenset({"个", "件", "只", "桶", "袋", "箱", "支", "piece", "pieces", "pcs"})
VOLUMES: Final = frozenset({"升", "l", "立方米", "m3", "m³", "方"})
