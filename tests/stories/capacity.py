"""Stories of capacity 产能: needs over what is licensed, suspended plants, lapsed licences; and balances that are lawful."""

from typing import Any

from tests.facts import (
    COLLECTOR,
    HOSPITAL,
    INFECTIOUS,
    KILN,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    accepted,
    collected,
    corrected,
    emergency_declared,
    generated,
    licence_ended,
    licence_granted,
    limit_set,
    manifest_no,
    scope,
    treated,
)
from tests.stories.steps import SILENCE, Step, day

RAISED, CLEARED = "raised capacity.shortage", "cleared capacity.shortage"
SHORTFALL = "capacity.surge_shortfall"
_AWAY = "320106-KILN09"
_CLINIC = "330602-HOSPITAL07"
_ACID = "313-001-34"
_TYPED_WRONGLY = generated("A", SLUDGE, 125_000, at=day(1))
_STATED_LATE = generated("B", SLUDGE, 15_000, at=day(20))
_SURGED = generated("B", INFECTIOUS, 247_000, site=_CLINIC, at=day(3))
_ASKED = limit_set("city_shortage", 1000, "permille", scope={"region": "3301", "category": "HW17"}, at=day(0))


def _licence(tonnes: int, *categories: str, **more: str) -> dict[str, object]:
    return licence_granted("L1", lines=[scope(*(categories or ("HW17",)), tonnes=tonnes)], **more)


def _daily(tonnes: int, *, holder: str = OTHER_KILN, no: str = "M1") -> dict[str, object]:
    line = scope("HW01", tonnes=tonnes * 365, daily_kg=str(tonnes * 1000))
    return licence_granted(no, lines=[line], holder=holder)


def _plan(region: str = "3306", tonnes: int = 150, **more: Any) -> dict[str, object]:
    """The kiln takes so many tonnes a day from 5 March on."""
    what: dict[str, Any] = {"scope": {"region": region}, "effective_from": "2025-03-05", **more}
    return emergency_declared({KILN: tonnes * 1000}, **what)


