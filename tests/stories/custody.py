"""Custody 联单: what becomes of a manifest's alerts as its facts come in, late ones and corrected ones too."""

from tests.facts import (
    COLLECTOR,
    COLLECTOR_ORG,
    FACILITY_ORG,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    SLUDGE,
    accepted,
    again,
    arrived,
    confirmed,
    corrected,
    correction_approved,
    correction_declined,
    correction_requested,
    departed,
    handed_over,
    issued,
    line,
    manifest_no,
    refused,
    returned,
    voided,
)
from tests.stories.steps import SILENCE, Story, day

_TYPED = accepted(kg=1250)
_MISTAKEN_VOID = voided()
_SECOND = issued(origin=COLLECTOR, origin_org=COLLECTOR_ORG)
_LIGHT = accepted(kg=150)
_TENFOLD = accepted(kg=125_000)  # DOMAIN 11, case 10: 12.5 t typed as 125.
_ASKED = correction_requested(_TENFOLD, FACILITY_ORG, replacement={**_TENFOLD, "lines": [line(kg=12_500)]})
_ASKED_TOO_LITTLE = correction_requested(
    _TENFOLD, FACILITY_ORG, replacement={**_TENFOLD, "lines": [line(kg=11_000)]}, nth=2
)
_DID_NOT_OCCUR = correction_requested(_LIGHT, FACILITY_ORG, reason="did-not-occur")

