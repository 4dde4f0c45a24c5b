"""Cases 1 to 5 of the ten a regulator would try first (DOMAIN 11), under every concern at once, silent halves included."""

from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    activity,
    again,
    arrived,
    collected,
    confirmed,
    contract_signed,
    departed,
    extension_granted,
    generated,
    invoice_reversed,
    invoiced,
    licence_granted,
    limit_set,
    money_line,
    paid,
    price,
    scope,
    site_registered,
    stored,
    treated,
)
from tests.stories.cases import (
    DUE_CLEARED,
    DUE_RAISED,
    OVER_CLEARED,
    OVER_RAISED,
    kiln_licensed,
    manifest_2026,
)
from tests.stories.steps import SILENCE, Story

BATTERY = "900-052-31"

# 1: a plater's sludge of 2025-11-20, relabelled as new on 2026-11-10, beside 3 t that are new. Its province has a policy.
_POLICY = limit_set(
    "storage_term", 1, "years", scope={"region": "33", "role": "producer"}, at="2025-01-01 09:00"
)
RELABELLED: Story = [
    ("2025-11-01 08:00", kiln_licensed("HW17", at="2025-11-01 08:00"), []),
    ("2025-11-01 09:00", site_registered(role="producer"), []),
    ("2025-11-02 09:00", _POLICY, []),
    ("2025-11-20 10:00", generated("HWCS20251120001", SLUDGE, 12_400), []),
    ("2026-10-20 23:59", SILENCE, []),
    ("2026-10-21 00:00", SILENCE, [DUE_RAISED]),
    (
        "2026-11-10 09:00",
        stored("HWCS20261110001", SLUDGE, 12_400, parents=["HWCS20251120001"]),
        [DUE_CLEARED, DUE_RAISED],
    ),
    ("2026-11-10 10:00", generated("HWCS20261110002", SLUDGE, 3_000), []),
    ("2026-11-20 23:59", SILENCE, []),
    ("2026-11-21 00:00", SILENCE, [DUE_CLEARED, OVER_RAISED]),
    ("2026-11-25 09:00", departed(manifest_2026(1), SLUDGE, 12_400, lot="HWCS20261110001"), [OVER_CLEARED]),
    ("2026-11-25 15:00", arrived(manifest_2026(1)), []),
    ("2026-11-25 16:00", accepted(manifest_2026(1), SLUDGE, 12_400), []),
    ("2026-11-26 09:00", confirmed(manifest_2026(1)), []),
    ("2027-10-10 23:59", SILENCE, []),
    ("2027-10-11 00:00", SILENCE, [DUE_RAISED]),
]

# 2: a disposer's 40 t, extended late and run out; and two collectors' terms.
_COLLECTOR: Wire = {"holder": "330106-COLLECT01", "holder_org": PRODUCER_ORG, "licence_type": "collection"}
EXTENDED_LATE: Story = [
    ("2025-05-01 09:00", site_registered(KILN, "facility"), []),
    ("2025-06-01 09:00", stored("K1", SLUDGE, 40_000, site=KILN), []),
    ("2026-05-02 00:00", SILENCE, [DUE_RAISED]),
    ("2026-06-02 00:00", SILENCE, [DUE_CLEARED, OVER_RAISED]),
    (
        "2026-07-01 09:00",
        extension_granted("2026-12-01", site=KILN, lot="K1", at="2026-05-20 09:00"),
        [OVER_CLEARED, "updated storage.due_soon"],
    ),
    ("2026-10-31 23:59", SILENCE, []),
    ("2026-11-01 00:00", SILENCE, ["regressed storage.due_soon"]),
    ("2026-12-01 23:59", SILENCE, []),
    ("2026-12-02 00:00", SILENCE, [DUE_CLEARED, "regressed storage.over_limit"]),
]
COLLECTORS: Story = [
    ("2026-01-05 09:00", site_registered("330106-COLLECT01", "collector"), []),
    ("2026-01-05 10:00", licence_granted("OIL1", lines=[scope("HW08")], **_COLLECTOR), []),
    ("2026-01-06 09:00", stored("OIL", "900-214-08", 5_000, site="330106-COLLECT01"), []),
    ("2026-01-06 10:00", stored("LAB", "900-047-49", 500, site="330106-COLLECT01"), []),
    ("2026-04-21 00:00", SILENCE, [DUE_RAISED]),
    ("2026-05-21 23:59", SILENCE, []),
    ("2026-05-22 00:00", SILENCE, [DUE_CLEARED, OVER_RAISED]),
    ("2026-12-06 23:59", SILENCE, []),
    ("2026-12-07 00:00", SILENCE, [DUE_RAISED]),
]

