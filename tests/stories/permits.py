"""Permits 许可: receipts held against the receiver's licences, and the year's amount as it fills."""

from typing import Any

from tests.facts import (
    CARRIER_ORG,
    COLLECTOR,
    COLLECTOR_ORG,
    HOSPITAL,
    KILN,
    OTHER_KILN,
    SLUDGE,
    Wire,
    accepted,
    again,
    arrived,
    collected,
    corrected,
    departed,
    emergency_declared,
    fact,
    generated,
    handed_over,
    insured,
    issued,
    licence_changed,
    licence_ended,
    licence_granted,
    line,
    manifest_no,
    plan_filed,
    refused,
    report_filed,
    scope,
    site_registered,
    transfer_applied,
    transfer_approved,
    transfer_examined,
)
from tests.stories.steps import SILENCE, Story, day

_CLAIM = {"exemption_id": "2021-12-2", "condition_met": "into the landfill it may go to"}
_SMALL = licence_granted(lines=[scope("HW08", "HW17", tonnes=100)])
_REVOKED = licence_ended(effective_from="2025-03-10")
_FIVE = accepted(manifest_no(3), kg=30_000)

_ITEM_13 = {"exemption_id": "2021-13-1", "condition_met": "ash of a medical-waste incinerator"}
_JIANGSU = "320106-KILN09"


def _way(item: str) -> Wire:
    return {"exemption_id": item, "condition_met": "as the annex asks"}


def _clinic(row: int) -> Wire:
    return {"exemption_id": f"2021-02-{row}", "condition_met": "15 beds"}


def _approved() -> Wire:
    return transfer_approved("A8", kg=500_000, valid_from="2025-12-01", valid_until="2026-11-30")


def _across(n: int, kg: int, code: str = "900-249-08", **more: Any) -> Wire:
    """A departure for Jiangsu, under approval A8 unless told otherwise."""
    return departed(manifest_no(n), code, kg, **{"destination": _JIANGSU, "approval_no": "A8", **more})


def _received(n: int, method: str) -> Wire:
    lines = [line(kg=10_000, method=method)]
    return accepted(manifest_no(n), lines=lines, destination=_JIANGSU, approval_no="A1")


def _road(no: str, valid_from: str, valid_until: str, **more: Any) -> Wire:
    """A carrier's transport licence."""
    term = {"valid_from": valid_from, "valid_until": valid_until, "licence_type": "transport"}
    return licence_granted(no, **{"holder_org": CARRIER_ORG, **term, **more})