STORIES: dict[str, list[Step]] = {
    "the year's need outgrows the only plant and falls below it as days leave the year": [
        (day(0), _licence(10), []),
        (day(1), generated("A", SLUDGE, 8_000), []),
        (day(10), generated("B", SLUDGE, 4_000), [RAISED]),
        (day(11), generated("C", SLUDGE, 1_000), ["updated capacity.shortage"]),
        (day(365), SILENCE, []),
        (day(366, 0), SILENCE, [CLEARED]),
    ],
    "what is sent to another province relieves the plant": [
        (day(0), _licence(10), []),
        (day(1), generated("A", SLUDGE, 12_000), [RAISED]),
        (day(8), accepted(code=SLUDGE, kg=3_000, destination=_AWAY), [CLEARED]),
    ],
    "waste is brought in beyond what is licensed": [
        (day(0), _licence(10), []),
        (day(1), generated("A", SLUDGE, 6_000), []),
        (day(2), accepted(code=SLUDGE, kg=6_000, origin=_AWAY), [RAISED]),
    ],
    "a plant is suspended for ten days": [
        (day(0), _licence(10), []),
        (day(1), generated("A", SLUDGE, 8_000), []),
        (day(2), licence_ended("L1", "suspended", "2025-03-10", categories=["HW17"]), []),
        (day(7, 0), SILENCE, [RAISED]),
        (day(15), licence_ended("L1", "resumed", "2025-03-20", categories=["HW17"]), []),
        (day(17, 0), SILENCE, [CLEARED]),
    ],
    "the only licence lapses": [
        (day(0), _licence(10, valid_until="2025-03-31"), []),
        (day(1), generated("A", SLUDGE, 8_000), []),
        (day(29, 0), SILENCE, [RAISED]),
        (
            day(60),
            licence_granted("L2", lines=[scope("HW17", tonnes=10)], valid_from="2025-05-02"),
            [CLEARED],
        ),
    ],
    "a mass typed wrongly is a shortage until it is corrected": [
        (day(0), _licence(100), []),
        (day(1), _TYPED_WRONGLY, [RAISED]),
        (day(2), corrected(_TYPED_WRONGLY, mass_kg="12500"), [CLEARED]),
    ],
    "a shortage of last month becomes known when it is over": [
        (day(0), _licence(10), []),
        (day(21), accepted(code=SLUDGE, kg=9_000, destination=_AWAY), []),
        (day(40), _STATED_LATE, ["past capacity.shortage"]),
    ],
    "an epidemic makes 247 t a day where 60 t are licensed and a kiln on the plan takes 150 t": [
        (day(0), _daily(60, holder="330602-MEDICAL01"), []),
        (day(1), generated("A", INFECTIOUS, 40_000, site=_CLINIC), []),
        (day(2), _plan(), []),
        (day(3), _SURGED, [f"raised {SHORTFALL}"]),
        (day(4), generated("C", INFECTIOUS, 210_000, site=_CLINIC), []),
        (day(5, 0), SILENCE, [f"cleared {SHORTFALL}"]),
        (day(5), generated("D", INFECTIOUS, 211_000, site=_CLINIC), [f"regressed {SHORTFALL}"]),
        (
            day(5, 11),
            collected(INFECTIOUS, 1_000, origin=_CLINIC, destination=_AWAY),
            [f"cleared {SHORTFALL}"],
        ),
    ],
    "a day of an emergency is stated late, and then its mass is corrected": [
        (day(0), _daily(60, holder="330602-MEDICAL01"), []),
        (day(2), _plan(), []),
        (day(9), _SURGED, [f"past {SHORTFALL}"]),
        (day(10), corrected(_SURGED, mass_kg="200000"), [f"withdrawn {SHORTFALL}"]),
    ],
    "a province's plan is too small, until a larger one is declared": [
        (day(0), _daily(60), []),
        (day(2), _plan("33", 100), []),
        (day(3), _SURGED, [f"raised {SHORTFALL}"]),
        (day(3, 12), _plan("33", 190, effective_from="2025-03-06", emergency="epidemic-2"), []),
        (day(3, 13), SILENCE, [f"cleared {SHORTFALL}"]),
    ],
    "after the plan's last day the shortfall is over, whatever is made": [
        (day(0), _daily(60), []),
        (day(2), _plan(effective_until="2025-03-06"), []),
        (day(3), _SURGED, [f"raised {SHORTFALL}"]),
        (day(4, 0), SILENCE, [f"cleared {SHORTFALL}"]),
        (day(4), generated("C", INFECTIOUS, 300_000, site=_CLINIC), []),
    ],
    "a policy asks for a city's shortages: what it makes is over what is licensed there until it is sent on": [
        (day(0), _ASKED, []),
        (day(0), _licence(20), []),
        (day(1), generated("A", SLUDGE, 9_000), [RAISED]),
        (day(2), accepted(manifest_no(2), SLUDGE, 8_500), [CLEARED]),
    ],
    "a policy asks for a city's shortages after they came to be, and no longer": [
        (day(0), _licence(20), []),
        (day(1), generated("A", SLUDGE, 9_000), []),
        (day(5), {**_ASKED, "effective_from": "2025-03-06", "effective_until": "2025-03-10"}, []),
        (day(6), SILENCE, [RAISED]),
        (day(8, 0), SILENCE, [CLEARED]),
    ],
    # Lawful, and silent.
    "a plan of another city, and one that holds what is made": [
        (day(0), _daily(60, holder="330602-MEDICAL01"), []),
        (day(2), _plan("3301", 1), []),
        (day(2), _plan("3306", 187), []),
        (day(3), _SURGED, []),
    ],
    "a city asks for its shortages and its own plant is large enough": [
        (day(0), {**_ASKED, "scope": {"region": "33"}}, []),
        (day(0), _licence(9, holder=PLATER), []),
        (day(1), generated("A", SLUDGE, 9_000), []),
    ],
    "a city's acid is recovered where it is made, and what is left is sent out": [
        (day(0), _licence(6_000, "HW34"), []),
        (day(1), treated(_ACID, 110_000_000, site=PLATER, own_waste=True), []),
        (day(1, 11), accepted(code=_ACID, kg=5_000_000, destination=_AWAY), []),
        (day(1, 12), generated("A", _ACID, 120_000_000), []),
    ],
    "what passes through a collector is made once and disposed of once": [
        (day(0), _licence(10), []),
        (day(1), generated("A", SLUDGE, 9_000), []),
        (day(2), collected(SLUDGE, 9_000, origin=HOSPITAL, destination=COLLECTOR), []),
        (day(9), accepted(manifest_no(2), SLUDGE, 9_000, origin=COLLECTOR), []),
    ],
    "one line for two categories serves either": [
        (day(0), _licence(20, "HW17", "HW22"), []),
        (day(1), generated("A", SLUDGE, 18_000), []),
        (day(2), generated("B", "304-001-22", 18_000), []),
    ],
    "a laboratory's bottles in a category that nobody is licensed for": [
        (day(0), generated("A", "900-047-49", 400), []),
        (day(100), generated("B", "900-047-49", 500), []),
    ],
}
