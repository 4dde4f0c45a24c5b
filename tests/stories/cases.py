"""What the ten cases share: their manifests of 2026, the kiln's licence, and how storage alerts come and go."""

from typing import Final

from tests.facts import Wire, licence_granted, manifest_no, scope

DUE_RAISED: Final = "raised storage.due_soon"
DUE_CLEARED: Final = "cleared storage.due_soon"
OVER_RAISED: Final = "raised storage.over_limit"
OVER_CLEARED: Final = "cleared storage.over_limit"


def manifest_2026(serial: int) -> str:
    """A manifest's number of the cases' year."""
    return manifest_no(serial, 2026)


def kiln_licensed(*categories: str, at: str, tonnes: int = 20_000) -> Wire:
    """许可证颁发 to the kiln, for so many tonnes of these categories a year."""
    return licence_granted(lines=[scope(*categories, tonnes=tonnes)], at=at)
