"""Random dealings of a pair for the properties of settlement: few contracts, loads and documents, so that they meet."""

from typing import Any

from hypothesis import strategies as st

from models.exact import format_instant
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
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
    day,
    invoice_reversed,
    invoiced,
    line,
    manifest_no,
    money_line,
    paid,
    price,
    refunded,
)

KEY = f"{PRODUCER_ORG}>{FACILITY_ORG}"
MANIFESTS = [manifest_no(n) for n in (1, 2, 3)]
INVOICES = ["F1", "F2"]
PAYMENTS = ["B1", "B2", "B3"]
CODES = [SLUDGE, OIL, INFECTIOUS]
# Sums about 540 yuan: exact, near, far, in parts, for two.
YUAN = [540, 540, 545, 500, 270, 1080, 1000, 60]
PRICES = [
    [price(3000)],
    [price(3100, waste_code=SLUDGE), price(500, category="HW08", payer="destination")],
    [price(3, "kg"), price("2.5", "bed_day", category="HW01")],
    [price("2.5", "bed_day")],
    [price(90, "month_flat")],
    [price(300)],
    [price(3000, minimum_yuan="700"), price(40, "piece", category="HW01")],
    [price(2830, plus_tax_permille=60, waste_code=SLUDGE), price(1200, "year_flat")],
    [price(180, "piece", plus_tax_permille=130), price(90, "month_flat", category="HW08")],
]

days = st.integers(0, 40)
parties = st.sampled_from(
    [
        (PRODUCER_ORG, FACILITY_ORG),
        (PRODUCER_ORG, FACILITY_ORG),
        (PRODUCER_ORG, TRADER_ORG),
        (TRADER_ORG, FACILITY_ORG),
        (FACILITY_ORG, PRODUCER_ORG),
        (TRADER_ORG, HOSPITAL_ORG),
    ]
)

# Dealings that go through a trader more often than not.
through_trader = st.sampled_from(
    [
        (PRODUCER_ORG, TRADER_ORG),
        (TRADER_ORG, FACILITY_ORG),
        (TRADER_ORG, HOSPITAL_ORG),
        (PRODUCER_ORG, FACILITY_ORG),
    ]
)


@st.composite
def instants(draw: Any) -> int:
    return day(draw(days), draw(st.integers(0, 23)))


@st.composite
def contracts(draw: Any) -> Wire:
    """Signed, amended or ended."""
    no, at = draw(st.sampled_from(["C1", "C1", "C2"])), draw(instants())
    kind = draw(st.sampled_from(["signed", "signed", "amended", "ended"]))
    if kind == "ended":
        return contract_ended(no, at=at)
    trader = draw(st.sampled_from([[], [TRADER_ORG]]))
    terms: dict[str, Any] = {"lines": draw(st.sampled_from(PRICES)), "intermediary_orgs": trader, "at": at}
    until = draw(st.sampled_from(["2026-12-31", "2025-04-01"]))
    since = draw(st.sampled_from(["2025-01-01", "2025-03-10", "2025-04-05"]))
    if (mass := draw(st.sampled_from([None, None, "200", "400"]))) is not None:
        terms["mass_kg"] = mass
    if kind == "signed":
        return contract_signed(no, valid_from=since, valid_until=until, **terms)
    return contract_amended(no, effective_from=since, valid_until=until, **terms)


@st.composite
def loads(draw: Any) -> Wire:
    """An acceptance, a round or bed-days."""
    at = draw(instants())
    kind = draw(st.sampled_from(["accepted", "accepted", "accepted", "collected", "activity"]))
    if kind == "activity":
        start = day(30 * draw(st.integers(-2, 0)), 0)
        return activity(
            draw(st.sampled_from([216, 100])), period_from=start, at=at, org=PRODUCER_ORG, site=PLATER
        )
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=2))
    kg = draw(st.sampled_from([180, 90, None]))
    lines = [line(code, kg, no, pieces=3) for no, code in enumerate(codes, 1)]
    if kind == "accepted":
        contract = draw(st.sampled_from([None, "C1", "C2"]))
        return accepted(draw(st.sampled_from(MANIFESTS)), lines=lines, at=at, contract_no=contract)
    ends = {"origin": PLATER, "origin_org": PRODUCER_ORG, "destination": KILN}
    return collected(lines=lines, at=at, round_id=draw(st.sampled_from(["R1", "R2"])), **ends)


@st.composite
def money_lines(draw: Any, *, names: bool, through: bool) -> list[Wire]:
    """One to three lines; with `names` they may name manifests, with `through` invoices."""
    lines = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        more = {
            "contract_no": draw(st.sampled_from([None, None, "C1", "C2"])),
            "manifest_no": draw(st.sampled_from([None, *MANIFESTS])) if names else None,
            "invoice_no": draw(st.sampled_from([None, *INVOICES])) if through else None,
            "waste_code": draw(st.sampled_from([None, None, None, SLUDGE])),
            "mass_kg": draw(st.sampled_from([None, None, "180", "400"])),
            "plus_tax_permille": draw(st.sampled_from([None, None, None, 60])),
        }
        lines.append(
            money_line(draw(st.sampled_from(YUAN)), **{k: v for k, v in more.items() if v is not None})
        )
    return lines


