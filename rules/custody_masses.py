"""By how much the accepted and refused mass of a manifest differs from the loaded one; used by rules.custody."""

from collections.abc import Iterable
from typing import NamedTuple

from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.law import Case, Law
from rules.custody_manifest import Manifest, Weights, weights


class Difference(NamedTuple):
    """A comparison that is beyond tolerance, in grams; `line` and `waste_code` are None for the load in all."""

    line: int | None
    waste_code: str | None
    loaded_g: int
    accepted_g: int
    refused_g: int
    tolerance_permille: int

    @property
    def difference_g(self) -> int:
        """Received less loaded; negative where something is missing."""
        return self.accepted_g + self.refused_g - self.loaded_g

    @property
    def difference_permille(self) -> int:
        """The difference in thousandths of the loaded mass, rounded down; 1000 where nothing was loaded."""
        return abs(self.difference_g) * 1000 // self.loaded_g if self.loaded_g else 1000


def _tolerance(law: Law, site: str, code: str | None, at: int) -> int:
    """Permille, worked out once for each region, code and day."""
    memo = law.memo
    key = ("custody", "tolerance", site[:6], code, (at + BEIJING_OFFSET_US) // DAY_US)
    permille: int | None = memo.get(key)
    if permille is None:
        case = Case(region=site[:6], waste_code=code)
        permille = memo[key] = law.tolerance_permille(case, beijing_date(at))
    return permille


def _beyond(
    law: Law, manifest: Manifest, line: int | None, code: str | None, sums: Weights
) -> Difference | None:
    taken = manifest.accepted[0]
    loaded_g, accepted_g, refused_g = sums.loaded_g or 0, sums.accepted_g or 0, sums.refused_g or 0
    if accepted_g + refused_g == loaded_g:
        return None
    permille = _tolerance(law, taken.receiver, code, taken.at)
    if abs(accepted_g + refused_g - loaded_g) * 1000 <= permille * loaded_g:
        return None
    return Difference(line, code, loaded_g, accepted_g, refused_g, permille)


def _is_received_as_loaded(manifest: Manifest) -> bool:
    """The shortest way to the commonest answer: one departure, one acceptance, the same lines."""
    departed, accepted = manifest.departed, manifest.accepted
    if len(departed) > 1 or len(accepted) > 1 or manifest.refused:
        return False
    return departed[0].lines == accepted[0].lines


def differences(manifest: Manifest, law: Law) -> list[Difference]:
    """Lines beyond tolerance in the order of their numbers, then the load in all; nothing before an acceptance.

    Lines that somebody only counted in pieces are compared neither alone nor in all. The law's day is the acceptance's.
    """
    if not manifest.accepted or not manifest.departed:
        return []
    if _is_received_as_loaded(manifest):
        return []
    known = {key: sums for key, sums in weights(manifest).items() if sums.is_weighed}
    compared = [_beyond(law, manifest, line, code, known[line, code]) for line, code in sorted(known)]
    if len(known) > 1:
        codes = {code for _, code in known}
        in_all = _sum(known.values())
        compared.append(_beyond(law, manifest, None, codes.pop() if len(codes) == 1 else None, in_all))
    return [difference for difference in compared if difference is not None]


def _sum(parts: Iterable[Weights]) -> Weights:
    whole = Weights()
    for part in parts:
        whole.loaded_g = (whole.loaded_g or 0) + (part.loaded_g or 0)
        whole.accepted_g = (whole.accepted_g or 0) + (part.accepted_g or 0)
        whole.refused_g = (whole.refused_g or 0) + (part.refused_g or 0)
    return whole


def amounts(found: list[Difference]) -> dict[str, int | str]:
    """What an alert shows: the load in all where that differs, else the worst line; and which lines differ."""
    shown = found[-1] if found[-1].line is None else max(found, key=lambda d: abs(d.difference_g))
    told: dict[str, int | str] = {
        "loaded_g": shown.loaded_g,
        "accepted_g": shown.accepted_g,
        "refused_g": shown.refused_g,
        "difference_g": shown.difference_g,
        "difference_permille": shown.difference_permille,
        "tolerance_permille": shown.tolerance_permille,
    }
    lines = [difference for difference in found if difference.line is not None]
    if lines:
        worst = max(lines, key=lambda d: abs(d.difference_g))
        told |= {"line": worst.line or 0, "waste_code": worst.waste_code or ""}
        told |= {"line_loaded_g": worst.loaded_g, "line_received_g": worst.accepted_g + worst.refused_g}
    return told
