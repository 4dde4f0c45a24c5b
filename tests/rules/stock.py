"""A site's stock after some facts, for tests of storage: what is wrong with it, what its lots hold, its balances."""

from typing import Any

from models.alerts import Finding
from models.law import Law
from rules import storage
from rules.storage_subjects import Lot, Stock
from tests.facts import OIL, PLATER, Wire
from tests.laws import default_law
from tests.rules.harness import Keeper, judge_all, keep


def found(
    facts: list[Any], at: Any, site: str = PLATER, law: Law | None = None
) -> dict[tuple[str, str], Finding]:
    """What is wrong at an instant, by kind and subject."""
    return {(str(f.kind), f.subject): f for f in judge_all(storage, site, facts, law or default_law(), at)}


def kept(facts: list[Wire], site: str = PLATER) -> Keeper:
    """The keeper of a site after these facts."""
    return keep(storage, site, facts, default_law())


def lot_of(facts: list[Wire], batch: str, site: str = PLATER) -> Lot:
    """A lot after these facts."""
    lot = kept(facts, site).state().subjects[f"lot:{batch}"]
    assert isinstance(lot, Lot)
    return lot


def left(facts: list[Wire], site: str = PLATER) -> dict[str, int]:
    """What lots hold, those that hold nothing left out."""
    return {
        name.removeprefix("lot:"): value.left
        for name, value in kept(facts, site).state().subjects.items()
        if isinstance(value, Lot) and value.left
    }


def balance(facts: list[Wire], site: str = PLATER, code: str = OIL) -> int:
    """Grams of a code."""
    stock = kept(facts, site).state().subjects[f"code:{code}"]
    assert isinstance(stock, Stock)
    return stock.mass_g
