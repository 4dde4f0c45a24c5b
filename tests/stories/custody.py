"""Custody 联单: what becomes of a manifest's alerts as its facts come in, late ones and corrected ones too."""

from tests.facts import (
    CARRIER_ORG,
    COLLECTOR,
    COLLECTOR_ORG,
    FACILITY_ORG,
    INFECTIOUS,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    SLUDGE,
    Wire,
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
    metered,
    observed,
    refused,
    returned,
    voided,
    weighed,
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

_TO_OTHER: Wire = {"destination": OTHER_KILN, "destination_org": OTHER_FACILITY_ORG}
_TWO = [{"org": CARRIER_ORG}, {"org": COLLECTOR_ORG}]
_UNNAMED = issued()
_STRANGE_LEG = handed_over()
_FOR_A_GARAGE = issued(reverse_filled=True)
_AS_LOADED = accepted()
_ONE_SHORT = accepted(lines=[line(kg=None, pieces=2)])
_LEFT_LATE = departed()
_WRONG_CITY = issued(manifest_no(1, city="3302"))
_CLINICS_VAN = {"exemption_id": "2021-02-2", "condition_met": "GB 19217 vehicle"}
_NINGBO: Wire = {"origin": "330206-PLATER09"}
_SHAOXING: Wire = {"origin": "330604-PLATER09"}
_CLONED = departed(manifest_no(2, city="3302"), **_NINGBO)


def _milk_run() -> Story:
    """Four stops in one city and four in the next, ten minutes apart, each with its own manifest (MT 16)."""
    stops: list[tuple[int, str, Wire]] = [(n, manifest_no(n), {}) for n in range(1, 5)]
    stops += [(n, manifest_no(n, city="3306"), _SHAOXING) for n in range(5, 9)]
    story: Story = [(day(1, 9, n), departed(no, trip_id="T1", **more), []) for n, no, more in stops]
    story += [(day(1, 15, n), accepted(no, **more), []) for n, no, more in stops]
    return [*story, *[(day(2, 9, n), confirmed(no, **more), []) for n, no, more in stops]]


def _a_stuck_weighbridge() -> Story:
    """Five loads of exactly 180 kg, one of which was read wrongly."""
    weighings = [weighed(manifest_no(n), weighing="weighbridge") for n in range(1, 6)]
    story: Story = [
        (day(1, 9, n), wire, ["raised weight.repeated"] if n == 5 else [])
        for n, wire in enumerate(weighings, start=1)
    ]
    story += [(day(1, 10), corrected(weighings[2], lines=[line(kg=182)]), ["cleared weight.repeated"])]
    for n in range(1, 6):
        story += [(day(1, 11, n), accepted(manifest_no(n), kg=182 if n == 3 else 180), [])]
    return [*story, *[(day(2, 9, n), confirmed(manifest_no(n)), []) for n in range(1, 6)]]


STORIES: dict[str, Story] = {
    "an ordinary load": [
        (day(0), issued(carriers=[{"org": CARRIER_ORG}, {"org": COLLECTOR_ORG}]), []),
        (day(1), departed(), []),
        (day(1, 11), handed_over(), []),
        (day(1, 14), arrived(carrier_org=COLLECTOR_ORG, vehicle="浙A54321"), []),
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
    "handed over to a carrier nobody named": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(1, 11), _STRANGE_LEG, ["raised manifest.carrier_not_named"]),
        (
            day(1, 14),
            corrected(_STRANGE_LEG, withdrawn=True),
            ["cleared manifest.carrier_not_named"],
        ),
        (day(1, 15), arrived(), []),
        (day(1, 16), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "a carrier that the issue forgot to name": [
        (day(0), _UNNAMED, []),
        (day(1), departed(carrier_org=COLLECTOR_ORG), ["raised manifest.carrier_not_named"]),
        (day(1, 12), corrected(_UNNAMED, carriers=_TWO), ["cleared manifest.carrier_not_named"]),
        (day(1, 15), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "the hand-over is stated the day after": [
        (day(0), issued(carriers=_TWO), []),
        (day(1), departed(), []),
        (day(1, 14), arrived(carrier_org=COLLECTOR_ORG), ["raised manifest.handover_broken"]),
        (day(1, 15), accepted(), []),
        (day(2), handed_over(at=day(1, 11)), ["cleared manifest.handover_broken"]),
        (day(3), confirmed(), []),
    ],
    "a refused load that nobody hears of, and that comes back": [
        (day(1), departed(), []),
        (day(1, 15), refused(), []),
        (day(11, 23, 59), SILENCE, []),
        (day(12), SILENCE, ["raised manifest.refused_outstanding"]),
        (day(13), returned(kg=100), ["updated manifest.refused_outstanding"]),
        (day(14), returned(kg=80), ["cleared manifest.refused_outstanding"]),
    ],
    "a refused load goes on to another kiln": [
        (day(1), departed(), []),
        (day(1, 15), refused(), []),
        (day(2), issued(manifest_no(2), onward_of=manifest_no(1), **_TO_OTHER), []),
        (day(3), departed(manifest_no(2), onward_of=manifest_no(1), **_TO_OTHER), []),
        (day(3, 15), accepted(manifest_no(2), **_TO_OTHER), []),
        (day(4), confirmed(manifest_no(2), **_TO_OTHER), []),
        (day(40), SILENCE, []),
    ],
    "back at the origin, and out again under another number": [
        (day(1), departed(), []),
        (day(1, 15), refused(), []),
        (day(3), returned(onward_manifest_no=manifest_no(2)), []),
        (day(4), issued(manifest_no(2), onward_of=manifest_no(1)), []),
        (day(5), departed(manifest_no(2)), []),
        (day(5, 15), accepted(manifest_no(2)), []),
        (day(6), confirmed(manifest_no(2)), []),
        (day(40), SILENCE, []),
    ],
    "paper entered three weeks later": [
        (day(30), issued(at=day(0), on_paper=True), []),
        (day(30), departed(at=day(1)), ["raised manifest.in_transit_too_long"]),
        (
            day(30),
            accepted(at=day(1, 15)),
            ["cleared manifest.in_transit_too_long", "past manifest.paper_late"],
        ),
        (day(31), confirmed(), []),
    ],
    "paper entered the next morning": [
        (day(2), issued(at=day(0), on_paper=True), []),
        (day(2), departed(at=day(1)), []),
        (day(2), accepted(at=day(1, 15)), []),
        (day(40), SILENCE, []),
    ],
    "a weighbridge record that the acceptance does not follow": [
        (day(1), departed(), []),
        (day(1, 14), weighed(kg=150), []),
        (day(1, 15), _AS_LOADED, ["raised manifest.weighed_differs"]),
        (
            day(2),
            corrected(_AS_LOADED, lines=[line(kg=150)]),
            ["cleared manifest.weighed_differs", "raised manifest.mass_differs"],
        ),
        (day(3), confirmed(), []),
    ],
    "estimated in the yard, weighed at the kiln": [
        (day(1), departed(weighing="estimated"), []),
        (day(1, 14), weighed(kg=165, weighing="weighbridge"), []),
        (day(1, 15), accepted(kg=165, weighing="weighbridge"), []),
        (day(3), confirmed(), []),
    ],
    "a box too few, found under a pallet": [
        (day(1), departed(lines=[line(kg=None, pieces=3)]), []),
        (day(1, 15), _ONE_SHORT, ["raised manifest.pieces_differ"]),
        (
            day(2),
            corrected(_ONE_SHORT, lines=[line(kg=None, pieces=3)]),
            ["cleared manifest.pieces_differ"],
        ),
        (day(3), confirmed(), []),
    ],
    "voided when the lorry was long gone": [
        (day(0), issued(), []),
        (day(1), departed(), []),
        (day(1, 12), _MISTAKEN_VOID, ["raised manifest.acts_contradict"]),
        (day(1, 15), accepted(), []),
        (day(2), corrected(_MISTAKEN_VOID, withdrawn=True), ["cleared manifest.acts_contradict"]),
        (day(3), confirmed(), []),
    ],
    "confirmed by mistake, accepted a day later": [
        (day(1), departed(), []),
        (day(1, 15), confirmed(), ["raised manifest.acts_contradict"]),
        (day(2, 15), accepted(), ["cleared manifest.acts_contradict"]),
        (day(40), SILENCE, []),
    ],
    "accepted, it is said, before it left": [
        (day(1), _LEFT_LATE, []),
        (day(1, 15), accepted(at=day(0, 15)), ["raised manifest.acts_contradict"]),
        (
            day(2),
            corrected(_LEFT_LATE, occurred_at="2025-03-03T10:00:00+08:00"),
            ["cleared manifest.acts_contradict"],
        ),
        (day(3), confirmed(), []),
    ],
    "a number of the wrong city": [
        (day(0), _WRONG_CITY, ["raised manifest.number_foreign"]),
        (day(0, 12), corrected(_WRONG_CITY, withdrawn=True), ["cleared manifest.number_foreign"]),
    ],
    "a collector fills in for a garage, and says otherwise by mistake": [
        (day(0), _FOR_A_GARAGE, []),
        (
            day(0, 10),
            corrected(_FOR_A_GARAGE, reverse_filled=False),
            ["raised manifest.issued_by_stranger"],
        ),
        (
            day(0, 11),
            corrected(_FOR_A_GARAGE, day(0, 11), reverse_filled=True),
            ["cleared manifest.issued_by_stranger"],
        ),
        (day(1), departed(), []),
        (day(1, 15), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "a lorry off its route, its lock open, its signal gone, and at last at the gate": [
        (day(1), departed(), []),
        (day(1, 10), observed(observation="off-route"), []),
        (day(1, 10, 30), SILENCE, ["raised manifest.off_route"]),
        (day(1, 11), observed(observation="lock-opened"), ["raised manifest.lock_opened"]),
        (day(1, 11), observed(observation="signal-lost", at=day(1, 11)), []),
        (day(1, 11, 30), SILENCE, ["raised manifest.signal_lost"]),
        (day(1, 12), observed(observation="signal-back"), ["cleared manifest.signal_lost"]),
        (day(1, 12), observed(observation="long-stop"), []),
        (day(1, 14), SILENCE, ["raised manifest.long_stop"]),
        (
            day(1, 16),
            arrived(),
            [
                "cleared manifest.lock_opened",
                "cleared manifest.long_stop",
                "cleared manifest.off_route",
            ],
        ),
        (day(1, 17), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "a tunnel": [
        (day(1), departed(), []),
        (day(1, 10), observed(observation="signal-lost"), []),
        (day(1, 10, 20), observed(observation="signal-back"), []),
        (day(1, 15), accepted(), []),
        (day(3), confirmed(), []),
    ],
    "a clinic's own van, its way claimed exempt": [
        (day(0), issued(code=INFECTIOUS, exemption=_CLINICS_VAN), []),
        (day(1), departed(code=INFECTIOUS, carrier_org=COLLECTOR_ORG), []),
        (day(9), accepted(code=INFECTIOUS), []),
        (day(10), confirmed(), []),
    ],
    "one plate in two cities": [
        (day(1), departed(), []),
        (day(1, 9, 5), _CLONED, ["raised vehicle.two_places"]),
        (day(1, 15), accepted(), []),
        (day(2), corrected(_CLONED, vehicle="浙B99999"), ["cleared vehicle.two_places"]),
        (day(2, 15), accepted(manifest_no(2, city="3302"), **_NINGBO), []),
        (day(3), confirmed(), []),
        (day(3), confirmed(manifest_no(2, city="3302"), **_NINGBO), []),
    ],
    "eight manifests of a milk run on one plate": _milk_run(),
    "a weighbridge that always says the same": _a_stuck_weighbridge(),
    "a pipeline's day, metered at both ends": [
        (day(1, 0, 10), metered(), []),
        (day(1, 8), metered(by="destination", kg=178), []),
        (day(40), SILENCE, []),
    ],
    "a pipeline that loses a tenth on the way": [
        (day(1, 0, 10), metered(), []),
        (day(1, 8), metered(by="destination", kg=162), ["raised pipeline.meters_differ"]),
        (day(2), metered(by="destination", kg=179), ["cleared pipeline.meters_differ"]),
    ],
    "the other meter is read a week later": [
        (day(1, 0, 10), metered(), []),
        (day(6, 0), SILENCE, ["raised pipeline.unmetered"]),
        (day(8), metered(by="destination"), ["cleared pipeline.unmetered"]),
    ],
    "drums that are counted, not weighed": [
        (day(1), departed(lines=[line(kg=None, pieces=3)]), []),
        (day(1, 15), accepted(lines=[line(kg=None, pieces=3)]), []),
        (day(3), confirmed(), []),
    ],
}