# 3: the trader.
_TRADED = contract_signed(mass_kg="100000", valid_from="2026-01-01")
_WASTE: Wire = {"code": SLUDGE, "contract_no": "C1"}
TRADER: Story = [
    ("2026-01-05 08:00", kiln_licensed("HW17", at="2026-01-05 08:00"), []),
    ("2026-01-05 09:00", _TRADED, []),
    (
        "2026-03-02 09:00",
        paid("B1", 300_000, contract="C1", payee_org=TRADER_ORG),
        ["raised payment.wrong_party"],
    ),
    ("2026-03-04 09:00", accepted(manifest_2026(1), kg=40_000, **_WASTE), ["raised payment.amount_differs"]),
    ("2026-03-05 09:00", confirmed(manifest_2026(1)), []),
    (
        "2026-03-06 09:00",
        paid("B2", 6_000, contract="C1", payer_org=TRADER_ORG),
        ["raised intermediary.undeclared", "raised payment.wrong_party"],
    ),
    ("2026-09-01 09:00", SILENCE, ["raised payment.retained", "raised price.below_floor"]),
]
NAMED_TRADER: Story = [
    ("2026-01-05 08:00", kiln_licensed("HW17", at="2026-01-05 08:00"), []),
    ("2026-01-05 09:00", again(_TRADED, intermediary_orgs=[TRADER_ORG]), []),
    ("2026-03-02 09:00", paid("B1", 300_000, contract="C1", payee_org=TRADER_ORG), []),
    ("2026-03-04 09:00", accepted(manifest_2026(1), kg=100_000, **_WASTE), []),
    ("2026-03-05 09:00", confirmed(manifest_2026(1)), []),
    ("2026-03-06 09:00", paid("B2", 280_000, contract="C1", payer_org=TRADER_ORG), []),
    ("2026-12-20 09:00", SILENCE, []),
]

# 4: odd but right.
_BOUGHT: list[Wire] = [price(7_200, waste_code=BATTERY, payer="destination")]
BOUGHT_BATTERIES: Story = [
    ("2026-01-05 08:00", kiln_licensed("HW31", at="2026-01-05 08:00"), []),
    ("2026-01-05 09:00", contract_signed(lines=_BOUGHT, valid_from="2026-01-01"), []),
    ("2026-03-04 09:00", accepted(manifest_2026(1), BATTERY, 18_000, contract_no="C1"), []),
    ("2026-03-05 09:00", confirmed(manifest_2026(1)), []),
    (
        "2026-03-06 09:00",
        paid(
            "B1",
            129_600,
            contract="C1",
            manifest=manifest_2026(1),
            payer_org=FACILITY_ORG,
            payee_org=PRODUCER_ORG,
        ),
        [],
    ),
    ("2026-12-20 09:00", SILENCE, []),
]


_BEDS = contract_signed(
    "H1", lines=[price("2.5", "bed_day")], valid_from="2026-01-01", origin_org=HOSPITAL_ORG
)


def _ward(yuan: int, **named: str) -> list[Wire]:
    return [money_line(yuan, origin_org=HOSPITAL_ORG, contract_no="H1", **named)]


def _billed(no: str, yuan: int, **more: str) -> Wire:
    return invoiced(no, lines=_ward(yuan), buyer_org=HOSPITAL_ORG, **more)


def _ward_pays(reference: str, yuan: int, invoice: str) -> Wire:
    return paid(reference, lines=_ward(yuan, invoice_no=invoice), payer_org=HOSPITAL_ORG)


