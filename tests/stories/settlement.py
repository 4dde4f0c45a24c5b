"""Settlement 资金: what becomes of a pair's money, paid and unpaid, named and unnamed, straight and through a trader."""

from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    activity,
    again,
    collected,
    contract_amended,
    contract_ended,
    contract_signed,
    corrected,
    invoice_reversed,
    invoiced,
    line,
    manifest_no,
    money_line,
    paid,
    price,
    refunded,
)
from tests.stories.steps import SILENCE, Story, day

_M1, _M2, _M3 = (manifest_no(n) for n in (1, 2, 3))
_F1, _F2, _RED = "25332000000000000001", "25332000000000000002", "25332000000000000009"
_TYPED = accepted(_M1, SLUDGE, 1800)
_BILL = invoiced(manifest=_M1)
_TWICE = again(_BILL)
_MISREAD = invoiced(yuan=5400, manifest=_M1)
_BEDS = contract_signed(lines=[price("2.5", "bed_day")], origin_org=HOSPITAL_ORG)
_FLAT = contract_signed(lines=[price(120, "month_flat")], origin_org=HOSPITAL_ORG)


def _load(no: str = _M1, kg: float = 180) -> Wire:
    """180 kg at 3,000 yuan a tonne: 540 yuan."""
    return accepted(no, SLUDGE, kg)


def _ward(yuan: int, no: str = _F1) -> Wire:
    lines = [money_line(yuan, contract_no="C1", origin_org=HOSPITAL_ORG)]
    return invoiced(no, lines=lines, buyer_org=HOSPITAL_ORG)


def _ward_pays(yuan: int, reference: str = "B1") -> Wire:
    lines = [money_line(yuan, contract_no="C1", origin_org=HOSPITAL_ORG)]
    return paid(reference, lines=lines, payer_org=HOSPITAL_ORG)


