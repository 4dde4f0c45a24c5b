"""Permits 许可: receipts held against the receiver's licences, and the year's amount as it fills."""

from tests.facts import (
    CARRIER_ORG,
    COLLECTOR,
    COLLECTOR_ORG,
    KILN,
    OTHER_KILN,
    SLUDGE,
    accepted,
    again,
    arrived,
    collected,
    corrected,
    departed,
    emergency_declared,
    fact,
    generated,
    issued,
    licence_changed,
    licence_ended,
    licence_granted,
    line,
    manifest_no,
    plan_filed,
    refused,
    scope,
    site_registered,
    transfer_approved,
)
from tests.stories.steps import SILENCE, Story, day

_CLAIM = {"exemption_id": "2021-12-2", "condition_met": "into the landfill it may go to"}
_SMALL = licence_granted(lines=[scope("HW08", "HW17", tonnes=100)])
_REVOKED = licence_ended(effective_from="2025-03-10")
_FIVE = accepted(manifest_no(3), kg=30_000)

STORIES: dict[str, Story] = {
    "a licensed receiver": [
        (day(0), licence_granted(), []),
        (day(0), site_registered(KILN, "facility"), []),
        (day(1), issued(), []),
        (day(1), departed(), []),
        (day(1, 14), arrived(), []),
        (day(1, 15), accepted(), []),
        (day(400), SILENCE, []),
    ],
    "a receiver without any licence": [
        (day(1, 14), arrived(), []),
        (day(1, 15), accepted(), ["raised receipt.unlicensed"]),
        (day(400), SILENCE, []),
    ],
    "a code that the licence leaves out": [
        (day(0), licence_granted(lines=[scope("HW08", except_codes=["900-249-08"])]), []),
        (day(1), accepted(), ["raised receipt.unlicensed"]),
        (day(2), accepted(manifest_no(2), "900-214-08"), []),
    ],
    "only the codes listed": [
        (day(0), licence_granted(lines=[scope("HW08", only_codes=["900-249-08"])]), []),
        (day(1), accepted(), []),
        (day(2), accepted(manifest_no(2), "900-214-08"), ["raised receipt.unlicensed"]),
    ],
    "a licence that was granted in time and recorded late": [
        (day(1), accepted(), ["raised receipt.unlicensed"]),
        (day(9), licence_granted(), ["cleared receipt.unlicensed"]),
    ],
    "suspended: what came before is right, what comes after is not": [
        (day(0), licence_granted(), []),
        (day(1), accepted(), []),
        (day(7), licence_ended(ending="suspended", effective_from="2025-03-10"), []),
        (day(8), accepted(manifest_no(2)), ["raised receipt.unlicensed"]),
        (day(20), licence_ended(ending="resumed", effective_from="2025-03-23"), []),
        (day(21), accepted(manifest_no(3)), []),
    ],
    "revoked with effect from before a receipt; then the revocation is taken back": [
        (day(0), licence_granted(), []),
        (day(8), accepted(), []),
        (day(20), _REVOKED, ["raised receipt.unlicensed"]),
        (day(30), corrected(_REVOKED, day(30), withdrawn=True), ["cleared receipt.unlicensed"]),
    ],
    "the licence lapsed on the way; arrival decides": [
        (day(0), licence_granted(valid_until="2025-03-10"), []),
        (day(7, 23), arrived(), []),
        (day(8), accepted(), []),
        (day(8), accepted(manifest_no(2)), ["raised receipt.unlicensed"]),
        (day(9), arrived(manifest_no(2), at=day(7, 22)), ["cleared receipt.unlicensed"]),
    ],
    "a changed licence takes in more from its day on": [
        (day(0), licence_granted(lines=[scope("HW17")]), []),
        (day(1), accepted(), ["raised receipt.unlicensed"]),
        (day(2), licence_changed(effective_from="2025-03-10", lines=[scope("HW08", "HW17")]), []),
        (day(8), accepted(manifest_no(2)), []),
    ],
    "a collector's licence covers what it collects": [
        (
            day(0),
            licence_granted(
                holder=COLLECTOR,
                holder_org=COLLECTOR_ORG,
                licence_type="collection",
                lines=[scope("HW08", tonnes=500)],
            ),
            [],
        ),
        (
            day(1),
            collected("900-249-08", destination=COLLECTOR, destination_org=COLLECTOR_ORG),
            [],
        ),
    ],
    "a carrier's licence is none to receive": [
        (day(0), licence_granted(licence_type="transport", holder_org=CARRIER_ORG), []),
        (day(1), accepted(), ["raised receipt.unlicensed"]),
    ],
    "an exemption claimed": [
        (day(1), accepted(manifest_no(1), "772-002-18", exemption=_CLAIM), []),
        (day(2), collected(exemption={"exemption_id": "2021-02-1", "condition_met": "15 beds"}), []),
        (day(3), accepted(manifest_no(2), "772-003-18"), ["raised receipt.unlicensed"]),
    ],
    "a load that was refused": [
        (day(1), arrived(), []),
        (day(1, 12), refused(), []),
    ],
    "a year's amount fills, shared by two categories": [
        (day(0), _SMALL, []),
        (day(1), accepted(manifest_no(1), kg=50_000), []),
        (day(2), accepted(manifest_no(2), SLUDGE, kg=40_000), ["raised licence.nearly_used"]),
        (day(3), accepted(manifest_no(3), kg=10_000), ["raised licence.used_up"]),
        (day(4), accepted(manifest_no(4), kg=20_000), []),
        (day(5), accepted(manifest_no(5), kg="0.001"), ["raised licence.exceeded"]),
        (
            "2026-01-01 00:00",
            SILENCE,
            ["cleared licence.exceeded", "cleared licence.nearly_used", "cleared licence.used_up"],
        ),
        ("2026-01-02 09:00", accepted(manifest_no(6), kg=50_000), []),
    ],
    "an acceptance stated late moves the day on which the amount was reached": [
        (day(0), _SMALL, []),
        (day(10), accepted(manifest_no(1), kg=60_000), []),
        (day(11), accepted(manifest_no(2), kg=30_000), ["raised licence.nearly_used"]),
        (day(12), accepted(manifest_no(3), kg=5_000, at=day(9)), ["updated licence.nearly_used"]),
        (day(13), accepted(manifest_no(4), kg=1_000, at=day(12)), []),
        (
            day(14),
            accepted(manifest_no(5), kg=30_000, at=day(8)),
            ["raised licence.exceeded", "raised licence.used_up", "updated licence.nearly_used"],
        ),
    ],
    "an acceptance corrected downwards": [
        (day(0), _SMALL, []),
        (day(1), accepted(manifest_no(1), kg=65_000), []),
        (day(2), _FIVE, ["raised licence.nearly_used"]),
        (day(3), corrected(_FIVE, lines=[line(kg=3_000)]), ["cleared licence.nearly_used"]),
    ],
    "a larger amount is licensed": [
        (day(0), _SMALL, []),
        (day(1), accepted(manifest_no(1), kg=95_000), ["raised licence.nearly_used"]),
        (day(2), licence_changed(effective_from="2025-03-10", lines=[scope("HW08", tonnes=200)]), []),
        (day(7, 0), SILENCE, ["cleared licence.nearly_used"]),
        (day(8), accepted(manifest_no(2), kg=80_000), []),
        (day(9), accepted(manifest_no(3), kg=5_000), ["regressed licence.nearly_used"]),
    ],
    "the same acceptance stated twice counts once": [
        (day(0), _SMALL, []),
        (day(1), accepted(kg=50_000, at=day(1)), []),
        (day(2), again(accepted(kg=50_000, at=day(1))), []),
    ],
    "taken in at another site than the manifest's: that site's licence counts": [
        (day(0), licence_granted(), []),
        (day(1), accepted(receiver=OTHER_KILN), ["raised receipt.unlicensed"]),
    ],
    "facts that say nothing of a licence": [
        (day(0), transfer_approved(), []),
        (day(0), plan_filed(), []),
        (day(0), generated("L1"), []),
        (day(1), departed(approval_no="A1"), []),
        (
            day(2),
            fact("report-filed.v1", site=KILN, org=COLLECTOR_ORG, period="month", period_from="2025-02-01"),
            [],
        ),
    ],
    "an emergency plan names no one after the fact": [
        (day(0), emergency_declared({OTHER_KILN: 5_000}), []),
        (day(1), accepted(), ["raised receipt.unlicensed"]),
    ],
}