_UNCLAIMED = _across(1, 10_000, approval_no=None)
_THIRD = _across(3, 6_000)
_LATE_LOAD = accepted(manifest_no(3), "841-001-01", "0.001")

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
    # Case 8 of DOMAIN 11, and the rest of what crosses provinces
    "case 8: 500 t approved, 496 t used; 6 t more are over the cap, on that manifest only": [
        ("2025-12-20 09:00", _approved(), []),
        ("2026-03-02 09:00", _across(1, 300_000), []),
        ("2026-06-01 09:00", _across(2, 196_000), []),
        ("2026-11-28 09:00", _THIRD, ["raised transfer.over_approval"]),
        ("2026-11-29 09:00", corrected(_THIRD, lines=[line(kg=4_000)]), ["cleared transfer.over_approval"]),
    ],
    "case 8: the destination is suspended on 11-15; what arrives later alerts": [
        ("2026-01-05 09:00", licence_granted(), []),
        ("2026-11-14 09:00", accepted(manifest_no(1)), []),
        ("2026-11-15 08:00", licence_ended(ending="suspended", effective_from="2026-11-15"), []),
        ("2026-11-15 09:00", accepted(manifest_no(2)), ["raised receipt.unlicensed"]),
    ],
    "case 8: ash of a hazardous-waste incinerator is not that of the item claimed": [
        (day(1), accepted(manifest_no(1), "772-002-18", exemption=_CLAIM), []),
        (day(2), accepted(manifest_no(2), "772-003-18", exemption=_CLAIM), ["raised receipt.unlicensed"]),
        (day(3), accepted(manifest_no(3), "772-003-18", exemption=_ITEM_13), []),
        (day(4), accepted(manifest_no(4), "772-003-18"), ["raised receipt.unlicensed"]),
    ],
    "case 6: a 15-bed clinic's van claims collection and transport": [
        (day(1), collected(exemption=_clinic(1), exemptions=[_clinic(2)]), []),
        (day(2), collected(exemption=_clinic(2), round_id="R2"), ["raised receipt.unlicensed"]),
    ],
    "case 8: eight milk-run manifests on one plate": [
        *[(day(1, 9, n), departed(manifest_no(n), trip_id="M1"), []) for n in range(1, 9)],
    ],
    "an approval's term: twelve months at most, and no longer than the destination's licence": [
        (
            day(0),
            transfer_approved(valid_from="2025-03-01", valid_until="2026-12-31", licence_until="2025-08-31"),
            [],
        ),
        ("2025-08-31 23:59", _across(1, 10_000, approval_no="A1"), []),
        ("2025-09-01 00:00", _across(2, 10_000, approval_no="A1"), ["raised transfer.unapproved"]),
        ("2025-09-02 00:00", transfer_approved("A2", valid_from="2025-03-01", valid_until="2026-12-31"), []),
        ("2026-02-28 23:59", _across(3, 10_000, approval_no="A2"), []),
        ("2026-03-01 00:00", _across(4, 10_000, approval_no="A2"), ["raised transfer.unapproved"]),
    ],
    "out of the province without any approval; the number was left out": [
        (day(1), _UNCLAIMED, ["raised transfer.unapproved"]),
        (
            day(2),
            corrected(_UNCLAIMED, approval_no="A1"),
            ["cleared transfer.unapproved", "raised transfer.unapproved"],
        ),
        (day(3), transfer_approved(), ["cleared transfer.unapproved"]),
    ],
    "out of the province, exempt on the way": [
        (day(1), _across(1, 10_000, "900-052-31", approval_no=None, exemptions=[_way("2021-18-1")]), []),
        (
            day(2),
            _across(2, 10_000, "900-052-31", approval_no=None, exemptions=[_way("2021-12-2")]),
            ["raised transfer.unapproved"],
        ),
    ],
    "another code, then another destination than approved": [
        (day(0), transfer_approved(), []),
        (day(1), _across(1, 10_000, SLUDGE, approval_no="A1"), ["raised transfer.unapproved"]),
        (
            day(2),
            _across(2, 10_000, approval_no="A1", destination="320506-KILN07"),
            ["raised transfer.unapproved"],
        ),
        (day(3), _across(3, 10_000, approval_no="A1"), []),
    ],
    "another way of treatment than approved is seen when it is accepted": [
        (day(0), licence_granted(holder=_JIANGSU), []),
        (day(0), transfer_approved(method="D10"), []),
        (day(1), _across(1, 10_000, approval_no="A1"), []),
        (day(2), _received(1, "D10"), []),
        (day(3), _across(2, 10_000, approval_no="A1"), []),
        (day(4), _received(2, "R15"), ["raised transfer.unapproved"]),
    ],
    "an application examined in time": [
        ("2026-09-01 09:00", transfer_applied(), []),
        ("2026-09-02 09:00", transfer_examined("accepted"), []),
        ("2026-09-09 17:00", transfer_examined("opinion"), []),
        ("2026-09-22 17:00", transfer_examined("reply"), []),
        ("2026-09-30 17:00", transfer_approved("A9", application_no="S1"), []),
        ("2027-09-30 17:00", SILENCE, []),
    ],
    "an application on which every step is late": [
        ("2026-09-01 09:00", transfer_applied(), []),
        ("2026-09-09 00:00", SILENCE, ["raised transfer.step_overdue"]),
        ("2026-09-09 09:00", transfer_examined("opinion"), ["cleared transfer.step_overdue"]),
        ("2026-09-22 23:59", SILENCE, []),
        ("2026-09-23 00:00", SILENCE, ["regressed transfer.step_overdue"]),
        ("2026-09-23 10:00", transfer_examined("reply", agrees=False), ["cleared transfer.step_overdue"]),
        ("2026-10-08 23:59", SILENCE, []),
        ("2026-10-09 00:00", SILENCE, ["regressed transfer.step_overdue"]),
        ("2026-10-09 09:00", transfer_examined("declined"), ["cleared transfer.step_overdue"]),
    ],
    "an incomplete file stops the clock until it is supplemented": [
        ("2026-09-01 09:00", transfer_applied(), []),
        ("2026-09-03 09:00", transfer_examined("incomplete"), []),
        ("2026-09-28 09:00", transfer_examined("supplemented"), []),
        ("2026-10-12 00:00", SILENCE, ["raised transfer.step_overdue"]),
        ("2026-10-13 09:00", transfer_examined("withdrawn"), ["cleared transfer.step_overdue"]),
    ],
    # Carriers
    "a carrier of whose licences nothing is known": [(day(1), departed(), []), (day(400), SILENCE, [])],
    "a carrier's licence ran out, and was renewed": [
        (day(0), _road("Y1", "2025-01-01", "2025-03-10"), []),
        (day(7), departed(manifest_no(1)), []),
        (day(8), departed(manifest_no(2)), ["raised carrier.unlicensed"]),
        (day(9), _road("Y2", "2025-03-10", "2029-03-09"), ["cleared carrier.unlicensed"]),
        (day(10), departed(manifest_no(3)), []),
    ],
    "a manifest states a licence that the carrier does not have": [
        (day(0), _road("Y1", "2025-01-01", "2029-12-31"), []),
        (day(1), issued(carriers=[{"org": CARRIER_ORG, "transport_licence_no": "Y9"}]), []),
        (day(1, 10), departed(), ["raised carrier.unlicensed"]),
        (day(2), departed(manifest_no(2), transport_licence_no="Y1"), []),
    ],
    "the load is handed over to a carrier whose licence is suspended": [
        (day(0), _road("Y1", "2025-01-01", "2029-12-31", holder_org=COLLECTOR_ORG), []),
        (day(1), licence_ended("Y1", "suspended", "2025-03-04", holder_org=COLLECTOR_ORG), []),
        (day(2), departed(), []),
        (day(2, 12), handed_over(), ["raised carrier.unlicensed"]),
    ],
    # Plans, reports, insurance
    "a code that the plan does not name; the plan is changed too late for it": [
        (day(0), departed(manifest_no(1), SLUDGE), []),
        (day(1), plan_filed(), []),
        (day(2), departed(manifest_no(2)), []),
        (day(3), departed(manifest_no(3), SLUDGE), ["raised plan.outside"]),
        (day(4), plan_filed(code=SLUDGE, filing_no="P2025-2"), []),
        (day(5), departed(manifest_no(4), SLUDGE), []),
        (day(6), departed(manifest_no(5)), ["raised plan.outside"]),
    ],
    "a change of the plan that was filed in time and recorded late": [
        (day(1), plan_filed(), []),
        (day(3), departed(manifest_no(3), SLUDGE), ["raised plan.outside"]),
        (day(4), plan_filed(code=SLUDGE, filing_no="P2025-2", at=day(2)), ["cleared plan.outside"]),
    ],
    "more leaves than planned, until a larger plan is on file": [
        (day(0), plan_filed(kg=1_000), []),
        (day(1), departed(manifest_no(1), kg=600), []),
        (day(2), departed(manifest_no(2), kg=400), []),
        (day(3), departed(manifest_no(3), kg="0.001"), ["raised plan.exceeded"]),
        (day(4), plan_filed(kg=2_000, filing_no="P2025-2"), ["cleared plan.exceeded"]),
        (day(5), departed(manifest_no(4), kg=1_000), ["regressed plan.exceeded"]),
        ("2026-01-01 00:00", SILENCE, ["cleared plan.exceeded"]),
    ],
    "a key-supervised producer's monthly reports": [
        ("2025-03-03 09:00", site_registered(producer_class="key"), []),
        ("2025-05-10 09:00", report_filed("month", "2025-04-01"), []),
        ("2025-06-16 00:00", SILENCE, ["raised report.overdue"]),
        ("2025-07-16 00:00", SILENCE, ["updated report.overdue"]),
        ("2025-07-20 09:00", report_filed("month", "2025-05-01"), ["updated report.overdue"]),
        ("2025-07-21 09:00", report_filed("month", "2025-06-01"), ["cleared report.overdue"]),
    ],
    "simplified producers report each quarter, the registered each year": [
        ("2025-03-03 09:00", site_registered(producer_class="simplified"), []),
        ("2025-03-03 09:00", site_registered(HOSPITAL, producer_class="registered"), []),
        ("2025-07-15 23:00", report_filed("quarter", "2025-04-01"), []),
        ("2025-10-16 00:00", SILENCE, ["raised report.overdue"]),
        ("2025-10-17 09:00", report_filed("quarter", "2025-07-01"), ["cleared report.overdue"]),
        ("2026-01-15 09:00", report_filed("quarter", "2025-10-01"), []),
        ("2026-03-31 09:00", plan_filed(2026), []),
        ("2026-04-01 00:00", SILENCE, ["raised plan.not_filed"]),
        ("2026-04-02 09:00", plan_filed(2026, site=HOSPITAL), ["cleared plan.not_filed"]),
    ],
    "a site of which no class was said owes nothing": [
        (day(0), site_registered(), []),
        (day(0), site_registered(HOSPITAL, "health-facility", beds=120), []),
        (day(900), SILENCE, []),
    ],
    "insurance that ran out": [
        (day(0), insured("2025-03-01", "2026-02-28"), []),
        ("2026-03-01 00:00", SILENCE, ["raised insurance.gap"]),
        ("2026-03-05 09:00", insured("2026-03-04", "2027-03-03", policy_no="B2"), ["cleared insurance.gap"]),
        ("2027-03-01 09:00", insured("2027-03-04", "2028-03-03", policy_no="B3"), []),
        ("2027-12-31 09:00", SILENCE, []),
    ],
    # Years, days, methods
    "a licence whose years begin with it": [
        (day(0), licence_granted(lines=[scope("HW08", tonnes=100)], year_from="2024-03-10"), []),
        (day(1), accepted(manifest_no(1), kg=80_000), []),
        (day(6), accepted(manifest_no(2), kg=9_999), []),
        (day(7), accepted(manifest_no(3), kg=89_000), []),
        ("2026-03-09 09:00", accepted(manifest_no(4), kg=1_000), ["raised licence.nearly_used"]),
        ("2026-03-10 00:00", SILENCE, ["cleared licence.nearly_used"]),
    ],
    "more in a day than the licence allows": [
        (day(0), licence_granted(lines=[scope("HW01", daily_kg="60000")]), []),
        (day(1, 9), accepted(manifest_no(1), "841-001-01", 40_000), []),
        (day(1, 15), accepted(manifest_no(2), "841-001-01", 20_000), []),
        (day(1, 18), _LATE_LOAD, ["raised licence.day_exceeded"]),
        (day(1, 19), corrected(_LATE_LOAD, withdrawn=True), ["cleared licence.day_exceeded"]),
        (day(1, 20), accepted(manifest_no(4), "841-001-01", 1), ["regressed licence.day_exceeded"]),
        (day(2, 0), SILENCE, ["cleared licence.day_exceeded"]),
        (day(2, 9), accepted(manifest_no(5), "841-001-01", 60_000), []),
    ],
    "a way of treatment that the licence does not name": [
        (day(0), licence_granted(lines=[scope("HW08", methods=["R9", "D10"])]), []),
        (day(1), accepted(manifest_no(1), lines=[line(method="R9")]), []),
        (day(2), accepted(manifest_no(2), lines=[line(method="D1")]), ["raised receipt.unlicensed"]),
        (day(3), accepted(manifest_no(3)), []),
    ],
    "a licence that ends before it begins never holds": [
        (day(0), licence_granted(valid_from="2025-03-01", valid_until="2025-02-01"), []),
        (day(1), accepted(), ["raised receipt.unlicensed"]),
    ],
    "two grants of one number: the one stated later holds": [
        (day(0), licence_granted(lines=[scope("HW08")]), []),
        (day(1), licence_granted(lines=[scope("HW17")], nth=2), []),
        (day(2), accepted(), ["raised receipt.unlicensed"]),
        (day(3), accepted(manifest_no(2), SLUDGE), []),
    ],
}
