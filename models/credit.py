"""Unified social credit codes (统一社会信用代码, GB 32100-2015) for warnings: a bad check digit never refuses a fact.

DOMAIN 5: codes that fail the check have really been issued, so facts only carry a warning.
"""

from __future__ import annotations

import re
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_CODE = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}").fullmatch


def is_credit_code(code: str) -> bool:
    """Whether `code` has the shape: 18 characters of the alphabet without I, O, S, V, Z, with a numeric region."""
    return _CODE(code) is not None


def credit_code_ok(code: str) -> bool:
    """Whether `code` has the shape and its last character is the check character."""
    return is_credit_code(code) and code[17] == check_character(code[:17])


def check_character(first_17: str) -> str:
    """The check character of the first 17; KeyError for a character outside the alphabet."""
    total = sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, first_17, strict=True))
    return _ALPHABET[-total % 31]


def organisation_code_ok(code: str) -> bool:
    """Whether characters 9 to 17 of a credit code, the organisation code, hold their own check (GB 11714)."""
    if not is_credit_code(code):
        return False
    total = sum(
        # GB 11714 counts letters over all 26 from A = 10, not by the alphabet of the credit code.
        weight * int(character, 36)
        for weight, character in zip(_ORGANISATION_WEIGHTS, code[8:16], strict=True)
    )
    return code[16] == "0123456789X"[-total % 11]


def credit_code_region(code: str) -> str:
    """The 6 digits of the region of registration, characters 3 to 8; not always where the site is."""
    return code[2:8]
