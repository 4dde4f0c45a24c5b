"""What became of a refused load: back at its origin, or gone on under another manifest; for rules.custody.

MT 18 lets the destination refuse; where the refused part then goes, no article says. It must be back or have gone on
within a policy's term (ours: 10 days). A return says under which manifest the load goes on (`onward_manifest_no`); the
new manifest's issue and departure say from which it comes (`onward_of`), and its departure is what counts here.
Amounts are compared by code, within the tolerance of weighing; what is only counted is compared in pieces.
"""

from collections.abc import Iterable
from typing import NamedTuple

from models.law import Law
from rules.custody_manifest import Lines, Manifest, Onward, Returned, distinct_lines
from rules.custody_masses import tolerance
from rules.custody_terms import Term, only_code, term

Amounts = dict[str, list[int]]  # By code: grams and pieces.


class Owed(NamedTuple):
    """What was refused, and what is still to come back or go on (grams and pieces)."""

    refused_g: int
    returned_g: int
    onward_g: int
    owed_g: int
    owed_pieces: int


def _amounts(lines: Iterable[tuple[int, str, int | None, int | None]]) -> Amounts:
    """Where a line gives a mass, its pieces are not counted beside it."""
    found: Amounts = {}
    for _, code, mass_g, pieces in lines:
        sums = found.setdefault(code, [0, 0])
        if mass_g is not None:
            sums[0] += mass_g
        else:
            sums[1] += pieces or 0
    return found


def _gone_on(manifest: Manifest) -> list[Onward]:
    """Departures of the load under other manifests, each once."""
    found: dict[tuple[str, Lines], Onward] = {}
    for onward in manifest.onward:
        if onward.moved:
            found.setdefault((onward.manifest_no, onward.lines), onward)
    return list(found.values())


def _came_back(manifest: Manifest) -> list[Returned]:
    found: dict[Lines, Returned] = {}
    for back in manifest.returned:
        found.setdefault(back.lines, back)
    return list(found.values())


def owed(manifest: Manifest, law: Law) -> Owed:
    """What is still to come back or go on, by all that is stated."""
    refused = _amounts(distinct_lines(manifest.refused))
    back = _amounts(line for statement in _came_back(manifest) for line in statement.lines)
    on = _amounts(line for statement in _gone_on(manifest) for line in statement.lines)
    owed_g, owed_pieces = _missing(manifest, law, refused, [back, on])
    return Owed(_grams(refused), _grams(back), _grams(on), owed_g, owed_pieces)


def _grams(amounts: Amounts) -> int:
    return sum(grams for grams, _ in amounts.values())


def _missing(manifest: Manifest, law: Law, refused: Amounts, gone: list[Amounts]) -> tuple[int, int]:
    owed_g = owed_pieces = 0
    for code, (grams, pieces) in refused.items():
        missing_g = grams - sum(part[code][0] for part in gone if code in part)
        permille = tolerance(law, manifest.refused[0].ends[0], code, manifest.refused[0].at)
        if missing_g * 1000 > permille * grams:
            owed_g += missing_g
        owed_pieces += max(pieces - sum(part[code][1] for part in gone if code in part), 0)
    return owed_g, owed_pieces


def settled_at(manifest: Manifest, law: Law) -> int | None:
    """When all that was refused was back or gone on; None while some is owed."""
    refused = _amounts(distinct_lines(manifest.refused))
    moves: list[Returned | Onward] = [*_came_back(manifest), *_gone_on(manifest)]
    moves.sort(key=lambda move: (move.at, move.seq))
    gone: list[Amounts] = []
    for move in moves:
        gone.append(_amounts(move.lines))
        if _missing(manifest, law, refused, gone) == (0, 0):
            return move.at
    return None


def refused_term(manifest: Manifest, law: Law) -> Term | None:
    """How long a refused load may be neither back nor on its way, by the origin's region."""
    refusal = manifest.refused[0]
    return term(law, "refused_term", refusal.ends[0], only_code(refusal.lines), refusal.at)
