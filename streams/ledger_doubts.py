"""Doubts that several fields of a fact give together, or that its time of record gives; beside streams.ledger_warnings.

Each says on what it rests (DOMAIN); none is told of ordinary facts, which a test of the simulated province holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from models.catalogue import is_medical
from models.exact import DAY_US, beijing_date, format_kg
from models.facts import CollectionFact, DisposalFact, Fact, GenerationFact, TransportFact, kind_of
from models.facts.base import Weighing
from models.facts.transport import ReceiptAccepted, ReceiptWeighed, TransportDeparted
from models.problems import Problem, problem

Doubt = Callable[[Any, date], Iterator[Problem]]

# GB 1589: no road vehicle may weigh more than 49 t with its load, so no load weighs as much.
_ROAD_VEHICLE_G: Final = 49_000_000
# A weighbridge's own division is 20 kg or so: what it cannot show was probably written in tonnes (DOMAIN 1, unit trap).
_WEIGHBRIDGE_G: Final = 20_000
_REPORT_DAY: Final = 15  # HJ 1259: the month's report is due by the 15th of the next.
# What is older was not stated late: it is history that is entered when a firm joins.
_HISTORY_US: Final = 366 * DAY_US

_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}使领军海][A-Z][·-]?(?:[A-HJ-NP-Z0-9]{{4,5}}[挂学警港澳领使超]|[A-HJ-NP-Z0-9]{{5,6}})"
).fullmatch
_VESSEL = re.compile(r"[\u4e00-\u9fff]{2,}[0-9A-Za-z\u4e00-\u9fff-]*").fullmatch
_INVOICE = re.compile(r"(?:[0-9]{20}|(?:[0-9]{10}|[0-9]{12})?[-/]?[0-9]{8})").fullmatch
_LATE: Final = frozenset(
    kind_of(fact_type)
    for group in (GenerationFact, CollectionFact, TransportFact, DisposalFact)
    for fact_type in get_args(group)
)


def doubts_of(fact: Fact) -> tuple[Doubt, ...]:
    """What is to be asked of a fact of this type."""
    return _doubts(type(fact))


@lru_cache(maxsize=256)
def _doubts(fact_type: type[BaseModel]) -> tuple[Doubt, ...]:
    fields = fact_type.model_fields
    found: list[Doubt] = []
    if "manifest_no" in fields and "origin" in fields:
        found.append(_manifest_number)
    if "vehicle" in fields:
        found.append(_plate)
    if fact_type is TransportDeparted:
        found.append(_one_vehicle)
    if fact_type in (ReceiptWeighed, ReceiptAccepted, TransportDeparted):
        found.append(_weighbridge)
    if "lines" in fields and _has_pieces(fields["lines"].annotation):
        found.append(_pieces_of_lines)
    if "pieces" in fields:
        found.append(_pieces)
    if "invoice_no" in fields:
        found.append(_invoice_number)
    return tuple(found)


def _has_pieces(annotation: Any) -> bool:
    return any("pieces" in getattr(part, "model_fields", ()) for part in get_args(annotation))


# Numbers


def _manifest_number(body: Any, on: date) -> Iterator[Problem]:
    if body.manifest_no is not None and body.origin is not None:
        yield from _number(body.manifest_no, body.origin[:2], on.year)


@lru_cache(maxsize=16_384)
def _number(number: str, province: str, year: int) -> tuple[Problem, ...]:
    """MT 15: year, province and city it is moved from, serial. What goes on past New Year keeps its number."""
    found = []
    if number[:4] not in (str(year), str(year - 1)):
        found.append(problem("$.manifest_no", "manifest_no.year", number=number, found=number[:4], year=year))
    if number[4:6] != province:
        named = {"number": number, "found": number[4:6], "province": province}
        found.append(problem("$.manifest_no", "manifest_no.province", **named))
    return tuple(found)


def _plate(body: Any, _on: date) -> Iterator[Problem]:
    yield from _plate_of(body.vehicle)


@lru_cache(maxsize=16_384)
def _plate_of(plate: str) -> tuple[Problem, ...]:
    """GA 36 has the forms of plates; a vessel has a name (MT 16 knows trips by water)."""
    upper = plate.upper()
    if _PLATE(upper) or _VESSEL(upper):
        return ()
    return (problem("$.vehicle", "plate.unknown_form", plate=plate),)


def _invoice_number(body: Any, _on: date) -> Iterator[Problem]:
    if not _INVOICE(body.invoice_no):
        yield problem("$.invoice_no", "invoice_no.form", number=body.invoice_no)


# Amounts


def _total(lines: Sequence[Any]) -> int:
    return sum(line.mass_g or 0 for line in lines)


def _one_vehicle(body: TransportDeparted, _on: date) -> Iterator[Problem]:
    mass = _total(body.lines)
    if mass > _ROAD_VEHICLE_G and _PLATE(body.vehicle.upper()):
        told = {"vehicle": body.vehicle, "mass": format_kg(mass), "most": _ROAD_VEHICLE_G // 1000}
        yield problem("$.lines", "mass.over_one_vehicle", **told)


def _weighbridge(body: Any, _on: date) -> Iterator[Problem]:
    mass = _total(body.lines)
    if body.weighing is Weighing.WEIGHBRIDGE and 0 < mass < _WEIGHBRIDGE_G:
        told = {"mass": format_kg(mass), "least": _WEIGHBRIDGE_G // 1000}
        yield problem("$.lines", "mass.small_for_weighbridge", **told)


def _pieces_of_lines(body: Any, _on: date) -> Iterator[Problem]:
    for place, line in enumerate(body.lines):
        if line.mass_g is None and not is_medical(line.waste_code):
            yield problem(f"$.lines[{place}]", "pieces.without_mass", code=line.waste_code)


def _pieces(body: Any, _on: date) -> Iterator[Problem]:
    if body.mass_g is None and not is_medical(body.waste_code):
        yield problem("$.mass_kg", "pieces.without_mass", code=body.waste_code)


# Time


def lateness(kind: str, fact: Fact, recorded_at: int) -> tuple[Problem, ...]:
    """Whether what moved or was made was recorded only after its month's report was due; by the ledger alone.

    `recorded_at` is the time of the first record, so that a retry is told the same.
    """
    if not _REPORT_DAY * DAY_US < recorded_at - fact.occurred_at <= _HISTORY_US or kind not in _LATE:
        return ()
    happened = beijing_date(fact.occurred_at)
    due = _report_due(happened)
    if beijing_date(recorded_at) <= due:
        return ()
    return (problem("$.occurred_at", "fact.late", day=happened.isoformat(), due=due.isoformat()),)


def _report_due(day: date) -> date:
    years, month = divmod(day.month, 12)
    return date(day.year + years, month + 1, _REPORT_DAY)
