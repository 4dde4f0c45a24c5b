"""Stories of capacity 产能: needs over what is licensed, suspended plants, lapsed licences; and balances that are lawful."""

from tests.facts import (
    COLLECTOR,
    HOSPITAL,
    PLATER,
    SLUDGE,
    accepted,
    collected,
    corrected,
    generated,
    licence_ended,
    licence_granted,
    manifest_no,
    scope,
    treated,
)
from tests.stories.steps import SILENCE, Step, day

RAISED, CLEARED = "raised capacity.shortage", "cleared capacity.shortage"
_AWAY = "320106-KILN09"
_ACID = "313-001-34"
_TYPED_WRONGLY = generated("A", SLUDGE, 125_000, at=day(1))
_STATED_LATE = generated("B", SLUDGE, 15_000, at=day(20))


def _licence(tonnes: int, *categories: str, **more: str) -> dict[str, object]:
    return licence_granted("L1", lines=[scope(*(categories or ("HW17",)), tonnes=tonnes)], **more)


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
    # Lawful, and silent.
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