_TAKEN: Wire = {"origin_org": HOSPITAL_ORG}
_WRONG_BILL = _billed("F4", 60_000)
HOSPITAL_BY_BED: Story = [
    ("2026-01-01 08:00", kiln_licensed("HW01", at="2026-01-01 08:00"), []),
    ("2026-01-01 09:00", _BEDS, []),
    ("2026-01-30 09:00", generated("JAN", INFECTIOUS, 6_100, site=HOSPITAL), []),
    ("2026-01-31 09:00", collected(kg=6_100, round_id="R1", **_TAKEN), []),
    ("2026-01-31 21:00", treated(INFECTIOUS, 6_100), []),
    (
        "2026-02-01 09:00",
        activity(13_500, period_from="2026-01-01 00:00", period_until="2026-02-01 00:00"),
        [],
    ),
    ("2026-02-02 09:00", _billed("F1", 33_750), []),
    ("2026-02-10 09:00", _ward_pays("B1", 33_750, "F1"), []),
    ("2026-02-26 09:00", generated("FEB", INFECTIOUS, 3_200, site=HOSPITAL), []),
    ("2026-02-27 09:00", collected(kg=3_200, round_id="R2", **_TAKEN), []),
    ("2026-02-27 21:00", treated(INFECTIOUS, 3_200), []),
    (
        "2026-03-01 09:00",
        activity(13_500, period_from="2026-02-01 00:00", period_until="2026-03-01 00:00"),
        [],
    ),
    ("2026-03-02 09:00", _billed("F2", 33_750), []),
    ("2026-03-03 09:00", invoice_reversed("R1", "F2", lines=_ward(33_750), buyer_org=HOSPITAL_ORG), []),
    ("2026-03-03 10:00", _billed("F3", 33_750), []),
    ("2026-03-10 09:00", _ward_pays("B2", 33_750, "F3"), []),
    (
        "2026-04-01 09:00",
        activity(13_500, period_from="2026-03-01 00:00", period_until="2026-04-01 00:00"),
        [],
    ),
    ("2026-04-02 09:00", _WRONG_BILL, ["raised invoice.amount_differs"]),
    ("2026-04-03 09:00", again(_WRONG_BILL), ["raised invoice.duplicated"]),
]

# 5: the fifth working day, over the National Day holidays and over the year's end.
_ACCEPTED_29 = accepted(manifest_2026(1), SLUDGE, 10_000)


def _fifth(*rest: object) -> Story:
    return [
        ("2026-09-01 08:00", kiln_licensed("HW17", at="2026-09-01 08:00"), []),
        ("2026-09-29 10:00", _ACCEPTED_29, []),
        *rest,  # type: ignore[list-item]
    ]


CONFIRMED_IN_TIME = _fifth(
    ("2026-10-12 23:50", confirmed(manifest_2026(1)), []), ("2026-12-01 00:00", SILENCE, [])
)
CONFIRMED_LATE = _fifth(
    ("2026-10-12 23:59", SILENCE, []),
    ("2026-10-13 00:00", SILENCE, ["raised manifest.not_confirmed"]),
    ("2026-10-14 09:00", confirmed(manifest_2026(1)), ["cleared manifest.not_confirmed"]),
)
OVER_NEW_YEAR: Story = [
    ("2026-12-01 08:00", kiln_licensed("HW17", at="2026-12-01 08:00"), []),
    ("2026-12-30 10:00", accepted(manifest_2026(2), SLUDGE, 10_000), []),
    ("2027-01-06 23:59", SILENCE, []),
    ("2027-01-07 00:00", SILENCE, ["raised manifest.not_confirmed"]),
    ("2027-01-08 09:00", confirmed(manifest_2026(2)), ["cleared manifest.not_confirmed"]),
]

STORIES: dict[str, Story] = {
    "case 1: relabelled sludge beside new sludge": RELABELLED,
    "case 2: an extension that was recorded late and runs out": EXTENDED_LATE,
    "case 2: an oil collector has 90 working days, for the rest its year": COLLECTORS,
    "case 3: a trader whom the contract does not name": TRADER,
    "case 3: a named trader passes on 2,800 a tonne": NAMED_TRADER,
    "case 4: a recycler buys a garage's batteries": BOUGHT_BATTERIES,
    "case 4: a hospital pays by the bed-day": HOSPITAL_BY_BED,
    "case 5: confirmed in the last minutes of the fifth working day": CONFIRMED_IN_TIME,
    "case 5: confirmed a day later": CONFIRMED_LATE,
    "case 5: over a new year whose calendar nobody knows": OVER_NEW_YEAR,
}
