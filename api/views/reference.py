"""Reference data as of a day: what a query finds in a list. For the API and the page; indexes are kept between questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.views.reference_lists import LISTS, Item, ReferenceList
from api.views.search import Index
from models.law import Law

_NO_LAW: Final = Law()
_NO_DAY: Final = date(1970, 1, 1)
_INDEXES_MAX: Final = 64
_indexes: Final[dict[tuple[str, date], tuple[int, Index[Item]]]] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of a list that a query finds, the best first."""

    edition: str
    items: list[Item]


def look_up(which: ReferenceList, law: Law, on: date, query: str = "") -> Found:
    """What a query finds in a list as of a day; all of it, in the list's order, where the query is empty."""
    law, on = (law, on) if which.by_law else (_NO_LAW, _NO_DAY)
    return Found(which.edition(law, on), _index(which.name, law, on).found(query))


def _index(name: str, law: Law, on: date) -> Index[Item]:
    """Made once for a list, a day and an edition of the book; the oldest give way, since anybody may ask for any day."""
    kept = _indexes.get((name, on))
    if kept is not None and kept[0] == law.seq:
        return kept[1]
    made = Index(LISTS[name].entries(law, on))
    while len(_indexes) >= _INDEXES_MAX:
        _indexes.pop(next(iter(_indexes), (name, on)), None)
    _indexes[name, on] = (law.seq, made)
    return made
