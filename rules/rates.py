"""利用处置率: how much of what there was to handle was handled; the formula is a policy and is printed with it. Pure."""

from typing import NamedTuple

from models.facts.law import RateFormula


class Rate(NamedTuple):
    """A rate in hundredths of a per cent, rounded half up (None of nothing), with all it is made of, in grams."""

    formula: RateFormula
    handled_g: int
    generated_g: int
    opening_g: int
    base_g: int
    basis_points: int | None


def rate(formula: RateFormula, *, handled_g: int, generated_g: int, opening_g: int) -> Rate:
    """What was handled, here and elsewhere, over the formula's base (DOMAIN 10).

    Used old stock is what was handled beyond what was generated, at most the opening stock: the year's own waste is
    taken as handled first, which is how statistics can show 100 % in a year that only ran stock down.
    """
    base_g = generated_g
    if formula is RateFormula.OPENING_AND_GENERATED:
        base_g += opening_g
    elif formula is RateFormula.GENERATED_AND_USED_OPENING:
        base_g += min(opening_g, max(0, handled_g - generated_g))
    points = (handled_g * 20_000 + base_g) // (2 * base_g) if base_g > 0 else None
    return Rate(formula, handled_g, generated_g, opening_g, base_g, points)
