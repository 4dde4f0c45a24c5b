"""转移, 处置: a manifest from issue to confirmation, and treatment; from the plater to the kiln."""

from typing import Any

from tests.facts.base import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    KILN,
    MANIFEST,
    OIL,
    PLATE,
    PLATER,
    PRODUCER_ORG,
    Amount,
    When,
    Wire,
    fact,
    lines_of,
)


def _movement(kind: str, no: str, at: When | None, defaults: Wire, more: Wire) -> Wire:
    ends = {
        "manifest_no": no,
        "origin": PLATER,
        "origin_org": PRODUCER_ORG,
        "destination": KILN,
        "destination_org": FACILITY_ORG,
    }
    return fact(kind, at, **{**ends, **defaults, **more})


def issued(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """联单开具, from the plater to the kiln."""
    defaults = {"carriers": [{"org": CARRIER_ORG}], "lines": lines_of(lines, code, kg)}
    return _movement("manifest-issued.v1", no, at, defaults, more)


def voided(no: str = MANIFEST, *, at: When | None = None, **more: Any) -> Wire:
    """联单作废."""
    return _movement("manifest-voided.v1", no, at, {"reason": "vehicle broke down"}, more)


def departed(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lot: str | None = None,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """起运; `lot` names the lot that the one line takes."""
    named = {} if lot is None else {"lot": lot}
    defaults = {"carrier_org": CARRIER_ORG, "vehicle": PLATE, "lines": lines_of(lines, code, kg, **named)}
    return _movement("transport-departed.v1", no, at, defaults, more)


def handed_over(no: str = MANIFEST, *, to: str = COLLECTOR_ORG, at: When | None = None, **more: Any) -> Wire:
    """联运交接."""
    defaults = {"from_carrier_org": CARRIER_ORG, "to_carrier_org": to, "vehicle": "浙A54321"}
    return _movement("transport-handed-over.v1", no, at, defaults, more)


def observed(no: str = MANIFEST, observation: str = "gate", *, at: When | None = None, **more: Any) -> Wire:
    """途中监控."""
    return _movement("transport-observed.v1", no, at, {"vehicle": PLATE, "observation": observation}, more)


def arrived(no: str = MANIFEST, *, at: When | None = None, **more: Any) -> Wire:
    """运抵; `at_site` where the gate is not the destination's."""
    return _movement("transport-arrived.v1", no, at, {"carrier_org": CARRIER_ORG, "vehicle": PLATE}, more)


def returned(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """退回."""
    return _movement("transport-returned.v1", no, at, {"lines": lines_of(lines, code, kg)}, more)


def weighed(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """核实过磅."""
    return _movement("receipt-weighed.v1", no, at, {"lines": lines_of(lines, code, kg)}, more)


def accepted(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """接受."""
    return _movement("receipt-accepted.v1", no, at, {"lines": lines_of(lines, code, kg)}, more)


def refused(
    no: str = MANIFEST,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """拒收."""
    defaults = {"lines": lines_of(lines, code, kg), "reason": "not what the manifest says"}
    return _movement("receipt-refused.v1", no, at, defaults, more)


def confirmed(no: str = MANIFEST, *, at: When | None = None, **more: Any) -> Wire:
    """确认接受."""
    return _movement("manifest-confirmed.v1", no, at, {}, more)


def metered(
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    by: str = "origin",
    on: str = "2025-03-03",
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """管道计量 of a day, by the meter of one end; from the plater to the kiln."""
    ends = {
        "pipeline": "P1",
        "day": on,
        "metered_by": by,
        "origin": PLATER,
        "origin_org": PRODUCER_ORG,
        "destination": KILN,
        "destination_org": FACILITY_ORG,
    }
    return fact("pipeline-metered.v1", at, **{**ends, "lines": lines_of(lines, code, kg), **more})


def treated(
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    method: str = "D10",
    lot: str | None = None,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """利用处置 at the kiln, of waste received."""
    named = {"method": method} if lot is None else {"method": method, "lot": lot}
    who = {"site": KILN, "org": FACILITY_ORG, "own_waste": False}
    return fact("waste-treated.v1", at, **{**who, "lines": lines_of(lines, code, kg, **named), **more})
