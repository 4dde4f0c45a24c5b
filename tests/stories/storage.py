"""Stories of storage 贮存: forgotten drums, relabelled sludge, extensions, bags, books below zero; and what is lawful."""

from tests.facts import (
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    accepted,
    activity,
    campaign_opened,
    collected,
    collection_missed,
    corrected,
    counted,
    departed,
    extension_granted,
    generated,
    limit_set,
    line,
    manifest_no,
    released,
    repacked,
    returned,
    site_registered,
    stock_taken,
    stored,
    treated,
)
from tests.stories.steps import SILENCE, Step, Wire, day, instant

DUE_RAISED, DUE_CLEARED = "raised storage.due_soon", "cleared storage.due_soon"
OVER_RAISED, OVER_CLEARED = "raised storage.over_limit", "cleared storage.over_limit"
BELOW_RAISED, BELOW_CLEARED = "raised storage.below_zero", "cleared storage.below_zero"
_WRONG = departed(manifest_no(2), kg=1800, lot="B", at=day(2))

_RELABELLED = [OVER_CLEARED, OVER_RAISED, "cleared campaign.not_cleared", "raised campaign.not_cleared"]
_BURNT = treated(
    kg=100_000, residues=[{"lot": "ASH", "waste_code": "772-003-18", "mass_kg": "5000"}], at=day(2)
)
_REPORTED = {
    month: instant(f"{month[:5]}{int(month[5:]) + 1:02d}-05 09:00")
    for month in ("2025-04", "2025-05", "2025-06", "2025-07", "2025-08")
}


def kwh(since: str, until: str, amount: int = 10_000) -> Wire:
    """A plater's electricity."""
    more = {"site": PLATER, "org": PRODUCER_ORG, "destination_org": None}
    return activity(amount, "kwh", period_from=since, period_until=until, **more)


_MONTHS: list[Step] = [
    (day(40), generated("APR", SLUDGE, 1000), []),
    (_REPORTED["2025-04"], kwh("2025-04-01", "2025-05-01"), []),
    (day(70), generated("MAY", SLUDGE, 1100), []),
    (_REPORTED["2025-05"], kwh("2025-05-01", "2025-06-01"), []),
    (day(100), generated("JUN", SLUDGE, 900), []),
    (_REPORTED["2025-06"], kwh("2025-06-01", "2025-07-01"), []),
]

