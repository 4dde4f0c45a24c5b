"""By how much what was accepted and refused of a manifest differs from what was loaded, and from what the destination's
own weighbridge said; used by rules.custody.

Masses are compared within the tolerance, pieces to the piece. Where it is said how both masses were found, the wider of
their two tolerances holds. Of several weighings of a line the latest counts.
"""

from collections.abc import Iterable
from typing import NamedTuple

from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.facts.base import Weighing
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


def tolerance(law: Law, site: str, code: str | None, at: int, weighing: str = "") -> int:
    """Permille, worked out once for each region, code, weighing and day."""
    memo = law.memo
    key = ("custody", "tolerance", site[:6], code, weighing, (at + BEIJING_OFFSET_US) // DAY_US)
    permille: int | None = memo.get(key)
    if permille is None:
        case = Case(region=site[:6], waste_code=code, weighing=Weighing(weighing) if weighing else None)
        permille = memo[key] = law.tolerance_permille(case, beijing_date(at))
    return permille


def _beyond(
    law: Law, manifest: Manifest, line: int | None, code: str | None, sums: Weights, other_weighing: str
) -> Difference | None:
    """`other_weighing` is how the mass that is compared with the received one was found."""
    taken = manifest.accepted[0]
    loaded_g, accepted_g, refused_g = sums.loaded_g or 0, sums.accepted_g or 0, sums.refused_g or 0
    if accepted_g + refused_g == loaded_g:
        return None
    permille = tolerance(law, taken.receiver, code, taken.at, taken.weighing)
    if other_weighing != taken.weighing:
        permille = max(permille, tolerance(law, taken.receiver, code, taken.at, other_weighing))
    if abs(accepted_g + refused_g - loaded_g) * 1000 <= permille * loaded_g:
        return None
    return Difference(line, code, loaded_g, accepted_g, refused_g, permille)


def is_received_as_loaded(manifest: Manifest) -> bool:
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
    if is_received_as_loaded(manifest):
        return []
    known = {key: sums for key, sums in weights(manifest).items() if sums.is_weighed}
    return _compared(law, manifest, known, manifest.departed[0].weighing)


def _compared(
    law: Law, manifest: Manifest, known: dict[tuple[int, str], Weights], weighing: str
) -> list[Difference]:
    compared = [
        _beyond(law, manifest, line, code, known[line, code], weighing) for line, code in sorted(known)
    ]
    if len(known) > 1:
        codes = {code for _, code in known}
        only = codes.pop() if len(codes) == 1 else None
        compared.append(_beyond(law, manifest, None, only, _sum(known.values()), weighing))
    return [difference for difference in compared if difference is not None]


def weighed_differences(manifest: Manifest, law: Law) -> list[Difference]:
    """Accepted and refused against the destination's own weighing, by weighed line and in all; `loaded_g` is what it
    weighed. A line that was not weighed, or of which somebody gave no mass, is not compared.
    """
    weighed, accepted = manifest.weighed, manifest.accepted
    if not weighed or not accepted:
        return []
    if len(weighed) == len(accepted) == 1 and not manifest.refused and weighed[0].lines == accepted[0].lines:
        return []
    latest = {(line[0], line[1]): line[2] for weighing in weighed for line in weighing.lines}
    known = {
        key: Weights(mass_g, sums.accepted_g, sums.refused_g)
        for key, sums in weights(manifest).items()
        if (mass_g := latest.get(key)) is not None
        and sums.accepted_g is not None
        and sums.refused_g is not None
    }
    return _compared(law, manifest, known, weighed[-1].weighing)


def piece_differences(manifest: Manifest) -> list[tuple[int, str, Weights]]:
    """Lines whose pieces were counted at both ends and do not agree, by number and code; nothing before an acceptance."""
    if not manifest.accepted or not manifest.departed or is_received_as_loaded(manifest):
        return []
    found = []
    for (line, code), sums in sorted(weights(manifest).items(), key=lambda known: known[0]):
        loaded, accepted, refused = sums.loaded_pieces, sums.accepted_pieces, sums.refused_pieces
        if loaded is None or accepted is None or refused is None:
            continue
        if loaded != accepted + refused:
            found.append((line, code, sums))
    return found


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
