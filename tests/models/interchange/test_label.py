"""Labels by HJ 1276: sizes at their bounds, hazards as the list means them, and codes that are never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from models.catalogue import waste_codes
from models.interchange.label import Hazard, NotThisForm, Size, digital_code, hazards_of, label, size_for
from tests.facts import INFECTIOUS, OIL, PRODUCER_ORG, day

T, C, IGNITES, R, IN = Hazard.TOXIC, Hazard.CORROSIVE, Hazard.IGNITABLE, Hazard.REACTIVE, Hazard.INFECTIOUS


@pytest.mark.parametrize(
    ("text", "certain", "maybe"),
    [
        ("T", (T,), ()),
        ("T,I", (T,), (IGNITES,)),
        ("T/C", (), (T, C)),
        ("T/C/I/R", (), (T, C, IGNITES, R)),
        ("In", (IN,), ()),
        ("C,T/I", (C,), (T, IGNITES)),
        ("", (), ()),
    ],
)
def test_a_comma_may_and_a_slash_is_one_of(
    text: str, certain: tuple[Hazard, ...], maybe: tuple[Hazard, ...]
) -> None:
    assert hazards_of(text) == (certain, maybe)


def test_every_listed_hazard_is_read() -> None:
    assert all(any(hazards_of(entry.hazard)) for entry in waste_codes())


@pytest.mark.parametrize(
    ("litres", "size", "copies"),
    [
        (None, Size.MIDDLE, 1),
        (0.5, Size.SMALL, 1),
        (50, Size.SMALL, 1),
        (50.1, Size.MIDDLE, 1),
        (450, Size.MIDDLE, 1),
        (450.1, Size.LARGE, 2),
    ],
)
def test_sizes_by_volume(litres: float | None, size: Size, copies: int) -> None:
    assert size_for(litres) == (size, copies)


@pytest.mark.parametrize(
    ("batch", "serial", "tail"),
    [
        ("HWCS20211031001", None, "20211031001"),
        ("20211031001", None, "20211031001"),
        ("HWCS20211031001", "009", "20211031009"),
        ("X1", "009", "20250304009"),
        ("X1", None, ""),
        ("HWCS20211331001", None, ""),  # No such month.
        ("HWCS202110310011", None, ""),
        ("X1", "9", ""),
    ],
)
def test_the_code_s_date_and_serial_are_the_batch_code_s_own(
    batch: str, serial: str | None, tail: str
) -> None:
    found = digital_code(PRODUCER_ORG, OIL, batch, date(2025, 3, 4), serial)
    assert found == (f"{PRODUCER_ORG}90024908{tail}" if tail else "")
    assert len(found) in (0, 37)
    assert digital_code("", OIL, batch, date(2025, 3, 4), serial) == ""


def test_medical_waste_is_of_another_form() -> None:
    with pytest.raises(NotThisForm, match="HJ 421"):
        label(
            batch="B",
            code=INFECTIOUS,
            since=day(0),
            mass_g=1,
            pieces=None,
            org=PRODUCER_ORG,
            unit="",
            packed="",
        )