STORIES: dict[str, list[Step]] = {
    "a drum forgotten for a year": [
        (day(0), stored("HWCS20250303001", kg=180), []),
        (day(335, 0), SILENCE, [DUE_RAISED]),
        (day(365), SILENCE, []),
        (day(366, 0), SILENCE, [DUE_CLEARED, OVER_RAISED]),
        (day(370), departed(lot="HWCS20250303001"), [OVER_CLEARED]),
    ],
    "half of an over-term lot leaves and the rest with it later": [
        (day(0), stored("B", kg=180), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (day(370), departed(kg=100), ["updated storage.over_limit"]),
        (day(375), departed(manifest_no(2), kg=80), [OVER_CLEARED]),
    ],
    "an old drum is stated only after it left": [
        (day(400), departed(lot="B", at=day(380)), [BELOW_RAISED]),
        (
            day(401),
            stored("B", at=day(0)),
            [BELOW_CLEARED, "past storage.due_soon", "past storage.over_limit"],
        ),
    ],
    "relabelling restarts no clock": [
        (day(0), generated("OLD", SLUDGE, 12_400), []),
        (day(335, 0), SILENCE, [DUE_RAISED]),
        (day(355), stored("NEW", SLUDGE, 12_400, parents=["OLD"]), [DUE_CLEARED, DUE_RAISED]),
        (day(356), generated("FRESH", SLUDGE, 3_000), []),
        (day(366, 0), SILENCE, [DUE_CLEARED, OVER_RAISED]),
        (day(370), departed(code=SLUDGE, kg=12_400, lot="NEW"), [OVER_CLEARED]),
    ],
    "a merged lot is as old as its oldest part": [
        (day(0), stored("A", kg=10), []),
        (day(200), stored("B", kg=10), []),
        (day(300), repacked({"A": 10, "B": 10}, {"C": 20}), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
    ],
    "an extension recorded after the term clears what it would have prevented": [
        (day(0), site_registered(KILN, "facility"), []),
        (day(1), stored("B", kg=40_000, site=KILN), []),
        (day(367, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (
            day(395),
            extension_granted("2026-09-01", site=KILN, at=day(350)),
            ["updated storage.due_soon", OVER_CLEARED],
        ),
        (day(517, 0), SILENCE, ["regressed storage.due_soon"]),
        (day(548, 0), SILENCE, [DUE_CLEARED, "regressed storage.over_limit"]),
    ],
    "a bag waits for a round that does not come": [
        (day(0), site_registered(HOSPITAL, "health-facility"), []),
        (day(1), generated("BAG", INFECTIOUS, None, pieces=3, site=HOSPITAL), []),
        (day(3, 9), SILENCE, [OVER_RAISED]),
        (day(4), collected(lines=[line(INFECTIOUS, 12)]), [OVER_CLEARED]),
    ],
    "more is treated than was ever taken in": [
        (day(0), accepted(kg=100), []),
        (day(1), treated(kg=130), [BELOW_RAISED]),
        (day(2), accepted(manifest_no(2), kg=100), [BELOW_CLEARED]),
    ],
    "a mass typed wrongly takes the books below zero until it is corrected": [
        (day(0), stored("B", kg=180), []),
        (day(2), _WRONG, [BELOW_RAISED]),
        (day(3), corrected(_WRONG, lines=[line(OIL, 180, lot="B")]), [BELOW_CLEARED]),
    ],
    "a refused load comes back over its term": [
        (day(0), stored("B", kg=180), []),
        (day(364), departed(lot="B"), [DUE_RAISED, DUE_CLEARED]),
        (day(368), returned(), [OVER_RAISED]),
        (day(372), departed(manifest_no(2)), [OVER_CLEARED]),
    ],
    "a count does not clear what is over its term": [
        (day(0), stored("B", kg=180), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (day(370), stock_taken([counted(kg=0, lot="B")]), ["updated storage.over_limit"]),
    ],
    "what a campaign found over its term is there after the target day": [
        (day(0), stored("B", kg=180), []),
        (day(100), stored("YOUNG", kg=20), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (day(400), campaign_opened("zero", "2026-05-31", effective_from="2026-04-07", look_back_days=90), []),
        (day(454), SILENCE, [DUE_RAISED]),
        (day(455, 0), SILENCE, ["raised campaign.not_cleared"]),
        (day(456), departed(kg=80, lot="B"), ["updated storage.over_limit", "updated campaign.not_cleared"]),
        (day(457), repacked({"B": 100}, {"C": 100}), _RELABELLED),
        (day(460), departed(manifest_no(2), kg=100, lot="C"), [OVER_CLEARED, "cleared campaign.not_cleared"]),
        (day(466, 0), SILENCE, [DUE_CLEARED, OVER_RAISED]),
    ],
    "a campaign gives a city a target of its own, and nobody meets it": [
        (day(0), stored("B", kg=180), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (
            day(400),
            campaign_opened(
                "zero",
                "2026-12-31",
                effective_from="2026-04-07",
                targets=[{"region": "3301", "target_day": "2026-04-30"}],
            ),
            [],
        ),
        (day(424, 0), SILENCE, ["raised campaign.not_cleared"]),
        (day(430), departed(lot="B", at=day(420)), [OVER_CLEARED, "cleared campaign.not_cleared"]),
    ],
    "a clinic is forgotten by its round for a week": [
        (day(0), site_registered(HOSPITAL, "health-facility"), []),
        (day(1), generated("B", OIL, 5, site=HOSPITAL), []),
        (day(5), collection_missed(), []),
        (day(9, 0), SILENCE, ["raised collection.overdue"]),
        (day(10), collection_missed(reason="truck broke down"), []),
        (day(11), collected(OIL, 5), ["cleared collection.overdue"]),
    ],
    "a region has its small sources visited monthly, whatever they state": [
        (day(0), limit_set("coverage_interval", 30, "days", scope={"region": "3301"}), []),
        (day(1), site_registered(PLATER, producer_class="registered"), []),
        (day(32, 0), SILENCE, ["raised collection.overdue"]),
        (day(40), departed(kg=1), ["cleared collection.overdue", BELOW_RAISED]),
    ],
    "a plater's sludge falls silent while its meter runs": [
        *_MONTHS,
        (day(140), generated("JUL", SLUDGE, 100), []),
        (_REPORTED["2025-07"], kwh("2025-07-01", "2025-08-01"), ["raised generation.silent"]),
        (day(170), generated("AUG", SLUDGE, 900), []),
        (_REPORTED["2025-08"], kwh("2025-08-01", "2025-09-01"), ["cleared generation.silent"]),
    ],
    "sludge that was only stated late was no silence": [
        *_MONTHS,
        (_REPORTED["2025-07"], kwh("2025-07-01", "2025-08-01"), ["raised generation.silent"]),
        (day(157), generated("JUL", SLUDGE, 1000, at=day(140)), ["cleared generation.silent"]),
    ],
    "a count finds that a tenth of what was taken in is nowhere, and later where it is": [
        (day(0), site_registered(KILN, "facility"), []),
        (day(1), accepted(kg=100_000), []),
        (day(2), treated(kg=60_000), []),
        (day(30), stock_taken([counted(kg=30_000)], site=KILN), ["raised intake.unaccounted"]),
        (day(60), stock_taken([counted(kg=39_000)], site=KILN), ["cleared intake.unaccounted"]),
    ],
    "an incinerator states too little ash for what it burnt, until it corrects a month": [
        (day(0), limit_set("residue_least", 100, "permille", scope={"role": "facility"}), []),
        (day(0, 10), site_registered(KILN, "facility"), []),
        (day(1), accepted(kg=100_000), []),
        (day(2), _BURNT, []),
        (day(29, 0), SILENCE, ["raised residue.out_of_range"]),
        (
            day(35),
            corrected(_BURNT, residues=[{"lot": "ASH", "waste_code": "772-003-18", "mass_kg": "10000"}]),
            ["cleared residue.out_of_range"],
        ),
    ],
    # Lawful, and silent.
    "a campaign's list cleared on the target day": [
        (day(0), stored("B", kg=180), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
        (day(400), campaign_opened("zero", "2026-05-31", effective_from="2026-04-07"), []),
        (day(454, 23), departed(lot="B"), [OVER_CLEARED]),
        (day(800), SILENCE, []),
    ],
    "a clinic that makes nothing, and one without manifests that treats on the spot": [
        (day(0), site_registered(HOSPITAL, "health-facility"), []),
        (day(100), generated("B", OIL, 5, site=HOSPITAL), []),
        (day(106), treated(OIL, 5, site=HOSPITAL, org=HOSPITAL_ORG, own_waste=True), []),
        (day(300), SILENCE, []),
    ],
    "less waste with less work, and a month without any": [
        *_MONTHS,
        (day(140), generated("JUL", SLUDGE, 250), []),
        (_REPORTED["2025-07"], kwh("2025-07-01", "2025-08-01", 2_500), []),
        (_REPORTED["2025-08"], kwh("2025-08-01", "2025-09-01", 0), []),
    ],
    "a count within the tolerance": [
        (day(0), site_registered(KILN, "facility"), []),
        (day(1), accepted(kg=100_000), []),
        (day(2), treated(kg=60_000), []),
        (day(30), stock_taken([counted(kg=35_000)], site=KILN), []),
    ],
    "shipped on the last day but one before it is due soon": [
        (day(0), stored("B"), []),
        (day(334), departed(lot="B"), []),
        (day(800), SILENCE, []),
    ],
    "made, stored, released and shipped under four batch codes": [
        (day(0), generated("CS", kg=10), []),
        (day(1), stored("RK", kg=10, parents=["CS"]), []),
        (day(2), released("CK", kg=10, parents=["RK"]), []),
        (day(3), departed(kg=10, lot="CK"), []),
        (day(800), SILENCE, []),
    ],
    "unnamed loads leave oldest first, so that nothing grows old": [
        (day(0), stored("A", kg=10), []),
        (day(200), stored("B", kg=10), []),
        (day(300), departed(kg=10), []),
        (day(400), departed(manifest_no(2), kg=10), []),
        (day(800), SILENCE, []),
    ],
    "generation stated a day late, before anything was drawn from it": [
        (day(1), stored("A", kg=10), []),
        (day(2), generated("B", kg=10, at=day(0)), []),
        (day(3), departed(kg=20), []),
        (day(800), SILENCE, []),
    ],
    "bags fetched every second day": [
        (day(0), site_registered(HOSPITAL, "health-facility"), []),
        (day(0), site_registered(KILN, "facility"), []),
        (day(1, 15), generated("BAG1", INFECTIOUS, 10, site=HOSPITAL), []),
        (day(3, 9), collected(INFECTIOUS, 10), []),
        (day(3, 15), generated("BAG2", INFECTIOUS, 12, site=HOSPITAL), []),
        (day(5, 9), collected(INFECTIOUS, 12, round_id="R2"), []),
        (day(5, 10), treated(INFECTIOUS, 22), []),
        (day(100), SILENCE, []),
    ],
    "an acceptance in one year's time is another holder's clock": [
        (day(0), stored("B", site=PLATER), []),
        (day(300), departed(lot="B"), []),
        (day(301), accepted(), []),
        (day(400), treated(), []),
        (day(900), SILENCE, []),
    ],
}
