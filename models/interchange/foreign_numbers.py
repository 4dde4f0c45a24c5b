"""Manifest numbers of other countries as 14 digits that no manifest of ours can have. Pure; reversible by arithmetic.

A national number begins with its year, so none begins with 8 or 9. EPA's tracking numbers are nine digits and three
letters: 10^9 x 26^3 of them, and 80000000000000 + digits x 17576 + letters (A = 0, in base 26) gives each its own number
between 80000000000000 and 97575999999999. Nothing has to be kept to turn it back.
"""

from __future__ import annotations

import re
from typing import Final

_TRACKING = re.compile(r"([0-9]{9})([A-Z]{3})").fullmatch
_NUMBER = re.compile(r"[0-9]{14}").fullmatch
_BASE: Final = 80_000_000_000_000
_LETTERS: Final = 26**3
_A: Final = ord("A")


def number_of(tracking_number: str) -> str | None:
    """Our number of an EPA manifest tracking number; None where it is none."""
    found = _TRACKING(tracking_number)
    if found is None:
        return None
    letters = 0
    for letter in found[2]:
        letters = letters * 26 + ord(letter) - _A
    return str(_BASE + int(found[1]) * _LETTERS + letters)


def tracking_number_of(number: str) -> str | None:
    """The EPA tracking number that one of our numbers stands for; None where it stands for itself."""
    rest = int(number) - _BASE if _NUMBER(number) else -1
    if not 0 <= rest < 10**9 * _LETTERS:
        return None
    digits, letters = divmod(rest, _LETTERS)
    first, rest = divmod(letters, 26 * 26)
    second, third = divmod(rest, 26)
    return f"{digits:09d}" + "".join(chr(_A + place) for place in (first, second, third))
