"""The law that rules are tested under: the project's default policies, and variations of them; used by all rule tests."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from models.law import Law
from rules.defaults import SYSTEM_ORG, default_facts
from tests.facts import Wire, day, state


def law_from(wires: Iterable[Wire], base: Law | None = None) -> Law:
    """A law book of these policies, each recorded on day 0, later ones after those of `base`."""
    law = base or Law()
    for wire in wires:
        law = law.having(state(wire, law.seq + 1, day(0), SYSTEM_ORG))
    return law


@lru_cache(maxsize=1)
def default_law() -> Law:
    """The default policies as a law book."""
    return law_from(default_facts())


def law_with(*wires: Wire) -> Law:
    """The defaults and these policies after them."""
    return law_from(wires, default_law())


NO_LAW: Final = Law()
