"""Stories of storage 贮存: forgotten drums, relabelled sludge, extensions, bags, books below zero; and what is lawful."""

from models.exact import format_instant
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
    extension_refused,
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
_RIGHT = [{"lot": "B", "waste_code": OIL, "mass_kg": "3000"}]
_TOO_MUCH = repacked({"A": 3_000}, {"B": 5_000}, at=day(1))
_STORES = [
    {"place": "HALL", "place_type": "store", "temperature": "warm"},
    {"place": "FRIDGE", "place_type": "store", "temperature": "cold"},
]

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
        (
            day(370),
            stock_taken([counted(kg=0, lot="B")]),
            ["raised storage.count_differs", "updated storage.over_limit"],
        ),
    ],
    "opening stock of which nobody says since when, until they do": [
        (day(0), stored("OLD", SLUDGE, 900, opening=True), ["raised storage.age_unknown"]),
        (
            day(20),
            stored("OLD", SLUDGE, 900, opening=True, stored_since=format_instant(day(-340))),
            ["cleared storage.age_unknown", DUE_RAISED],
        ),
        (day(26, 0), SILENCE, [DUE_CLEARED, OVER_RAISED]),
        (day(27), departed(code=SLUDGE, kg=900, lot="OLD"), [OVER_CLEARED]),
    ],
    "old stock under a new label is of unknown age as before": [
        (day(0), stored("OLD", kg=90, opening=True), ["raised storage.age_unknown"]),
        (
            day(9),
            stored("NEW", kg=90, parents=["OLD"]),
            ["cleared storage.age_unknown", "raised storage.age_unknown"],
        ),
        (day(12), departed(kg=90, lot="NEW"), ["cleared storage.age_unknown"]),
    ],
    "a count that finds a tenth missing, and one that agrees": [
        (day(0), stored("A", kg=1_000), []),
        (day(30), stock_taken([counted(kg=900)]), ["raised storage.count_differs"]),
        (day(60), stock_taken([counted(kg=899)]), ["cleared storage.count_differs"]),
    ],
    "a count differs only until what was forgotten is stated": [
        (day(0), stored("A", kg=1_000), []),
        (day(30), stock_taken([counted(kg=1_200)]), ["raised storage.count_differs"]),
        (day(31), generated("B", kg=200, at=day(20)), ["cleared storage.count_differs"]),
    ],
    "a storage point with more than three tonnes of two wastes": [
        (day(0), site_registered(places=[{"place": "P1", "place_type": "point"}]), []),
        (day(1), stored("A", kg=2_000, place="P1"), []),
        (day(2), stored("B", SLUDGE, 1_200, place="P1"), ["raised storage.point_overfull"]),
        (day(3), departed(kg=500, lot="A"), ["cleared storage.point_overfull"]),
    ],
    "a storage point was too full last week, as is told today": [
        (day(0), site_registered(places=[{"place": "P1", "place_type": "point"}]), []),
        (day(1), stored("A", kg=2_000, place="P1"), []),
        (day(4), departed(kg=2_000, lot="A"), []),
        (day(9), generated("B", SLUDGE, 1_200, place="P1", at=day(2)), ["past storage.point_overfull"]),
    ],
    "three tonnes become five in repacking, a slip of the keyboard": [
        (day(0), stored("A", kg=3_000), []),
        (day(1), _TOO_MUCH, ["raised storage.repack_differs"]),
        (day(2), corrected(_TOO_MUCH, outputs=_RIGHT), ["cleared storage.repack_differs"]),
    ],
    "stored under a new code before anybody states what it came from": [
        (day(1), stored("RK", kg=300, parents=["CS"]), ["raised storage.repack_differs"]),
        (day(2), generated("CS", kg=300, at=day(0)), ["cleared storage.repack_differs"]),
    ],
    "a bag in a warm store and a bag in a cold one": [
        (day(0), site_registered(KILN, "facility", places=_STORES), []),
        (day(1), stored("WARM", INFECTIOUS, 12, site=KILN, place="HALL"), []),
        (day(1), stored("COLD", INFECTIOUS, 12, site=KILN, place="FRIDGE"), []),
        (day(2), SILENCE, [OVER_RAISED]),
        (day(2, 12), treated(lines=[line(INFECTIOUS, 12, lot="WARM", method="Y10")]), [OVER_CLEARED]),
        (day(3, 21), treated(lines=[line(INFECTIOUS, 12, lot="COLD", method="Y10")]), []),
        (day(30), SILENCE, []),
    ],
    "an extension runs out": [
        (day(0), stored("B", kg=180), []),
        (day(300), extension_granted("2026-06-01", lot="B"), []),
        (instant("2026-05-02"), SILENCE, [DUE_RAISED]),
        (instant("2026-06-02"), SILENCE, [DUE_CLEARED, OVER_RAISED]),
        (instant("2026-06-03 09:00"), departed(lot="B"), [OVER_CLEARED]),
    ],
    "an extension is refused, and the term stays": [
        (day(0), stored("B", kg=180), []),
        (day(340), extension_refused(lot="B"), [DUE_RAISED, "updated storage.due_soon"]),
        (day(366, 0), SILENCE, [DUE_CLEARED, OVER_RAISED]),
    ],
    "the drums of a cycle of lots grow old together": [
        (day(0), generated("A", kg=10), []),
        (day(100), stored("B", kg=10, parents=["A"]), []),
        (day(200), stored("A", kg=10, parents=["B"]), []),
        (day(366, 0), SILENCE, [DUE_RAISED, DUE_CLEARED, OVER_RAISED]),
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
        (
            day(30),
            stock_taken([counted(kg=30_000)], site=KILN),
            ["raised intake.unaccounted", "raised storage.count_differs"],
        ),
        (
            day(60),
            stock_taken([counted(kg=39_000)], site=KILN),
            ["cleared intake.unaccounted", "updated storage.count_differs"],
        ),
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
    "a count within the tolerance of what was taken in, and not of what should be there": [
        (day(0), site_registered(KILN, "facility"), []),
        (day(1), accepted(kg=100_000), []),
        (day(2), treated(kg=60_000), []),
        (day(30), stock_taken([counted(kg=35_000)], site=KILN), ["raised storage.count_differs"]),
    ],
    "sent out under a code of its own that points at the released batch": [
        (day(0), generated("CS", kg=10), []),
        (day(1), released("CK", kg=10, parents=["CS"]), []),
        (day(2), departed(lines=[line(OIL, 10, lot="WW", parents=["CK"])]), []),
        (day(800), SILENCE, []),
    ],
    "a point that holds three tonnes to the gram, and a store that holds thirty": [
        (
            day(0),
            site_registered(
                places=[{"place": "P1", "place_type": "point"}, {"place": "S1", "place_type": "store"}]
            ),
            [],
        ),
        (day(1), stored("A", kg=3_000, place="P1"), []),
        (day(1), stored("B", kg=30_000, place="S1"), []),
        (day(9), departed(kg=33_000), []),
        (day(800), SILENCE, []),
    ],
    "a count within the tolerance sets the books and is no news": [
        (day(0), stored("A", kg=1_000), []),
        (day(30), stock_taken([counted(kg=985)]), []),
        (day(40), departed(kg=985, lot="A"), []),
        (day(800), SILENCE, []),
    ],
    "opening stock with its date": [
        (day(0), stored("A", kg=50, opening=True, stored_since=format_instant(day(-100))), []),
        (day(200), departed(kg=50, lot="A"), []),
        (day(800), SILENCE, []),
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