STORIES: dict[str, Story] = {
    "an ordinary load": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(1, 11), handed_over(), []),
        (day(1, 14), arrived(), []),
        (day(1, 15), accepted(kg=179), []),
        (day(3), confirmed(), []),
        (day(400), SILENCE, []),
    ],
    "a load that vanishes and turns up": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(4, 8, 59), SILENCE, []),
        (day(4), SILENCE, ["raised manifest.in_transit_too_long"]),
        (day(6), arrived(), ["cleared manifest.in_transit_too_long"]),
        (day(6, 10), accepted(), []),
        (day(8), confirmed(), []),
    ],
    "an arrival that was recorded late was in time all the same": [
        (day(1), departed(), []),
        (day(4), SILENCE, ["raised manifest.in_transit_too_long"]),
        (
            day(5),
            arrived(at=day(1, 15)),
            ["cleared manifest.in_transit_too_long", "raised manifest.not_accepted"],
        ),
        (day(5, 10), accepted(at=day(1, 16)), ["cleared manifest.not_accepted"]),
        (day(6), confirmed(), []),
    ],
    "nobody decides about the load at the gate": [
        (day(1), departed(), []),
        (day(1, 14), arrived(), []),
        (day(2, 14), SILENCE, ["raised manifest.not_accepted"]),
        (day(3), refused(), ["cleared manifest.not_accepted"]),
        (day(5), returned(), []),
        (day(100), SILENCE, []),
    ],
    "confirmed on the sixth working day": [
        (day(0), accepted(), []),
        (day(8, 0), SILENCE, ["raised manifest.not_confirmed"]),
        (day(8), confirmed(), ["cleared manifest.not_confirmed"]),
    ],
    "confirmed on the fifth working day, a holiday between": [
        ("2026-09-29 10:00", accepted(), []),
        ("2026-10-12 23:50", confirmed(), []),
        ("2026-12-01", SILENCE, []),
    ],
    "a typing error, corrected": [
        (day(1), departed(kg=125), []),
        (day(1, 15), _TYPED, ["raised manifest.mass_differs"]),
        (day(2), corrected(_TYPED, lines=[line(kg=125)]), ["cleared manifest.mass_differs"]),
        (day(3), confirmed(), []),
    ],
    "a typing error that the payer had built on, corrected by approval": [
        (day(1), departed(kg=12_500), []),
        (day(1, 15), _TENFOLD, ["raised manifest.mass_differs"]),
        (day(2), _ASKED, []),
        (day(3), correction_approved(_ASKED, FACILITY_ORG), ["cleared manifest.mass_differs"]),
        (day(4), confirmed(), []),
        (day(100), SILENCE, []),
    ],
    "a correction declined, then a better one approved": [
        (day(1), departed(kg=12_500), []),
        (day(1, 15), _TENFOLD, ["raised manifest.mass_differs"]),
        (day(2), _ASKED_TOO_LITTLE, []),
        (day(2, 10), correction_declined(_ASKED_TOO_LITTLE, FACILITY_ORG), []),
        (day(3), _ASKED, []),
        (day(3, 10), correction_approved(_ASKED, FACILITY_ORG), ["cleared manifest.mass_differs"]),
        (day(4), corrected(_TENFOLD, day(4), lines=[line(kg=11_000)]), ["regressed manifest.mass_differs"]),
        (day(5), confirmed(), []),
    ],
    "an acceptance that did not occur is withdrawn by approval": [
        (day(1), departed(), []),
        (day(1, 15), _LIGHT, ["raised manifest.mass_differs"]),
        (day(2), _DID_NOT_OCCUR, []),
        (day(2, 10), correction_approved(_DID_NOT_OCCUR, FACILITY_ORG), ["cleared manifest.mass_differs"]),
        (day(3), accepted(kg=180), []),
        (day(4), confirmed(), []),
    ],
    "a correction that was wrong itself": [
        (day(1), departed(), []),
        (day(1, 15), _LIGHT, ["raised manifest.mass_differs"]),
        (day(2), corrected(_LIGHT, lines=[line(kg=180)]), ["cleared manifest.mass_differs"]),
        (day(3), corrected(_LIGHT, day(3), lines=[line(kg=140)]), ["regressed manifest.mass_differs"]),
        (day(4), corrected(_LIGHT, day(4), lines=[line(kg=130)]), ["updated manifest.mass_differs"]),
        (day(5), confirmed(), []),
    ],
    "a part is refused and goes back": [
        (day(1), departed(), []),
        (day(1, 15), refused(kg=60), []),
        (day(1, 15), accepted(kg=120), []),
        (day(3), confirmed(), []),
        (day(4), returned(kg=60), []),
    ],
    "the destination is slow to say what it refused": [
        (day(1), departed(), []),
        (day(1, 15), accepted(kg=120), ["raised manifest.mass_differs"]),
        (day(1, 16), refused(kg=60), ["cleared manifest.mass_differs"]),
        (day(3), confirmed(), []),
    ],
    "the carrier's gate record comes weeks later": [
        (day(1), departed(), []),
        (day(4), SILENCE, ["raised manifest.in_transit_too_long"]),
        (day(5), accepted(at=day(5)), ["cleared manifest.in_transit_too_long"]),
        (day(6), confirmed(), []),
        (
            day(30),
            arrived(at=day(2)),
            ["past manifest.not_accepted", "withdrawn manifest.in_transit_too_long"],
        ),
    ],
    "an acceptance stated twice": [
        (day(1), departed(), []),
        (day(1, 15), accepted(at=day(1, 15)), []),
        (day(1, 16), again(accepted(at=day(1, 15))), []),
        (day(3), confirmed(), []),
    ],
    "one number for two loads": [
        (day(0), issued(), []),
        (day(1), _SECOND, ["raised manifest.number_reused"]),
        (day(2), corrected(_SECOND, withdrawn=True), ["cleared manifest.number_reused"]),
    ],
    "voided and never moved": [
        (day(0), issued(), []),
        (day(1), voided(), []),
        (day(100), SILENCE, []),
    ],
    "a load on a voided manifest": [
        (day(0), issued(), []),
        (day(1), _MISTAKEN_VOID, []),
        (day(2), departed(), ["raised manifest.number_reused"]),
        (day(2, 12), corrected(_MISTAKEN_VOID, withdrawn=True), ["cleared manifest.number_reused"]),
        (day(2, 14), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "delivered to somebody else": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(1, 15), arrived(at_site=OTHER_KILN), ["raised manifest.wrong_receiver"]),
        (
            day(1, 16),
            accepted(receiver=OTHER_KILN, receiver_org=OTHER_FACILITY_ORG),
            ["updated manifest.wrong_receiver"],
        ),
        (day(3), confirmed(), []),
    ],
    "a wrong turn": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(1, 15), arrived(at_site=OTHER_KILN), ["raised manifest.wrong_receiver"]),
        (day(1, 18), arrived(), ["cleared manifest.wrong_receiver"]),
        (day(1, 19), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "a milk run: two manifests on one vehicle": [
        (day(0), departed(manifest_no(1), trip_id="T1"), []),
        (
            day(0),
            departed(manifest_no(2), SLUDGE, origin=COLLECTOR, origin_org=COLLECTOR_ORG, trip_id="T1"),
            [],
        ),
        (day(0, 15), accepted(manifest_no(1)), []),
        (
            day(0, 15),
            accepted(manifest_no(2), SLUDGE, origin=COLLECTOR, origin_org=COLLECTOR_ORG),
            [],
        ),
        (day(1), confirmed(manifest_no(1)), []),
        (day(1), confirmed(manifest_no(2), origin=COLLECTOR, origin_org=COLLECTOR_ORG), []),
    ],
    "drums that are counted, not weighed": [
        (day(1), departed(lines=[line(kg=None, pieces=3)]), []),
        (day(1, 15), accepted(lines=[line(kg=None, pieces=3)]), []),
        (day(3), confirmed(), []),
    ],
}
