"""What a regulator may state: its kind's own facts (models/roles.py), about its own region and matter. Asked by the door.

By the fact alone, as everything is that the door refuses: a site lies where its id says. What names no place is let by.
"""

from typing import Any, Final

from models.access import RegulatorKind
from models.facts import EXPORTED, LAW_KINDS, Fact
from models.facts.registers import SiteRole
from models.problems import Problem, problem
from models.reach import is_medical, says_region, sites_said
from models.roles import regulator_may_state

_LEFT_WITHOUT_PLACE: Final = frozenset(
    {EXPORTED}
)  # What a case names is checked against what its sender sees.


def may_not(
    kind: str, data: bytes, body: Fact, regulator: RegulatorKind | None, region: str
) -> Problem | None:
    """Why a regulator of this kind and region may not state a fact; None where it may. `data` is the fact's JSON."""
    if not regulator_may_state(regulator, kind):
        return problem("$.kind", "regulator_may_not_state")
    if region and kind not in _LEFT_WITHOUT_PLACE and not _in_region(kind, data, body, region):
        return problem(_place(kind), "outside_region/of", region=region)
    if regulator is RegulatorKind.HEALTH and not _is_medical(kind, body):
        return problem(_matter(kind), "not_medical")
    return None


def _in_region(kind: str, data: bytes, body: Any, region: str) -> bool:
    """A policy holds within it; anything else names a place there, or no place at all."""
    if kind in LAW_KINDS:
        scope = getattr(body, "scope", None)
        said: str = scope.site or scope.region if scope is not None else getattr(body, "region", "")
        return said.startswith(region)
    return says_region(data, region) or not (sites_said(data) or says_region(data, ""))


def _is_medical(kind: str, body: Any) -> bool:
    if kind == "limit-set.v1":
        scope = body.scope
        named = scope.waste_code or scope.category
        return is_medical(named) if named is not None else scope.role is SiteRole.HEALTH_FACILITY
    if kind == "stock-taken.v1":
        return all(is_medical(count.waste_code) for count in body.counts)
    return True


def _place(kind: str) -> str:
    return "$.scope.region" if kind in LAW_KINDS else "$"


def _matter(kind: str) -> str:
    return "$.scope" if kind == "limit-set.v1" else "$.counts"
