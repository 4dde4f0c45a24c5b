"""Cases 6 to 10 of the ten a regulator would try first (DOMAIN 11), under every concern at once, silent halves included."""

from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OTHER_FACILITY_ORG,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    arrived,
    collected,
    confirmed,
    corrected,
    departed,
    emergency_declared,
    generated,
    licence_ended,
    licence_granted,
    limit_set,
    line,
    refused,
    returned,
    scope,
    site_registered,
    stored,
    transfer_approved,
    treated,
)
from tests.stories.cases import OVER_CLEARED, OVER_RAISED, kiln_licensed, manifest_2026
from tests.stories.steps import SILENCE, Story

COPPER = "304-001-22"
ACID = "900-300-34"
ASH = "772-003-18"
CITY_ASH = "772-002-18"

# 6: medical hours.
_TAKEN: Wire = {"origin_org": HOSPITAL_ORG}
_CLINIC: Wire = {"origin": "330102-CLINIC01", "origin_org": HOSPITAL_ORG}


def _claim(item: int, stage: int) -> Wire:
    return {"exemption_id": f"2021-{item:02d}-{stage}", "condition_met": "15 beds, GB 19217 van"}


BAG: Story = [
    ("2026-11-19 09:00", site_registered(HOSPITAL, "health-facility"), []),
    ("2026-11-20 09:00", stored("BAG", INFECTIOUS, 25, site=HOSPITAL), []),
    ("2026-11-22 08:59", SILENCE, []),
    ("2026-11-22 09:00", SILENCE, [OVER_RAISED]),
]
_STORES: list[Wire] = [
    {"place": "WARM", "place_type": "store", "temperature": "warm"},
    {"place": "COLD", "place_type": "store", "temperature": "cold"},
]
DISPOSER: Story = [
    ("2026-11-01 08:00", kiln_licensed("HW01", at="2026-11-01 08:00"), []),
    ("2026-11-01 09:00", site_registered(KILN, "facility", places=_STORES), []),
    ("2026-11-10 09:00", stored("W", INFECTIOUS, 100, site=KILN, place="WARM"), []),
    ("2026-11-10 09:01", stored("C", INFECTIOUS, 100, site=KILN, place="COLD"), []),
    ("2026-11-11 08:59", SILENCE, []),
    ("2026-11-11 09:00", SILENCE, [OVER_RAISED]),
    ("2026-11-12 21:00", treated(INFECTIOUS, 100, lot="C"), []),
    ("2026-11-12 21:01", treated(INFECTIOUS, 100, lot="W"), [OVER_CLEARED]),
]
CLINICS_VAN: Story = [
    ("2026-11-01 08:00", kiln_licensed("HW01", at="2026-11-01 08:00"), []),
    ("2026-11-20 08:00", generated("V1", INFECTIOUS, 3, site="330102-CLINIC01"), []),
    (
        "2026-11-21 09:00",
        collected(kg=3, exemption=_claim(2, 1), exemptions=[_claim(2, 2)], **_CLINIC),
        [],
    ),
]
_DAILY = limit_set(
    "storage_term",
    0,
    "days",
    scope={"region": "330102", "category": "HW01"},
    effective_from="2026-11-20",
    effective_until="2026-11-30",
    applies_to_stored=True,
)
CLEARED_DAILY: Story = [
    ("2026-11-19 08:00", kiln_licensed("HW01", at="2026-11-19 08:00"), []),
    ("2026-11-19 09:00", site_registered(HOSPITAL, "health-facility"), []),
    ("2026-11-20 08:00", stored("BAG", INFECTIOUS, 25, site=HOSPITAL), []),
    ("2026-11-20 14:00", _DAILY, []),
    ("2026-11-20 23:59", SILENCE, []),
    ("2026-11-21 00:00", SILENCE, [OVER_RAISED]),
    ("2026-11-21 08:00", collected(kg=25, **_TAKEN), [OVER_CLEARED]),
]

# 7: an epidemic.
_WARD, _BOILER = "330602-HOSPITAL02", "330602-BOILER01"
_MEDICAL_PLANT: Wire = {"holder": "330602-MEDICAL01", "holder_org": FACILITY_ORG}
_PLAN = emergency_declared(
    {KILN: 150_000},
    effective_from="2026-11-01",
    effective_until="2026-11-20",
    scope={"region": "3306"},
)


def _fetched(kg: int, site: str, round_id: str) -> Wire:
    return collected(kg=kg, origin=_WARD, origin_org=HOSPITAL_ORG, destination=site, round_id=round_id)


def _burnt(kg: int, site: str) -> Wire:
    return treated(INFECTIOUS, kg, site=site)


