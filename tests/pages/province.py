"""A little province for pages: named sites in several cities, with one case of most kinds of alert, and quiet trade."""

from __future__ import annotations

from typing import Any, Final

from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    OIL,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    arrived,
    confirmed,
    contract_signed,
    corrected,
    counted,
    day,
    departed,
    extension_granted,
    generated,
    handed_over,
    invoiced,
    issued,
    licence_granted,
    manifest_no,
    observed,
    org,
    paid,
    refused,
    released,
    returned,
    scope,
    site_registered,
    stock_taken,
    stored,
)

END: Final = day(400)
EVIL: Final = '<script>alert("x")</script><img src=x onerror=alert(1)>'
EVIL_ORG: Final = org("330304", "MAEWXXX1")
EVIL_SITE: Final = "330304-EVIL01"
MANIFEST: Final = manifest_no(1, year=2026)
LATE: Final = manifest_no(2, year=2026)
SHORT: Final = manifest_no(3, year=2026)
CORRECTED: Final = manifest_no(4, year=2026)
WITHDRAWN: Final = manifest_no(5, year=2026)
REFUSED: Final = manifest_no(9, year=2026)
ONWARD: Final = manifest_no(10, year=2026)
UNLICENSED: Final = manifest_no(6, year=2026)
CHAINED_ORG: Final = org("330113", "MACHAXN1")
CHAINED_SITE: Final = "330113-CHAIN1"
CHAINED: Final = manifest_no(20, year=2026)

_MORE: Final = (
    ("330402-DYE01", "330402", "MADYE001", "嘉兴南湖印染有限公司"),
    ("330502-BATT01", "330502", "MABATT01", "湖州天能电池材料厂"),
    ("330702-TOOL01", "330702", "MATL0001", "金华金义电动工具有限公司"),
    ("331002-PHARM1", "331002", "MAPHARM1", "台州椒江原料药有限公司"),
    ("331102-ACID01", "331102", "MAAC1D01", "丽水莲都化学品有限公司"),
)


def registered() -> list[Wire]:
    """Sites and licences, on the first day."""
    at = day(0, 0)
    sites = [
        site_registered(PLATER, name="杭州西湖精密电镀有限公司", at=at),
        site_registered(HOSPITAL, "health-facility", name="杭州市第一人民医院", at=at, beds=1500),
        site_registered(KILN, "facility", name="绍兴上虞众联环保有限公司", at=at),
        site_registered(OTHER_KILN, "facility", name="宁波北仑固废处置有限公司", at=at),
        site_registered(
            "330604-TRUCK1", "collector", org=CARRIER_ORG, name="绍兴安达危货运输有限公司", at=at
        ),
        site_registered(
            CHAINED_SITE,
            org=CHAINED_ORG,
            name="杭州临平化工有限公司",
            places=[{"place": "P1", "place_type": "point"}],
            at=at,
        ),
        site_registered(EVIL_SITE, org=EVIL_ORG, name=EVIL, at=at),
    ]
    sites += [
        site_registered(site, org=org(region, name), name=full, at=at) for site, region, name, full in _MORE
    ]
    return [
        *sites,
        licence_granted(
            "3306040001", lines=[scope("HW08", "HW17", tonnes=20), scope("HW01", tonnes=5000)], at=at
        ),
        licence_granted(
            "3302060002",
            holder=OTHER_KILN,
            holder_org=OTHER_FACILITY_ORG,
            lines=[scope("HW08", tonnes=8000)],
            at=at,
        ),
    ]


def _trip(
    no: str, start: int, kg: int = 1200, got: int | None = None, code: str = SLUDGE, **more: Any
) -> list[Wire]:
    ends: Wire = {"origin": PLATER, "origin_org": PRODUCER_ORG, **more}
    return [
        issued(no, code, kg, at=day(start, 8), **ends),
        departed(no, code, kg, at=day(start, 9), **ends),
        arrived(no, at=day(start, 14), **ends),
        accepted(no, code, kg if got is None else got, at=day(start, 15), **ends),
    ]


def moved() -> list[Wire]:
    """Manifests: a quiet one, late, short, corrected, withdrawn, and to a kiln without a licence for the code."""
    fixed = accepted(CORRECTED, SLUDGE, 1020, at=day(382, 15))
    twice = accepted(WITHDRAWN, SLUDGE, 500, at=day(383, 15))
    there = {"destination": OTHER_KILN, "destination_org": OTHER_FACILITY_ORG}
    return [
        *_trip(MANIFEST, 380),
        confirmed(MANIFEST, at=day(381, 10)),
        issued(LATE, SLUDGE, 900, at=day(390, 8)),
        departed(LATE, SLUDGE, 900, at=day(390, 9)),
        *_trip(SHORT, 391, 5000, 4100),
        *_trip(CORRECTED, 382, 1200, 1200)[:3],
        fixed,
        corrected(fixed, day(384, 9), lines=[{**fixed["lines"][0], "mass_kg": "1200"}]),
        confirmed(CORRECTED, at=day(384, 10)),
        *_trip(WITHDRAWN, 383, 600, 600),
        twice,
        corrected(twice, day(385, 9), withdrawn=True),
        *_trip(UNLICENSED, 392, 3000, 3000, **there),
        *_trip(manifest_no(7, year=2026), 394, 16_000, 16_000),
        departed(manifest_no(8, year=2026), OIL, 700, at=day(399, 9)),
        *_refused(),
    ]


