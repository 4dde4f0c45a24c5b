"""What a site's stock looks like to people: lots and totals by code; `rules.storage` offers it to pages and the API."""

from collections.abc import Mapping
from typing import Any

from models.law import Law
from rules.storage_store import Store
from rules.storage_subjects import Lot, Stock, Subject
from rules.storage_terms import batch_of, terms_of


def summary(subjects: Mapping[str, Subject], law: Law | None = None, site: str = "") -> dict[str, Any]:
    """The lots that hold something, oldest first, and the balance of each code; pure.

    A lot: lot, waste_code, mass_g or pieces (the other None), stored_at (microseconds: when its clock began), place, and
    with `law` and `site` also limit_at (None where no policy speaks). A code: waste_code, mass_g and pieces (below zero
    where more left than came), lots.
    """
    state = Store(site)
    for name, value in subjects.items():
        state.attach(name, value)
    lots = [
        _lot(state, name, lot, law) for name, lot in subjects.items() if isinstance(lot, Lot) and lot.left > 0
    ]
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
    return {"lots": lots, "codes": codes}


def _lot(state: Store, name: str, lot: Lot, law: Law | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "lot": batch_of(name),
        "waste_code": lot.code,
        "mass_g": lot.left if lot.weighed else None,
        "pieces": None if lot.weighed else lot.left,
        "stored_at": lot.since,
        "place": lot.place or None,
    }
    if law is not None:
        terms = terms_of(state, lot, law)
        found["limit_at"] = terms.limit_at if terms is not None else None
    return found
