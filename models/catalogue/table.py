"""Reads the CSV files beside this module; called by the loaders of the catalogue only."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `<name>.csv` in file order, every cell a string."""
    text = resources.files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def day(cell: str) -> date | None:
    """An ISO date; None for an empty cell: no bound known."""
    return date.fromisoformat(cell) if cell else None


def covers(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether `on` lies in the dates, both ends included; None is no bound."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on <= valid_to)
