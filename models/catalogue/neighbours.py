"""Which provinces border on which: common geography, as the map has it; Hainan counts with Guangdong across the strait.

Asked where waste may go: a transfer across provinces is mainly to neighbours (MT 3).
"""

from __future__ import annotations

from functools import lru_cache

from models.catalogue import table


@lru_cache(maxsize=1)
def _neighbours() -> dict[str, frozenset[str]]:
    return {row["province"]: frozenset(row["neighbours"].split()) for row in table.rows("neighbours")}


def neighbours(province: str) -> frozenset[str]:
    """The provinces (two digits) that border on one; none for a code that is no province."""
    return _neighbours().get(province, frozenset())


def nearness(origin: str, other: str) -> int:
    """0 in the same city, 1 in the same province, 2 in a neighbouring one, 3 farther; of codes of 4 digits or more."""
    if origin[:4] == other[:4]:
        return 0
    if origin[:2] == other[:2]:
        return 1
    return 2 if other[:2] in neighbours(origin[:2]) else 3
