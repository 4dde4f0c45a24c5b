"""Stories of storage 贮存: forgotten drums, relabelled sludge, extensions, bags, books below zero; and what is lawful."""

from tests.facts import (
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    SLUDGE,
    accepted,
    collected,
    corrected,
    counted,
    departed,
    extension_granted,
    generated,
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
from tests.stories.steps import SILENCE, Step, day

DUE_RAISED, DUE_CLEARED = "raised storage.due_soon", "cleared storage.due_soon"
OVER_RAISED, OVER_CLEARED = "raised storage.over_limit", "cleared storage.over_limit"
BELOW_RAISED, BELOW_CLEARED = "raised storage.below_zero", "cleared storage.below_zero"
_WRONG = departed(manifest_no(2), kg=1800, lot="B", at=day(2))

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
    # Lawful, and silent.
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
