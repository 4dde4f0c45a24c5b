"""What the builders of facts share: names, instants, ids, and how a wire dict becomes a stated fact.

A builder answers a plain dict as JSON has it. `at` (microseconds, datetime or text, see `instant`) becomes
`occurred_at`; where it is left out the fact has no time yet, and `timed` (or a story's step) gives it one. Ids follow
from the content, so that a run repeats itself; the same content twice needs `nth=2`. Masses are kilograms as `kg`,
money yuan as `yuan`. Any field of the body can be given or replaced by its wire name as a keyword.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from models.credit import check_character
from models.envelope import Stated
from models.exact import DAY_US, HOUR_US, MINUTE_US, beijing_midnight, format_instant, parse_instant
from models.facts import FACT_TYPES

Wire = dict[str, Any]
Amount = int | float | str
When = int | datetime | str

_NAMESPACE: Final = UUID("7d3c1f0a-5f0e-5c3e-9d53-3f0c4a1b2c3d")
_FIRST_DAY: Final = date(2025, 3, 3)  # A Monday; the year after it lies within the published calendars.


def org(region: str, name: str) -> str:
    """A credit code whose checks hold: `name` is 8 characters of the alphabet without I, O, S, V, Z."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(character, 36) for weight, character in zip(weights, name, strict=True))
    first = f"91{region}{name}{'0123456789X'[-total % 11]}"
    return first + check_character(first)


PRODUCER_ORG: Final = org("330106", "MAPLATER")
HOSPITAL_ORG: Final = org("330102", "MAHEALTH")
CARRIER_ORG: Final = org("330604", "MATRUCK1")
FACILITY_ORG: Final = org("330604", "MAKNRNA1")
OTHER_FACILITY_ORG: Final = org("330206", "MAKNRNB2")
COLLECTOR_ORG: Final = org("330106", "MACLLECT")
TRADER_ORG: Final = org("330109", "MATRADER")
REGULATOR_ORG: Final = org("330000", "MAREG001")
AUDITOR_ORG: Final = org("330000", "MAAUDT01")
VENDOR_ORG: Final = org("330108", "MAFTWARE")

PLATER: Final = "330106-PLATER01"
HOSPITAL: Final = "330102-HOSPITAL01"
KILN: Final = "330604-KILN01"
OTHER_KILN: Final = "330206-KILN02"
COLLECTOR: Final = "330106-COLLECT01"

MANIFEST: Final = "20253301000001"
OIL: Final = "900-249-08"
SLUDGE: Final = "336-064-17"
INFECTIOUS: Final = "841-001-01"
PLATE: Final = "浙D12345"


def day(days: int, hour: int = 9, minute: int = 0) -> int:
    """So many days after Monday 2025-03-03, Beijing time, in microseconds."""
    return beijing_midnight(_FIRST_DAY) + days * DAY_US + hour * HOUR_US + minute * MINUTE_US


def instant(when: When) -> int:
    """Microseconds of an instant: an int is one, text is Beijing time `2026-09-29 14:00` or RFC 3339."""
    if isinstance(when, int):
        return when
    if isinstance(when, datetime):
        return parse_instant(when.isoformat())
    if len(when) <= len("2026-09-29 14:00:00"):
        clock = when[11:] or "00:00"
        return parse_instant(f"{when[:10]}T{clock if len(clock) == 8 else clock + ':00'}+08:00")
    return parse_instant(when)


def manifest_no(serial: int = 1, year: int = 2025, city: str = "3301") -> str:
    """14 digits: year, province, city, serial (MT 15)."""
    return f"{year}{city}{serial:06d}"


def kilograms(kg: Amount) -> str:
    """As text, the way masses travel."""
    return str(kg)


def fact(
    kind: str, at: When | None = None, *, event_id: str | None = None, nth: int = 1, **body: Any
) -> Wire:
    """A fact of any kind; fields that are None are left out."""
    wire: Wire = {"kind": kind, **{name: value for name, value in body.items() if value is not None}}
    if at is not None:
        wire["occurred_at"] = format_instant(instant(at))
    content = orjson.dumps([wire, nth], option=orjson.OPT_SORT_KEYS)
    wire["event_id"] = event_id or str(uuid5(_NAMESPACE, content.decode()))
    return wire