EPIDEMIC: Story = [
    (
        "2026-10-01 08:00",
        licence_granted("M1", lines=[scope("HW01", daily_kg="60000")], **_MEDICAL_PLANT),
        [],
    ),
    ("2026-10-31 09:00", generated("A", INFECTIOUS, 40_000, site=_WARD), []),
    ("2026-10-31 12:00", _fetched(40_000, "330602-MEDICAL01", "R1"), []),
    ("2026-10-31 20:00", _burnt(40_000, "330602-MEDICAL01"), []),
    ("2026-11-01 08:00", _PLAN, []),
    (
        "2026-11-02 09:00",
        generated("B", INFECTIOUS, 247_000, site=_WARD),
        ["raised capacity.surge_shortfall"],
    ),
    ("2026-11-02 11:00", _fetched(150_000, KILN, "R2"), []),
    ("2026-11-02 12:00", _fetched(5_000, _BOILER, "R3"), ["raised receipt.unlicensed"]),
    ("2026-11-02 13:00", _fetched(60_000, "330602-MEDICAL01", "R4"), []),
    ("2026-11-02 20:00", _burnt(150_000, KILN), []),
    ("2026-11-02 20:01", _burnt(5_000, _BOILER), []),
    ("2026-11-02 20:02", _burnt(60_000, "330602-MEDICAL01"), []),
    ("2026-11-03 11:00", _fetched(32_000, KILN, "R5"), []),
    ("2026-11-03 20:00", _burnt(32_000, KILN), []),
    ("2026-11-04 00:00", SILENCE, ["cleared capacity.surge_shortfall"]),
    ("2026-11-20 08:00", generated("C", INFECTIOUS, 20_000, site=_WARD), []),
    ("2026-11-20 12:00", _fetched(10_000, KILN, "R6"), []),
    ("2026-11-20 20:00", _burnt(10_000, KILN), []),
    ("2026-11-21 11:00", _fetched(10_000, KILN, "R7"), ["raised receipt.unlicensed"]),
]

# 8: approvals and look-alikes.
_NANJING: Wire = {"destination": "320106-KILN09"}


def _across(no: int, kg: int) -> Wire:
    return departed(manifest_2026(no), SLUDGE, kg, approval_no="A1", **_NANJING)


APPROVAL: Story = [
    (
        "2025-12-01 09:00",
        transfer_approved(code=SLUDGE, valid_from="2025-12-01", valid_until="2026-11-30"),
        [],
    ),
    ("2026-10-31 08:00", kiln_licensed("HW17", at="2026-10-31 08:00"), []),
    ("2026-10-31 09:00", generated("S", SLUDGE, 502_000), []),
    ("2026-11-01 09:00", _across(1, 496_000), []),
    ("2026-11-02 09:00", arrived(manifest_2026(1), **_NANJING), []),
    ("2026-11-02 10:00", refused(manifest_2026(1), SLUDGE, 496_000, **_NANJING), []),
    ("2026-11-04 09:00", returned(manifest_2026(1), SLUDGE, 496_000, **_NANJING), []),
    ("2026-11-28 09:00", _across(2, 6_000), ["raised transfer.over_approval"]),
    ("2026-11-29 09:00", arrived(manifest_2026(2), **_NANJING), []),
]
SUSPENDED: Story = [
    ("2026-01-05 09:00", kiln_licensed("HW17", at="2026-01-05 09:00"), []),
    ("2026-11-14 09:00", accepted(manifest_2026(1), SLUDGE, 10_000), []),
    ("2026-11-14 10:00", licence_ended(ending="suspended", effective_from="2026-11-15"), []),
    ("2026-11-15 09:00", accepted(manifest_2026(2), SLUDGE, 10_000), ["raised receipt.unlicensed"]),
]


def _milk_run() -> Story:
    shops = [(n, f"330106-SHOP{n:02d}") for n in range(1, 9)]
    filled: Story = [
        (f"2026-11-09 09:{n:02d}", generated(f"S{n}", SLUDGE, 200 + n, site=shop), []) for n, shop in shops
    ]
    gone: Story = [
        (f"2026-11-10 09:{n:02d}", departed(manifest_2026(n), SLUDGE, 200 + n, origin=shop, trip_id="M1"), [])
        for n, shop in shops
    ]
    come: Story = [
        (f"2026-11-10 14:{n:02d}", arrived(manifest_2026(n), origin=shop), []) for n, shop in shops
    ]
    taken: Story = [
        (f"2026-11-10 15:{n:02d}", accepted(manifest_2026(n), SLUDGE, 200 + n, origin=shop), [])
        for n, shop in shops
    ]
    ended: Story = [
        (f"2026-11-11 09:{n:02d}", confirmed(manifest_2026(n), origin=shop), []) for n, shop in shops
    ]
    licence = kiln_licensed("HW17", at="2026-11-01 08:00")
    return [("2026-11-01 08:00", licence, []), *filled, *gone, *come, *taken, *ended]


_LANDFILL: Wire = {"destination": "330604-LANDFILL1"}
LOOK_ALIKES: Story = [
    (
        "2026-11-10 09:00",
        accepted(manifest_2026(1), CITY_ASH, 20_000, exemption=_claim(12, 2), **_LANDFILL),
        [],
    ),
    ("2026-11-10 10:00", accepted(manifest_2026(2), ASH, 20_000, **_LANDFILL), ["raised receipt.unlicensed"]),
]

