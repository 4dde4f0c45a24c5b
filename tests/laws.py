"""The law that rules are tested under: the project's default policies, and variations of them; used by all rule tests."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from models.catalogue import holidays
from models.law import Law, law_of
from tests.facts import REGULATOR_ORG, Wire, day, limit_set, price_floor_set, state, tolerance_set
from tests.facts import holidays_published as _published

_CATEGORY_FLOORS: Final = {"HW02": 1600, "HW06": 1600, "HW12": 1600, "HW17": 1600, "HW18": 1200, "HW49": 1600}


def _limits() -> list[Wire]:
    medical = {"category": "HW01"}
    return [
        limit_set("storage_term", 1, "years", scope={"role": "facility"}, duty="duty.storage_one_year"),
        limit_set("storage_term", 1, "years", scope={"role": "collector"}, duty="duty.storage_one_year"),
        limit_set("storage_term", 1, "years", scope={"role": "producer"}),
        limit_set("storage_term", 48, "hours", scope={"role": "health-facility", **medical}),
        limit_set("storage_term", 48, "hours", scope={"role": "producer", **medical}),
        limit_set("storage_due_soon", 30, "days"),
        limit_set("transit_term", 72, "hours"),
        limit_set("acceptance_term", 24, "hours"),
        limit_set("confirmation_term", 5, "working_days"),
        limit_set("payment_term", 30, "days"),
        limit_set("movement_term", 30, "days"),
        limit_set("amount_tolerance", 50, "permille"),
        limit_set("floor_share", 500, "permille"),
        limit_set("licence_notice", 900, "permille"),
        limit_set("licence_full", 1000, "permille"),
        limit_set("licence_over", 1200, "permille"),
        tolerance_set(20),
    ]


def _floors() -> list[Wire]:
    return [price_floor_set(yuan, scope={"category": name}) for name, yuan in _CATEGORY_FLOORS.items()]


def _calendar() -> list[Wire]:
    published = holidays()
    off = {year: sorted(d.isoformat() for d in published.off if d.year == year) for year in published.years}
    work = {year: sorted(d.isoformat() for d in published.work if d.year == year) for year in published.years}
    return [_published(year, off[year], work[year]) for year in sorted(published.years)]


def law_from(wires: Iterable[Wire], base: Law | None = None) -> Law:
    """A law book of these policies, each recorded on day 0, later ones after those of `base`."""
    law = base or Law()
    for wire in wires:
        law = law.having(state(wire, law.seq + 1, day(0), REGULATOR_ORG))
    return law


@lru_cache(maxsize=1)
def default_law() -> Law:
    """The default policies as a law book."""
    return law_from([*_limits(), *_floors(), *_calendar()])


def law_with(*wires: Wire) -> Law:
    """The defaults and these policies after them."""
    return law_from(wires, default_law())


NO_LAW: Final = law_of([])