def timed(wire: Wire, when: int) -> Wire:
    """The fact with a time: its own, else `when`."""
    return wire if "occurred_at" in wire else {**wire, "occurred_at": format_instant(when)}


def again(wire: Wire, nth: int = 2, **changes: Any) -> Wire:
    """The same statement sent anew under another id, perhaps with other content."""
    body = {name: value for name, value in wire.items() if name not in {"kind", "event_id"}}
    return fact(wire["kind"], nth=nth, **{**body, **changes})


def corrected(original: Wire, at: When | None = None, *, withdrawn: bool = False, **changes: Any) -> Wire:
    """更正: the original with `changes`, or withdrawn. An original without a time gets it from the story's step."""
    replacement = None if withdrawn else {**original, **changes}
    reason = "did-not-occur" if withdrawn else "incorrect-data"
    return fact(
        "fact-corrected.v1",
        at,
        corrects=original["event_id"],
        reason=reason,
        explanation="typed wrongly",
        replacement=replacement,
    )


STATERS: Final = {
    "manifest-issued.v1": "origin_org",
    "manifest-voided.v1": "origin_org",
    "transport-returned.v1": "origin_org",
    "transport-departed.v1": "carrier_org",
    "transport-handed-over.v1": "to_carrier_org",
    "transport-arrived.v1": "carrier_org",
    "waste-collected.v1": "carrier_org",
    "receipt-weighed.v1": "destination_org",
    "receipt-accepted.v1": "destination_org",
    "receipt-refused.v1": "destination_org",
    "manifest-confirmed.v1": "destination_org",
    "invoice-issued.v1": "seller_org",
    "invoice-reversed.v1": "seller_org",
    "payment-made.v1": "payer_org",
    "payment-refunded.v1": "payer_org",
    "contract-signed.v1": "destination_org",
    "contract-amended.v1": "destination_org",
    "contract-ended.v1": "destination_org",
}
ORG_OF_SITE: Final = {
    PLATER: PRODUCER_ORG,
    HOSPITAL: HOSPITAL_ORG,
    KILN: FACILITY_ORG,
    OTHER_KILN: OTHER_FACILITY_ORG,
    COLLECTOR: COLLECTOR_ORG,
}


def stater(wire: Wire) -> str:
    """Who would state this fact: the party it names, else the site's organisation, else the regulator."""
    if wire.get("reverse_filled"):
        return str(wire["destination_org"])
    if (field := STATERS.get(wire["kind"])) is not None:
        return str(wire[field])
    return str(wire.get("org") or ORG_OF_SITE.get(wire.get("site", ""), REGULATOR_ORG))


def state(wire: Wire, seq: int, recorded_at: When | None = None, stated_by: str | None = None) -> Stated:
    """The fact as the judge sees it: checked by its model; recorded when it happened unless told."""
    recorded = None if recorded_at is None else instant(recorded_at)
    whole = timed(wire, day(0) if recorded is None else recorded)
    body: Any = FACT_TYPES[whole["kind"]].model_validate(whole)
    by = stated_by or stater(whole)
    known_at = body.occurred_at if recorded is None else recorded
    return Stated(seq, known_at, by, body.event_id, body.kind, body.occurred_at, body)


def line(code: str = OIL, kg: Amount | None = 180, no: int = 1, **more: Any) -> Wire:
    """A waste line; `kg=None, pieces=3` where nothing was weighed."""
    body: Wire = {"line": no, "waste_code": code, **more}
    return body if kg is None else {**body, "mass_kg": kilograms(kg)}


def lines_of(lines: list[Wire] | None, code: str, kg: Amount | None, **more: Any) -> list[Wire]:
    """The lines given, or one of this code and mass."""
    return lines if lines is not None else [line(code, kg, **more)]


def amount_of(kg: Amount | None, more: Wire) -> Wire:
    """The fields of a mass, with what else there is."""
    return more if kg is None else {"mass_kg": kilograms(kg), **more}
