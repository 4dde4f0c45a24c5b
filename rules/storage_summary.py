"""What a site's stock looks like to people: lots and totals by code; `rules.storage` offers it to pages and the API."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from models.law import Law
from rules.storage_lineage import containers_of
from rules.storage_points import point_limit_g
from rules.storage_store import Store
from rules.storage_subjects import Counted, Lot, Stock, Subject
from rules.storage_terms import batch_of, terms_of


def summary(subjects: Mapping[str, Subject], law: Law | None = None, site: str = "") -> dict[str, Any]:
    """The lots that hold something, oldest first, and the balance of each code; pure.

    A lot: lot, waste_code, mass_g or pieces (the other None), stored_at (microseconds: when its clock began), place,
    containers (None where none were told; `shared`: those of its ids that other lots in store name too), age_known,
    and with `law` and `site` also limit_at (None where no policy speaks), basis (on what the term rests) and
    extended_until. A code: waste_code, mass_g and pieces (below zero where more left than came), lots. A point (贮存点):
    place, mass_g, limit_g. A count (盘点): the latest of each code that differed, with place, counted_at, counted_g,
    expected_g.
    """
    state = Store(site)
    for name, value in subjects.items():
        state.attach(name, value)
    lots = [
        _lot(state, name, lot, law) for name, lot in subjects.items() if isinstance(lot, Lot) and lot.left > 0
    ]
    _mark_shared(lots)
    lots.sort(key=lambda lot: (lot["stored_at"], lot["waste_code"], lot["lot"]))
    held: dict[str, int] = {}
    for lot in lots:
        held[lot["waste_code"]] = held.get(lot["waste_code"], 0) + 1
    codes = []
    for name, stock in sorted(subjects.items()):
        code = name.removeprefix("code:")
        if isinstance(stock, Stock) and (stock.mass_g or stock.pieces or code in held):
            balance = {"mass_g": stock.mass_g, "pieces": stock.pieces, "lots": held.get(code, 0)}
            codes.append({"waste_code": code, **balance})
    return {"lots": lots, "codes": codes, "points": _points(state, law), "counts": _counts(subjects)}


def _mark_shared(lots: list[dict[str, Any]]) -> None:
    """An id can stand on one container only, so which lots share it is for people to look at."""
    told = Counter(name for lot in lots if lot["containers"] for name in set(lot["containers"]["ids"]))
    for lot in lots:
        if lot["containers"]:
            shared = dict.fromkeys(name for name in lot["containers"]["ids"] if told[name] > 1)
            lot["containers"] = {**lot["containers"], "shared": list(shared)}


def _points(state: Store, law: Law | None) -> list[dict[str, Any]]:
    found = []
    for place, point in sorted(state.points.items()):
        limit_g = point_limit_g(state, point.levels[-1][0], law) if law is not None and point.levels else None
        if point.tracked:
            found.append({"place": place, "mass_g": point.levels[-1][1], "limit_g": limit_g})
    return found


def _counts(subjects: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for _, known in sorted(subjects.items()):
        if isinstance(known, Counted) and known.counts:
            last = next((row for row in reversed(known.counts) if row.counted_g != row.expected_g), None)
            if last is not None:
                masses = {"counted_g": last.counted_g, "expected_g": last.expected_g}
                place = last.place or None
                found.append({"waste_code": known.code, "place": place, "counted_at": last.at, **masses})
    return found


def _lot(state: Store, name: str, lot: Lot, law: Law | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "lot": batch_of(name),
        "waste_code": lot.code,
        "mass_g": lot.left if lot.weighed else None,
        "pieces": None if lot.weighed else lot.left,
        "stored_at": lot.since,
        "place": lot.place or None,
        "containers": containers_of(lot),
        "age_known": not (lot.unaged and not lot.unaged[-1].until),
    }
    if law is not None:
        terms = terms_of(state, lot, law)
        extended = [span.extension for span in terms.over if span.extension is not None] if terms else []
        found["limit_at"] = terms.limit_at if terms is not None else None
        found["basis"] = terms.limit.citation if terms is not None else None
        found["extended_until"] = extended[-1].until if extended else None
    return found