def _refused() -> list[Wire]:
    """Two legs, a lock that was opened, a refusal; a part came back, a part went on under another manifest."""
    carriers = [{"org": CARRIER_ORG}, {"org": COLLECTOR_ORG}]
    return [
        issued(REFUSED, SLUDGE, 2000, at=day(398, 8), carriers=carriers),
        departed(REFUSED, SLUDGE, 2000, at=day(398, 9)),
        observed(REFUSED, "lock-opened", at=day(398, 10), until="2026-04-05T10:20:00+08:00", region="330604"),
        handed_over(REFUSED, at=day(398, 11)),
        arrived(REFUSED, at=day(398, 14), carrier_org=COLLECTOR_ORG, vehicle="浙A54321"),
        refused(REFUSED, SLUDGE, 2000, at=day(398, 15)),
        returned(REFUSED, SLUDGE, 600, at=day(399, 8), onward_manifest_no=ONWARD),
        issued(ONWARD, SLUDGE, 1000, at=day(399, 8, 30), onward_of=REFUSED),
        departed(ONWARD, SLUDGE, 1000, at=day(399, 9), onward_of=REFUSED, vehicle="浙A54321"),
    ]


def kept() -> list[Wire]:
    """Lots in store: over the limit, due soon, fresh, medical too old, one with an evil neighbour."""
    return [
        stored("HWCS20250310001", SLUDGE, 2400, at=day(7, 10)),
        stored("HWCS20250401002", OIL, 350.5, at=day(20, 10)),
        stored("HWCS20250410003", OIL, 12_500, at=day(45, 10)),
        stored("HWCS20250501004", SLUDGE, 800, at=day(300, 10)),
        generated("MED1", "841-001-01", 35, site=HOSPITAL, at=day(397, 8)),
        *(
            stored(f"LOT-{n}", SLUDGE, 900 * n, site=site, at=day(3 * n, 9))
            for n, (site, *_) in enumerate(_MORE, 1)
        ),
        stored("EVIL-1", OIL, 77, site=EVIL_SITE, at=day(33, 9)),
    ]


def chained() -> list[Wire]:
    """A site with a chain of batch codes, a full storage point, opening stock, an extension and a count that differs."""
    site = CHAINED_SITE
    drums = {"container_kind": "drum", "count": 6, "ids": ["DRUM-01", "DRUM-02"]}
    ends: Wire = {"origin": site, "origin_org": CHAINED_ORG}
    return [
        generated("HWCS20260401001", OIL, 1200, site=site, at=day(344, 8)),
        stored("HWRK20260401001", OIL, 1200, site=site, parents=["HWCS20260401001"], at=day(344, 9)),
        released("HWCK20260402001", OIL, 900, site=site, parents=["HWRK20260401001"], at=day(345, 9)),
        departed(CHAINED, OIL, 900, lot="HWCK20260402001", at=day(345, 10), **ends),
        arrived(CHAINED, at=day(345, 14), **ends),
        accepted(CHAINED, OIL, 900, at=day(345, 15), **ends),
        confirmed(CHAINED, at=day(346, 8), **ends),
        stored("HWRK20260403001", SLUDGE, 3100, site=site, place="P1", containers=drums, at=day(346)),
        stored("OLD-1", OIL, 200, site=site, opening=True, at=day(346, 11)),
        extension_granted(
            "2027-12-31", site=site, lot="HWRK20260403001", approval_no="杭环延1号", at=day(347)
        ),
        stock_taken([counted(OIL, 450)], site=site, at=day(348)),
    ]


def settled() -> list[Wire]:
    """Money: a contract, a right payment, too large an invoice, one paid without movement, a cheap contract, a stranger."""
    other: Wire = {"origin_org": HOSPITAL_ORG, "destination_org": OTHER_FACILITY_ORG}
    cheap: Wire = {"origin_org": PRODUCER_ORG, "destination_org": OTHER_FACILITY_ORG}
    return [
        contract_signed("HT-2025-001", 3000, at=day(1)),
        contract_signed("HT-2025-002", 2800, at=day(1), **other),
        contract_signed("HT-2025-003", 300, at=day(1), **cheap),
        invoiced("25332000000000000001", 3600, manifest=MANIFEST, contract="HT-2025-001", at=day(385)),
        paid("BANK1", 3600, manifest=MANIFEST, contract="HT-2025-001", at=day(387)),
        invoiced("25332000000000000002", 15_000, manifest=SHORT, contract="HT-2025-001", at=day(395)),
        paid("BANK3", 88_000, contract="HT-2025-001", at=day(340)),
        paid("BANK4", 3600, manifest=CORRECTED, contract="HT-2025-001", at=day(390), payee_org=TRADER_ORG),
    ]


def all_facts() -> list[Wire]:
    """Everything, in the order of events."""
    return [*registered(), *moved(), *kept(), *chained(), *settled()]


__all__ = [
    "CHAINED",
    "CHAINED_SITE",
    "CORRECTED",
    "END",
    "EVIL",
    "EVIL_SITE",
    "FACILITY_ORG",
    "LATE",
    "SHORT",
    "UNLICENSED",
    "WITHDRAWN",
    "all_facts",
    "registered",
]