# 9: capacity.
_YEAR_2026: Wire = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}


def _jiangsu_licence() -> Wire:
    return licence_granted("J1", lines=[scope("HW34")], holder="320106-KILN09", holder_org=OTHER_FACILITY_ORG)


def _taken(day: str, no: int, code: str, kg: int, *alerts: str) -> Story:
    return [
        (f"{day} 09:00", accepted(manifest_2026(no), code, kg), list(alerts)),
        (f"{day} 10:00", confirmed(manifest_2026(no)), []),
    ]


SHARED_LICENCE: Story = [
    ("2026-01-05 09:00", kiln_licensed("HW17", "HW22", at="2026-01-05 09:00"), []),
    *_taken("2026-02-01", 1, SLUDGE, 10_000_000),
    *_taken("2026-03-01", 2, COPPER, 8_000_000, "raised licence.nearly_used"),
    *_taken("2026-04-01", 3, SLUDGE, 2_000_000, "raised licence.used_up"),
    *_taken("2026-05-01", 4, COPPER, 4_000_000),
    *_taken("2026-05-02", 5, COPPER, 1, "raised licence.exceeded"),
]
_JIANGSU: Wire = {**_NANJING, "destination_org": OTHER_FACILITY_ORG}
CITY_ACID: Story = [
    ("2026-01-04 09:00", _jiangsu_licence(), []),
    ("2026-01-05 09:00", kiln_licensed("HW34", at="2026-01-05 09:00", tonnes=6_000), []),
    ("2026-01-06 09:00", transfer_approved(code=ACID, kg=5_000_000, **_YEAR_2026), []),
    ("2026-02-01 09:00", generated("ACID", ACID, 120_000_000), ["raised capacity.shortage"]),
    (
        "2026-02-01 10:00",
        treated(ACID, 110_000_000, method="R6", site=PLATER, org=PRODUCER_ORG, own_waste=True),
        ["updated capacity.shortage"],
    ),
    ("2026-03-01 09:00", departed(manifest_2026(1), ACID, 5_000_000, approval_no="A1", **_JIANGSU), []),
    ("2026-03-02 09:00", arrived(manifest_2026(1), **_JIANGSU), []),
    (
        "2026-03-02 10:00",
        accepted(manifest_2026(1), ACID, 5_000_000, **_JIANGSU),
        ["cleared capacity.shortage"],
    ),
    ("2026-03-03 09:00", confirmed(manifest_2026(1), **_JIANGSU), []),
    ("2026-12-31 09:00", SILENCE, []),
]

# 10: corrected, replayed, dated.
_TYPED = accepted(manifest_2026(1), SLUDGE, 125_000)
CORRECTED: Story = [
    ("2026-01-05 09:00", kiln_licensed("HW17", at="2026-01-05 09:00"), []),
    ("2026-03-01 09:00", generated("S", SLUDGE, 12_500), []),
    ("2026-03-02 09:00", departed(manifest_2026(1), SLUDGE, 12_500), []),
    ("2026-03-02 14:00", arrived(manifest_2026(1)), []),
    ("2026-03-02 15:00", _TYPED, ["raised manifest.mass_differs"]),
    ("2026-03-02 16:00", corrected(_TYPED, lines=[line(SLUDGE, 12_500)]), ["cleared manifest.mass_differs"]),
    ("2026-03-03 09:00", confirmed(manifest_2026(1)), []),
]
BEFORE_AND_AFTER: Story = [
    ("2026-08-10 09:00", accepted(manifest_2026(1), SLUDGE, 10_000), ["raised receipt.unlicensed"]),
    ("2026-08-11 09:00", confirmed(manifest_2026(1)), []),
    ("2026-08-20 09:00", accepted(manifest_2026(2), SLUDGE, 10_000), ["raised receipt.unlicensed"]),
    ("2026-08-21 09:00", confirmed(manifest_2026(2)), []),
]

STORIES: dict[str, Story] = {
    "case 6: a bag after two days": BAG,
    "case 6: a disposer's warm store and its cold one": DISPOSER,
    "case 6: a 15-bed clinic's van": CLINICS_VAN,
    "case 6: cleared daily, as is decided in the afternoon": CLEARED_DAILY,
    "case 7: an epidemic and its plan": EPIDEMIC,
    "case 8: more than was approved": APPROVAL,
    "case 8: a destination is suspended": SUSPENDED,
    "case 8: eight manifests on one plate": _milk_run(),
    "case 8: two ashes": LOOK_ALIKES,
    "case 9: one licence for two categories": SHARED_LICENCE,
    "case 9: a city's acid": CITY_ACID,
    "case 10: ten times the mass, corrected": CORRECTED,
    "case 10: unlicensed before the code and under it": BEFORE_AND_AFTER,
}
