"""Published prices, statistics and holidays; the default law book, the simulator and pages take them here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from models.calendar import WorkCalendar
from models.catalogue import table
from models.exact import Fen, Grams, parse_yuan


@dataclass(frozen=True, slots=True)
class Price:
    """A published price or cap in fen for one `unit` (CNY/t, CNY/kg, CNY/bed-day, CNY/month).

    `year` is None where the source has no date.
    """

    place: str
    year: int | None
    item: str
    unit: str
    low_fen: Fen
    high_fen: Fen
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Stat:
    """A published figure, exact as printed, in its `unit` (wan t is 10,000 tonnes)."""

    area: str
    period: str
    item: str
    unit: str
    value: Decimal
    source: str

    def grams(self) -> Grams:
        """The figure as a mass, also where it is one a day or a year; ValueError if its unit is no mass."""
        scale = _GRAMS_BY_UNIT.get(self.unit.split("/")[0])
        if scale is None:
            raise ValueError(f'unit "{self.unit}" of "{self.item}" is no mass')
        return int(self.value * scale)


_GRAMS_BY_UNIT = {"wan t": 10**10, "t": 10**6}


@lru_cache(maxsize=1)
def prices() -> tuple[Price, ...]:
    """All published prices, in the order of the file."""
    return tuple(
        Price(
            place=row["place"],
            year=int(row["year"]) if row["year"].isdigit() else None,
            item=row["item"],
            unit=row["unit"],
            low_fen=parse_yuan(row["low"]),
            high_fen=parse_yuan(row["high"]),
            note=row["note"],
            source=row["source"],
        )
        for row in table.rows("prices")
    )


@lru_cache(maxsize=1)
def stats() -> tuple[Stat, ...]:
    """All published figures, in the order of the file."""
    return tuple(
        Stat(
            area=row["area"],
            period=row["period"],
            item=row["item"],
            unit=row["unit"],
            value=Decimal(row["value"]),
            source=row["source"],
        )
        for row in table.rows("stats")
    )


@lru_cache(maxsize=1)
def holidays() -> WorkCalendar:
    """The official calendars of the published years (国务院办公厅节假日安排), swapped weekends included."""
    days = [(date.fromisoformat(row["date"]), row["kind"]) for row in table.rows("holidays")]
    return WorkCalendar(
        off=frozenset(day for day, kind in days if kind == "off"),
        work=frozenset(day for day, kind in days if kind == "work"),
        years=frozenset(day.year for day, _ in days),
    )
