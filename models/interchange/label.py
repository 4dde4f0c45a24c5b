"""The label of a lot by HJ 1276-2022: what is known of it, what is left to be written by hand, its size and its code. Pure.

The digital identification code has four segments, 37 characters (DOMAIN 2: reading [D]): credit code 18, waste code 8,
date 8, serial 3. Date and serial are those of the lot's own batch code where it ends in them (HWCS20211031001); a serial
that nobody gave is not made up. Medical waste has the form of HJ 421 instead, which is not made here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from models.catalogue import category, category_of, is_medical, waste_code
from models.exact import beijing_date, format_kg

MEDICAL_FORM: Final = "HJ 421"
TWO_LABELS_ABOVE_L: Final = 450
_SMALL_L: Final = 50
_BATCH = re.compile(
    r"[A-Za-z]*((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))([0-9]{3})"
).fullmatch
_SERIAL = re.compile(r"[0-9]{3}").fullmatch
_CODE_CHARS: Final = 37


class Hazard(StrEnum):
    """危险特性."""

    TOXIC = "T"
    CORROSIVE = "C"
    IGNITABLE = "I"
    REACTIVE = "R"
    INFECTIOUS = "In"


class Size(StrEnum):
    """The side of the square, in millimetres."""

    SMALL = "100"
    MIDDLE = "150"
    LARGE = "200"

    @property
    def mm(self) -> int:
        """As a number."""
        return int(self.value)


HAZARDS_ZH: Final = {
    Hazard.TOXIC: "毒性",
    Hazard.CORROSIVE: "腐蚀性",
    Hazard.IGNITABLE: "易燃性",
    Hazard.REACTIVE: "反应性",
    Hazard.INFECTIOUS: "感染性",
}


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label; an empty text is a line to be written by hand.

    `hazards` are certain by the list, `maybe` are those of which the list says that the waste may have them or has at
    least one: whoever fills in ticks what holds.
    """

    name: str
    category: str
    code: str
    hazards: tuple[Hazard, ...]
    maybe: tuple[Hazard, ...]
    digital_code: str
    unit: str
    made_on: str
    mass: str
    remark: str
    size: Size
    copies: int


class NotThisForm(ValueError):
    """Waste that has a label of another form."""


def size_for(volume_l: float | None) -> tuple[Size, int]:
    """Side and number of labels for a container of so many litres; the middle one where the volume is not told."""
    if volume_l is None:
        return Size.MIDDLE, 1
    if volume_l <= _SMALL_L:
        return Size.SMALL, 1
    return (Size.MIDDLE, 1) if volume_l <= TWO_LABELS_ABOVE_L else (Size.LARGE, 2)


def hazards_of(text: str) -> tuple[tuple[Hazard, ...], tuple[Hazard, ...]]:
    """The list's hazards: after a comma is what may be too, slashes say one or more of these (LIST21, note 1)."""
    if not text:
        return (), ()
    first, *others = (part.strip() for part in text.split(","))
    among = [Hazard(part) for part in first.split("/")]
    rest = [Hazard(part) for other in others for part in other.split("/")]
    certain = tuple(among) if len(among) == 1 else ()
    return certain, tuple(dict.fromkeys([*(among if len(among) > 1 else []), *rest]))


def digital_code(org: str, code: str, batch: str, made_on: date, serial: str | None = None) -> str:
    """The 37 characters; empty where a segment is not known. `serial` (three digits) is whoever fills in's own."""
    found = _BATCH(batch)
    day = found[1] if found else made_on.strftime("%Y%m%d")
    number = serial if serial is not None else found[2] if found else None
    if not org or number is None or not _SERIAL(number):
        return ""
    whole = f"{org}{code.replace('-', '')}{day}{number}"
    return whole if len(whole) == _CODE_CHARS else ""


def label(
    *,
    batch: str,
    code: str,
    since: int,
    mass_g: int | None,
    pieces: int | None,
    org: str,
    unit: str,
    packed: str,
    volume_l: float | None = None,
    serial: str | None = None,
    size: Size | None = None,
) -> Label:
    """The label of a lot in store; NotThisForm for medical waste. `since` (microseconds) starts the lot's clock."""
    if is_medical(code):
        raise NotThisForm(f"medical waste ({code}) has the label of {MEDICAL_FORM}, not of HJ 1276")
    made_on = beijing_date(since)
    entry = waste_code(code, made_on)
    certain, maybe = hazards_of(entry.hazard if entry is not None else "")
    wished, copies = size_for(volume_l)
    about = category(category_of(code))
    return Label(
        name=entry.name_zh if entry is not None else "",
        category=f"{category_of(code)} {about.name_zh if about is not None else ''}".strip(),
        code=code,
        hazards=certain,
        maybe=maybe,
        digital_code=digital_code(org, code, batch, made_on, serial),
        unit=unit,
        made_on=made_on.isoformat(),
        mass=f"{format_kg(mass_g)} kg"
        if mass_g is not None
        else f"{pieces} 件"
        if pieces is not None
        else "",
        remark=f"批次 {batch}" + (f"；{packed}" if packed else ""),
        size=size or wished,
        copies=copies,
    )