@st.composite
def documents(draw: Any, *, names: bool, traded: bool) -> Wire:
    """An invoice, a payment, a red invoice or a refund."""
    at, (payer, payee) = draw(instants()), draw(through_trader if traded else parties)
    kind = draw(st.sampled_from(["invoice", "invoice", "payment", "payment", "payment", "red", "refund"]))
    number = draw(st.sampled_from(["X1", "X2"]))
    if kind in {"invoice", "red"}:
        who = {"seller_org": payee, "buyer_org": payer}
        lines = draw(money_lines(names=names, through=False))
        if kind == "invoice":
            return invoiced(draw(st.sampled_from(INVOICES)), lines=lines, at=at, **who)
        return invoice_reversed(number, draw(st.sampled_from(INVOICES)), lines=lines, at=at, **who)
    lines = draw(money_lines(names=names, through=True))
    who = {"payer_org": payer, "payee_org": payee}
    if kind == "payment":
        prepaid, deposit = draw(
            st.sampled_from([(False, False), (False, False), (True, False), (False, True)])
        )
        flags = {"prepayment": prepaid, "deposit": deposit}
        return paid(draw(st.sampled_from(PAYMENTS)), lines=lines, at=at, **flags, **who)
    return refunded(number, draw(st.sampled_from(PAYMENTS)), lines=lines, at=at, **who)


@st.composite
def histories(draw: Any, *, most: int = 14) -> list[Wire]:
    """A pair's facts in some order of arrival, each with a time of its own, and corrections after what they correct.

    Some have changing contracts, some one contract at most; some name manifests, some never.
    """
    names, calm, traded = draw(st.booleans()), draw(st.booleans()), not draw(st.integers(0, 3))
    kinds = [*[loads()] * 4, *[documents(names=names, traded=traded)] * 6]
    entries = draw(st.lists(st.one_of(kinds if calm else [*kinds, contracts()]), min_size=1, max_size=most))
    if draw(st.integers(0, 4)):
        prices = PRICES[0] if calm else draw(st.sampled_from(PRICES))
        mass: Any = draw(st.sampled_from([{}, {}, {"mass_kg": "200"}]))
        entries.insert(0, contract_signed("C1", valid_from="2025-01-01", lines=prices, at=day(-20), **mass))
    unique: dict[str, Wire] = {}
    for nth, wire in enumerate(entries):
        wire = again(wire, nth + 2) if wire["event_id"] in unique else wire
        unique[wire["event_id"]] = wire
    entries = list(unique.values())
    wrong = draw(st.lists(st.sampled_from(entries), max_size=2, unique_by=lambda w: w["event_id"]))
    return entries + [_correction(draw, wire) for wire in wrong]


def _correction(draw: Any, wire: Wire) -> Wire:
    at = day(41 + draw(days))
    if draw(st.booleans()):
        return corrected(wire, at, withdrawn=True)
    return corrected(wire, at, occurred_at=format_instant(draw(instants())))


@st.composite
def two_sellers(draw: Any) -> list[Wire]:
    """Debts of both sides for one load, billed by either under the same numbers: each seller's invoice is its own."""
    entries = [contract_signed("C1", valid_from="2025-01-01", lines=PRICES[1], at=day(-20))]
    entries += [
        accepted(number, lines=[line(SLUDGE), line(OIL, no=2)], at=draw(instants()))
        for number in MANIFESTS[:2]
    ]
    pairs = [(PRODUCER_ORG, FACILITY_ORG), (FACILITY_ORG, PRODUCER_ORG), (PRODUCER_ORG, TRADER_ORG)]
    for nth in range(draw(st.integers(2, 5))):
        payer, payee = draw(st.sampled_from(pairs))
        money = [
            money_line(
                draw(st.sampled_from([558, 90, 500, 60])), manifest_no=draw(st.sampled_from(MANIFESTS[:2]))
            )
        ]
        who = {"seller_org": payee, "buyer_org": payer}
        entries.append(
            again(invoiced(draw(st.sampled_from(INVOICES)), lines=money, at=draw(instants()), **who), nth + 2)
        )
    for reference in draw(st.lists(st.sampled_from(PAYMENTS), max_size=2, unique=True)):
        payer, payee = draw(st.sampled_from(pairs))
        money = [money_line(draw(st.sampled_from([558, 90])), invoice_no=draw(st.sampled_from(INVOICES)))]
        entries.append(paid(reference, lines=money, at=draw(instants()), payer_org=payer, payee_org=payee))
    shuffled: list[Wire] = draw(st.permutations(entries))
    return shuffled