STORIES: dict[str, Story] = {
    "billed and paid": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), _BILL, []),
        (day(9), paid(invoice=_F1), []),
        (day(400), SILENCE, []),
    ],
    "never paid": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(31, 0), SILENCE, ["raised movement.without_payment"]),
        (day(400), SILENCE, []),
    ],
    "paid in the last minute of the thirtieth day": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(30, 23, 59), paid(manifest=_M1), []),
        (day(400), SILENCE, []),
    ],
    "paid too late, refunded, and paid again": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(31, 0), SILENCE, ["raised movement.without_payment"]),
        (day(35), paid("B1", manifest=_M1), ["cleared movement.without_payment"]),
        (day(40), refunded("B2", "B1"), ["regressed movement.without_payment"]),
        (day(50), paid("B3", manifest=_M1), ["cleared movement.without_payment"]),
    ],
    "a payment whose record comes late": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(31, 0), SILENCE, ["raised movement.without_payment"]),
        (day(60), paid(manifest=_M1, at=day(20)), ["cleared movement.without_payment"]),
    ],
    "a contract recorded long after the load": [
        (day(0), _load(), []),
        (day(50), contract_signed(at=day(-10)), ["raised movement.without_payment"]),
        (day(51), paid(manifest=_M1), ["cleared movement.without_payment"]),
    ],
    "no contract and no price: nothing is owed": [
        (day(0), _load(), []),
        (day(1), invoiced(manifest=_M1, yuan=900), []),
        (day(9), paid(manifest=_M1, yuan=900), []),
        (day(400), SILENCE, []),
    ],
    "paid in two parts": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(5), paid("B1", 200, manifest=_M1), []),
        (day(20), paid("B2", 340, manifest=_M1), []),
        (day(400), SILENCE, []),
    ],
    "a part is paid, the rest too late": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(5), paid("B1", 200, manifest=_M1), []),
        (day(31, 0), SILENCE, ["raised payment.amount_differs"]),
        (day(45), paid("B2", 340, manifest=_M1), ["cleared payment.amount_differs"]),
    ],
    "paid too much and refunded": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(5), paid("B1", 740, manifest=_M1), ["raised payment.amount_differs"]),
        (day(12), refunded("B2", "B1", 200), ["cleared payment.amount_differs"]),
        (day(400), SILENCE, []),
    ],
    "the same load paid twice and one payment taken back": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(5), paid("B1", manifest=_M1), []),
        (day(6), paid("B2", manifest=_M1), ["raised payment.amount_differs"]),
        (day(9), refunded("B3", "B2"), ["cleared payment.amount_differs"]),
        (day(400), SILENCE, []),
    ],
    "billed too much, reversed and billed anew": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), invoiced(_F1, 900, manifest=_M1), ["raised invoice.amount_differs"]),
        (day(3), invoice_reversed(_RED, _F1, 900), ["cleared invoice.amount_differs"]),
        (day(3, 10), invoiced(_F2, manifest=_M1), []),
        (day(9), paid(invoice=_F2), []),
        (day(400), SILENCE, []),
    ],
    "a red invoice and its reissue over the same sum": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), _BILL, []),
        (day(3), invoice_reversed(_RED, _F1), []),
        (day(3, 10), invoiced(_F2, manifest=_M1), []),
        (day(9), paid(invoice=_F2), []),
        (day(400), SILENCE, []),
    ],
    "billed too little": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), invoiced(yuan=400, manifest=_M1), []),
        (day(9), paid(yuan=400, invoice=_F1), []),
        (day(31, 0), SILENCE, ["raised invoice.amount_differs", "raised payment.amount_differs"]),
        (day(33), invoiced(_F2, 140, manifest=_M1), ["cleared invoice.amount_differs"]),
        (day(34), paid("B2", 140, invoice=_F2), ["cleared payment.amount_differs"]),
    ],
    "three loads, one bill, one payment that names only the bill": [
        (day(-10), contract_signed(), []),
        *[(day(n), _load(manifest_no(n + 1)), []) for n in range(3)],
        (day(4), invoiced(lines=[money_line(540, manifest_no=manifest_no(n)) for n in (1, 2, 3)]), []),
        (day(9), paid(yuan=1620, invoice=_F1), []),
        (day(400), SILENCE, []),
    ],
    "a collector's weekly bill that names no manifests": [
        (day(-10), contract_signed(), []),
        *[(day(n), collected(SLUDGE, 180, round_id=f"R{n}", origin_org=PRODUCER_ORG), []) for n in range(3)],
        (day(7), invoiced(yuan=1620, contract="C1"), []),
        (day(9), paid(yuan=1620, contract="C1", invoice=_F1), []),
        (day(400), SILENCE, []),
    ],
    "named money comes where unnamed money lies": [
        (day(-10), contract_signed(), []),
        (day(0), _load(_M1), []),
        (day(1), _load(_M2), []),
        (day(5), paid("B1", contract="C1"), []),
        (day(9), paid("B2", manifest=_M1), []),
        (day(400), SILENCE, []),
    ],
    "paid, and nothing ever moves": [
        (day(-10), contract_signed(), []),
        (day(0), paid(contract="C1"), []),
        (day(31, 0), SILENCE, ["raised payment.without_movement"]),
        (day(60), refunded("B2", "BANK1"), ["cleared payment.without_movement"]),
    ],
    "the waste follows five weeks after the money": [
        (day(-10), contract_signed(), []),
        (day(0), paid(contract="C1"), []),
        (day(31, 0), SILENCE, ["raised payment.without_movement"]),
        (day(36), _load(), ["cleared payment.without_movement"]),
        (day(400), SILENCE, []),
    ],
    "a declared prepayment of three loads": [
        (day(-10), contract_signed(valid_until="2025-12-31"), []),
        (day(0), paid(yuan=1620, contract="C1", prepayment=True), []),
        (day(40), _load(_M1), []),
        (day(80), _load(_M2), []),
        (day(120), _load(_M3), []),
        (day(700), SILENCE, []),
    ],
    "a declared prepayment, and the contract ends with a load too few": [
        (day(-10), contract_signed(), []),
        (day(0), paid(yuan=1620, contract="C1", prepayment=True), []),
        (day(40), _load(_M1), []),
        (day(80), _load(_M2), []),
        (day(100), contract_ended(), []),
        (day(101, 0), SILENCE, ["raised payment.amount_differs"]),
        (day(110), refunded("B2", "BANK1"), ["cleared payment.amount_differs"]),
    ],
    "the undeclared trader": [
        (day(-10), contract_signed(mass_kg="100000"), []),
        (day(1), paid("B1", 300000, contract="C1", payee_org=TRADER_ORG), ["raised payment.wrong_party"]),
        (day(3), _load(_M1, 40000), ["raised payment.amount_differs"]),
        (
            day(5),
            paid("B2", 6000, contract="C1", payer_org=TRADER_ORG),
            ["raised intermediary.undeclared", "raised payment.wrong_party"],
        ),
        (day(34, 0), SILENCE, ["raised price.below_floor"]),
        (day(59, 0), SILENCE, ["raised payment.retained"]),
        (day(400), SILENCE, []),
    ],
    "the undeclared trader, with manifests named": [
        (day(-10), contract_signed(mass_kg="100000"), []),
        (day(1), paid("B1", 300000, manifest=_M1, payee_org=TRADER_ORG), ["raised payment.wrong_party"]),
        (day(3), _load(_M1, 40000), ["raised payment.amount_differs"]),
        (
            day(5),
            paid("B2", 6000, manifest=_M1, payer_org=TRADER_ORG),
            ["raised intermediary.undeclared", "raised payment.wrong_party", "raised price.below_floor"],
        ),
        (day(400), SILENCE, ["raised payment.retained"]),
    ],
    "a named trader passes 2,800 a tonne on": [
        (day(-10), contract_signed(mass_kg="100000", intermediary_orgs=[TRADER_ORG]), []),
        (day(1), paid("B1", 300000, contract="C1", payee_org=TRADER_ORG), []),
        (day(3), _load(_M1, 100000), []),
        (day(5), paid("B2", 280000, contract="C1", payer_org=TRADER_ORG), []),
        (day(400), SILENCE, []),
    ],
    "a go-between passes the money on after two months, and is named after three": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), paid("B1", contract="C1", payee_org=TRADER_ORG), ["raised payment.wrong_party"]),
        (day(59, 0), SILENCE, ["raised payment.retained"]),
        (
            day(61),
            paid("B2", contract="C1", payer_org=TRADER_ORG),
            [
                "cleared payment.retained",
                "raised intermediary.undeclared",
                "raised payment.wrong_party",
            ],
        ),
        (
            day(91),
            contract_amended(effective_from="2025-03-01", intermediary_orgs=[TRADER_ORG]),
            ["cleared intermediary.undeclared", *["cleared payment.wrong_party"] * 2],
        ),
        (day(400), SILENCE, []),
    ],
    "loads go on after the contract has run out, until a new one is recorded": [
        (day(-10), contract_signed(valid_until="2025-03-05"), []),
        (day(2), _load(_M1), []),
        (day(3), _load(_M2), []),
        (day(5), paid("B1", manifest=_M1), []),
        (day(34, 0), SILENCE, ["raised movement.without_contract"]),
        (
            day(50),
            contract_signed("C2", valid_from="2025-03-06", at=day(50)),
            ["cleared movement.without_contract", "raised movement.without_payment"],
        ),
        (day(51), paid("B2", manifest=_M2), ["cleared movement.without_payment"]),
        (day(400), SILENCE, []),
    ],
    "an invoice over more tonnes than were accepted, at a lower price": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (
            day(1),
            invoiced(_F1, lines=[money_line(540, manifest_no=_M1, mass_kg="400")]),
            ["raised invoice.mass_differs"],
        ),
        (day(3), invoice_reversed(_RED, _F1), ["cleared invoice.mass_differs"]),
        (day(4), invoiced(_F2, lines=[money_line(540, manifest_no=_M1, mass_kg="180")]), []),
        (day(9), paid(invoice=_F2), []),
        (day(400), SILENCE, []),
    ],
    "more than the contract names, and an amendment that allows it": [
        (day(-10), contract_signed(mass_kg="300"), []),
        (day(0), _load(_M1), []),
        (day(1), paid("B1", manifest=_M1), []),
        (day(2), _load(_M2), ["raised contract.mass_exceeded"]),
        (day(3), paid("B2", manifest=_M2), []),
        (
            day(5),
            contract_amended(effective_from="2025-03-08", mass_kg="500", at=day(5)),
            ["cleared contract.mass_exceeded"],
        ),
        (day(400), SILENCE, []),
    ],
    "a deposit is no payment": [
        (day(-10), contract_signed(), []),
        (day(-9), paid("B0", 5000, contract="C1", deposit=True), []),
        (day(0), _load(), []),
        (day(31, 0), SILENCE, ["raised movement.without_payment"]),
        (day(40), paid("B1", manifest=_M1), ["cleared movement.without_payment"]),
        (day(90), refunded("B2", "B0", 5000), []),
        (day(400), SILENCE, []),
    ],
    "a small load under a minimum charge, billed without tax and paid with it": [
        (day(-10), contract_signed(lines=[price(3000, minimum_yuan="2000", plus_tax_permille=60)]), []),
        (day(0), _load(), []),
        (day(1), invoiced(lines=[money_line(2000, manifest_no=_M1, plus_tax_permille=60)]), []),
        (day(9), paid(yuan=2120, invoice=_F1), []),
        (day(400), SILENCE, []),
    ],
    "the waste is paid by the piece in a contract that also has a yearly sum": [
        (
            day(-10),
            contract_signed(lines=[price(1200, "year_flat"), price(30, "piece", waste_code=SLUDGE)]),
            [],
        ),
        (day(0), accepted(_M1, lines=[line(SLUDGE, 180, pieces=9)]), []),
        (day(1), invoiced(lines=[money_line(270, manifest_no=_M1, waste_code=SLUDGE)]), []),
        (day(2), invoiced(_F2, lines=[money_line(300, contract_no="C1")]), []),
        (day(9), paid("B1", lines=[money_line(270, waste_code=SLUDGE, manifest_no=_M1)]), []),
        (day(10), paid("B2", 300, contract="C1"), []),
        (day(400), SILENCE, []),
    ],
    "the wrong payee gives the money back": [
        (day(-10), contract_signed(), []),
        (day(0), _load(), []),
        (day(1), paid("B1", manifest=_M1, payee_org=TRADER_ORG), ["raised payment.wrong_party"]),
        (day(5), refunded("B2", "B1", payer_org=TRADER_ORG), ["cleared payment.wrong_party"]),
        (day(6), paid("B3", manifest=_M1), []),
    ],
    "the contract that names the trader is recorded later": [
        (day(0), _load(), []),
        (day(1), paid(manifest=_M1, payee_org=TRADER_ORG), ["raised payment.wrong_party"]),
        (
            day(5),
            contract_signed(at=day(-10), intermediary_orgs=[TRADER_ORG]),
            ["cleared payment.wrong_party"],
        ),
    ],
    "a price far below the floor": [
        (day(-10), contract_signed(yuan=300), []),
        (day(0), _load(_M1, 1000), ["raised price.below_floor"]),
        (day(1), invoiced(yuan=300, manifest=_M1), []),
        (day(9), paid(yuan=300, invoice=_F1), []),
        (day(400), SILENCE, []),
    ],
    "a price typed wrongly and amended for the day": [
        (day(-10), contract_signed(yuan=300), []),
        (day(0), _load(_M1, 1000), ["raised price.below_floor"]),
        (day(1), contract_amended(yuan=3000, effective_from="2025-03-03"), ["cleared price.below_floor"]),
    ],
    "a recycler buys the garage's batteries": [
        (day(-10), contract_signed(lines=[price(7200, payer="destination")]), []),
        (day(0), accepted(_M1, "900-052-31", 18000), []),
        (
            day(1),
            invoiced(yuan=129600, manifest=_M1, seller_org=PRODUCER_ORG, buyer_org=FACILITY_ORG),
            [],
        ),
        (
            day(9),
            paid(yuan=129600, invoice=_F1, payer_org=FACILITY_ORG, payee_org=PRODUCER_ORG),
            [],
        ),
        (day(400), SILENCE, []),
    ],
    "a hospital is billed by the bed-day, whatever the tonnes": [
        (day(-10), _BEDS, []),
        (day(15), collected(kg=6100, origin_org=HOSPITAL_ORG, round_id="R1"), []),
        (day(31), activity(), []),
        (day(32), _ward(33750), []),
        (day(40), _ward_pays(33750), []),
        (day(45), collected(kg=3200, origin_org=HOSPITAL_ORG, round_id="R2"), []),
        (day(62), activity(period_from=day(31, 0), period_until=day(61, 0)), []),
        (day(63), _ward(60000, _F2), ["raised invoice.amount_differs"]),
        (
            day(64),
            invoice_reversed(_RED, _F2, lines=_ward(26250)["lines"]),
            ["cleared invoice.amount_differs"],
        ),
        (day(70), _ward_pays(33750, "B2"), []),
        (day(400), SILENCE, []),
    ],
    "a clinic pays by the month": [
        (day(-10), _FLAT, []),
        (day(15), collected(kg=3, origin_org=HOSPITAL_ORG), []),
        (day(31), _ward(120), []),
        (day(33), _ward_pays(120), []),
        (day(90), _ward(240, _F2), []),
        (day(95), _ward_pays(290, "B2"), ["raised payment.amount_differs"]),
        (day(400), SILENCE, []),
    ],
    "a mass typed ten times too high, corrected": [
        (day(-10), contract_signed(), []),
        (day(0), _TYPED, []),
        (day(1), _BILL, []),
        (day(9), paid(invoice=_F1), ["raised price.below_floor"]),
        (day(31, 0), SILENCE, ["raised invoice.amount_differs", "raised payment.amount_differs"]),
        (
            day(40),
            corrected(_TYPED, day(40), lines=[line(SLUDGE, 180)]),
            ["cleared invoice.amount_differs", "cleared payment.amount_differs", "cleared price.below_floor"],
        ),
    ],
    "the seller states an invoice twice": [
        (day(1), _BILL, []),
        (day(8), _TWICE, ["raised invoice.duplicated"]),
        (day(9), corrected(_TWICE, day(9), withdrawn=True), ["cleared invoice.duplicated"]),
    ],
    "the seller states two sums under one number": [
        (day(1), _BILL, []),
        (day(2), invoiced(yuan=900, manifest=_M1), ["raised invoice.contradicted"]),
        (day(400), SILENCE, []),
    ],
    "another sum under the same number, withdrawn": [
        (day(1), _BILL, []),
        (day(2), _MISREAD, ["raised invoice.contradicted"]),
        (day(4), corrected(_MISREAD, day(4), withdrawn=True), ["cleared invoice.contradicted"]),
        (day(400), SILENCE, []),
    ],
}
