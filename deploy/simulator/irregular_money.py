"""Irregular money (settlement): unpaid, paid for nothing, wrong sums, wrong hands, dumping prices, doubtful invoices."""

from dataclasses import replace
from datetime import date

from deploy.simulator.billing import Bill, due_line, invoice, money_line, payment, reverse
from deploy.simulator.cast import Due
from deploy.simulator.identity import CITIES
from deploy.simulator.journal import Org, Wire
from deploy.simulator.shipping import Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import DAY_US, beijing_date, beijing_midnight
from models.facts import Role

TERM_DAYS = 30
_DUMPING_FEN = 30_000  # 300 yuan a tonne, under half of the floor of 1,000.


def term_end(start: int) -> int:
    """The first instant after thirty days, the day itself not counted."""
    return beijing_midnight(beijing_date(start)) + (TERM_DAYS + 1) * DAY_US


def _expect(scene: Stage, kind: AlertKind, subject: str, raised_at: int, reason: str) -> None:
    scene.world.journal.expect(kind, scene.pair, subject, raised_at, reason)


def _moved(scene: Stage) -> tuple[Transfer, Due]:
    transfer = scene.transfer().run()
    assert transfer.due is not None
    return transfer, transfer.due


def _pay(scene: Stage, bill: Bill, amount_fen: int, after_days: int) -> tuple[str, int]:
    """Pay a bill of one movement with some sum; reference and when it is known."""
    world, contract = scene.world, scene.contract
    at = bill.issued_at + world.seconds(after_days * 86400, (after_days + 1) * 86400)
    line = due_line(contract, bill.dues[0], amount_fen) | {"invoice_no": bill.no}
    return payment(world, [line], contract.buyer, contract.seller, at, known_at=bill.known_at)


def _billed(scene: Stage, due: Due, permille: int) -> Bill:
    at = due.accepted_at + scene.world.seconds(86400, 3 * 86400)
    return invoice(scene.world, scene.contract, [due], at, [due.amount_fen * permille // 1000])


def never_paid(world: World) -> None:
    """有转移无付款: billed, and never paid."""
    scene = stage(world)
    transfer, due = _moved(scene)
    scene.billed(transfer)
    reason = "accepted and billed, never paid"
    subject = f"manifest:{transfer.manifest_no}"
    _expect(scene, AlertKind.MOVEMENT_WITHOUT_PAYMENT, subject, term_end(due.accepted_at), reason)


def paid_too_late(world: World) -> None:
    """有转移无付款: paid a week after the term."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    reason = "paid after the thirtieth day"
    subject = f"manifest:{transfer.manifest_no}"
    _expect(scene, AlertKind.MOVEMENT_WITHOUT_PAYMENT, subject, term_end(due.accepted_at), reason)
    line = due_line(scene.contract, due) | {"invoice_no": bill.no}
    at = term_end(due.accepted_at) + world.seconds(3 * 86400, 8 * 86400)
    payment(world, [line], scene.contract.buyer, scene.contract.seller, at)


def paid_for_nothing(world: World) -> None:
    """有付款无转移: nothing ever moves."""
    scene = stage(world)
    reference, at = _paid_ahead(scene)
    reason = "paid, and nothing was ever moved"
    _expect(scene, AlertKind.PAYMENT_WITHOUT_MOVEMENT, f"payment:{reference}", term_end(at), reason)


def paid_long_before(world: World) -> None:
    """有付款无转移: the waste follows five weeks later; no prepayment was declared."""
    scene = stage(world)
    reference, at = _paid_ahead(scene)
    reason = "moved only after the thirtieth day"
    _expect(scene, AlertKind.PAYMENT_WITHOUT_MOVEMENT, f"payment:{reference}", term_end(at), reason)
    day = world.days.next_working(world.days.of(at) + 36)
    transfer = scene.transfer(day=day).issue().depart().arrive().weigh()
    transfer.accept()
    transfer.confirm()
    scene.billed(transfer)


def _paid_ahead(scene: Stage) -> tuple[str, int]:
    """The price of one load, under the contract but for no movement yet."""
    world, contract = scene.world, scene.contract
    at = world.hour(world.today, 9, 16)
    amount = scene.load_g * contract.prices_fen[scene.code] // 1_000_000
    reference, _ = payment(world, [money_line(contract, amount)], contract.buyer, contract.seller, at)
    return reference, at


def billed_too_much(world: World) -> None:
    """开票金额不符: a fifth too much; taken back and billed anew before it is paid."""
    scene = stage(world)
    _, due = _moved(scene)
    bill = _billed(scene, due, 1200)
    reason = "billed a fifth too much, reversed a week later"
    _expect(scene, AlertKind.INVOICE_AMOUNT_DIFFERS, f"invoice:{bill.no}", bill.known_at, reason)
    at = bill.issued_at + world.seconds(6 * 86400, 8 * 86400)
    known_at = reverse(world, bill, at)
    again = invoice(world, scene.contract, [due], known_at + 3600_000_000)
    scene.paid(again)


def billed_and_paid_too_much(world: World) -> None:
    """开票与付款金额都不符: two fifths too much."""
    scene = stage(world)
    _, due = _moved(scene)
    bill = _billed(scene, due, 1400)
    reason = "billed and paid two fifths too much"
    _expect(scene, AlertKind.INVOICE_AMOUNT_DIFFERS, f"invoice:{bill.no}", bill.known_at, reason)
    reference, known_at = _pay(scene, bill, due.amount_fen * 1400 // 1000, 5)
    _expect(scene, AlertKind.PAYMENT_AMOUNT_DIFFERS, f"payment:{reference}", known_at, reason)


def paid_too_much(world: World) -> None:
    """付款金额不符: a third too much, refunded later."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    extra = due.amount_fen // 3
    reference, known_at = _pay(scene, bill, due.amount_fen + extra, 5)
    reason = "paid a third too much, refunded"
    _expect(scene, AlertKind.PAYMENT_AMOUNT_DIFFERS, f"payment:{reference}", known_at, reason)
    body: Wire = {
        "bank_reference": world.names.bank_reference(world.days.date(world.days.of(known_at) + 9)),
        "refunds_bank_reference": reference,
        "payer_org": scene.contract.seller.code,
        "payee_org": scene.contract.buyer.code,
        "lines": [due_line(scene.contract, due, extra) | {"invoice_no": bill.no}],
    }
    telling = world.telling(known_at)
    telling.tell(scene.contract.seller, "payment-refunded.v1", known_at + 9 * DAY_US, body)


def paid_too_little(world: World) -> None:
    """付款金额不符: three fifths are paid, the rest never; too little shows when the term is over."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    reference, _ = _pay(scene, bill, due.amount_fen * 3 // 5, 5)
    reason = "two fifths were never paid"
    subject = f"payment:{reference}"
    _expect(scene, AlertKind.PAYMENT_AMOUNT_DIFFERS, subject, term_end(due.accepted_at), reason)


def dumping_price(world: World) -> None:
    """价格明显偏低: 300 yuan a tonne, billed and paid as agreed."""
    scene = stage(
        world, category=world.rng.choice(("HW17", "HW34", "HW49", "HW12")), fen_a_tonne=_DUMPING_FEN
    )
    transfer = scene.transfer().issue().depart().arrive().weigh()
    transfer.accept()
    subject = f"manifest:{transfer.manifest_no}"
    known_at = transfer.telling.known_at
    _expect(scene, AlertKind.PRICE_BELOW_FLOOR, subject, known_at, "300 yuan a tonne")
    transfer.confirm()
    scene.settled(transfer)


def month_after_next(at: int) -> int:
    """00:00 on the first day of the month in which money of an instant's month had to be passed on."""
    day = beijing_date(at)
    months = day.year * 12 + day.month + 1
    return beijing_midnight(date(months // 12, months % 12 + 1, 1))


def _stranger(world: World) -> Org:
    org = world.names.org(world.rng.choice(CITIES), "贸易有限公司", Role.PAYER)
    world.orgs[org.code] = org
    return org


def stranger_pays(world: World) -> None:
    """付款人不是合同当事人: an unnamed trader pays for the producer."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    _through(scene, bill, due, payer=_stranger(world), payee=scene.contract.seller)


def stranger_is_paid(world: World) -> None:
    """收款人不是合同当事人: the money goes to an unnamed trader, and stays there."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    trader = _stranger(world)
    at = _through(scene, bill, due, payer=scene.contract.buyer, payee=trader)
    _keeps(scene, trader, at)


def _keeps(scene: Stage, trader: Org, paid_at: int) -> None:
    reason = "money received and not passed on by the end of the next month"
    _expect(scene, AlertKind.PAYMENT_RETAINED, f"trader:{trader.code}", month_after_next(paid_at), reason)


def _through(scene: Stage, bill: Bill, due: Due, payer: Org, payee: Org) -> int:
    """A payment from or to somebody else; when it was made."""
    world = scene.world
    at = bill.issued_at + world.seconds(3 * 86400, 9 * 86400)
    line = due_line(scene.contract, due) | {"invoice_no": bill.no}
    reference, known_at = payment(world, [line], payer, payee, at, known_at=bill.known_at)
    reason = "money from or to somebody whom the contract does not name"
    _expect(scene, AlertKind.PAYMENT_WRONG_PARTY, f"payment:{reference}", known_at, reason)
    return at


def unnamed_trader(world: World) -> None:
    """中间人截留: the producer pays an unnamed trader in full, who passes a little on to the plant (DOMAIN 11, case 3)."""
    scene = stage(world, category=world.rng.choice(("HW17", "HW34", "HW49", "HW12")), fen_a_tonne=200_000)
    transfer, due = _moved(scene)
    trader, contract = _stranger(world), scene.contract
    at = due.accepted_at + world.seconds(3 * 86400, 6 * 86400)
    first, first_at = payment(world, [due_line(contract, due)], contract.buyer, trader, at)
    little = [due_line(contract, due, due.amount_fen // 10)]
    second, second_at = payment(world, little, trader, contract.seller, at + DAY_US, known_at=first_at)
    for reference, known_at in ((first, first_at), (second, second_at)):
        reason = "paid through a trader whom the contract does not name"
        _expect(scene, AlertKind.PAYMENT_WRONG_PARTY, f"payment:{reference}", known_at, reason)
    subject = f"manifest:{transfer.manifest_no}"
    _expect(scene, AlertKind.PRICE_BELOW_FLOOR, subject, second_at, "200 yuan a tonne reached the plant")
    reason = "money goes through somebody whom no contract names"
    _expect(scene, AlertKind.INTERMEDIARY_UNDECLARED, f"trader:{trader.code}", second_at, reason)
    _keeps(scene, trader, at)


def named_trader_keeps_a_third(world: World) -> None:
    """中间人截留: a trader whom the contract names passes on seven tenths alone."""
    scene = stage(world, intermediary=world.intermediary)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    contract, trader = scene.contract, world.intermediary
    at = bill.issued_at + 3 * DAY_US
    line = due_line(contract, due) | {"invoice_no": bill.no}
    _, known_at = payment(world, [line], contract.buyer, trader, at, known_at=bill.known_at)
    half = due_line(contract, due, due.amount_fen * 7 // 10)
    payment(world, [half], trader, contract.seller, at + 2 * DAY_US, known_at=known_at)
    _keeps(scene, trader, at)


def billed_for_more_tonnes(world: World) -> None:
    """开票数量大于接受数量: the right sum over half as many tonnes again; taken back and billed anew."""
    scene = stage(world)
    _, due = _moved(scene)
    heavier = replace(due, mass_g=due.mass_g * 3 // 2)
    at = due.accepted_at + world.seconds(86400, 3 * 86400)
    bill = invoice(world, scene.contract, [heavier], at)
    reason = "billed for half as many tonnes again"
    _expect(scene, AlertKind.INVOICE_MASS_DIFFERS, f"invoice:{bill.no}", bill.known_at, reason)
    known_at = reverse(world, bill, bill.issued_at + world.seconds(6 * 86400, 8 * 86400))
    scene.paid(invoice(world, scene.contract, [due], known_at + 3600_000_000))


def more_than_agreed(world: World) -> None:
    """接受量超过合同约定量: the contract names a load and a half, and two are accepted; all of it billed and paid."""
    scene = stage(world)
    contract, day = scene.contract, world.today
    body = {name: contract.body[name] for name in contract.body if name not in {"valid_from", "mass_kg"}}
    body |= {"effective_from": world.days.date(day).isoformat(), "mass_kg": kg(scene.load_g * 3 // 2)}
    world.telling().tell(contract.seller, "contract-amended.v1", world.days.at(day, 2), body)
    scene.settled(scene.transfer().run())
    transfer = scene.transfer(day=world.days.next_working(day + 9)).issue().depart().arrive().weigh()
    transfer.accept()
    known_at, reason = transfer.telling.known_at, "a second load goes over the mass of the contract"
    _expect(scene, AlertKind.CONTRACT_MASS_EXCEEDED, f"contract:{contract.no}", known_at, reason)
    transfer.confirm()
    scene.settled(transfer)


def contract_run_out(world: World) -> None:
    """合同期外转移: the contract was ended, and a load follows under none."""
    scene = stage(world)
    scene.settled(scene.transfer().run())
    contract = scene.contract
    day = world.days.next_working(world.today + 20)
    body: Wire = {
        "contract_no": contract.no,
        "origin_org": contract.origin.code,
        "destination_org": contract.facility.base.org.code,
        "reason": "价格未谈妥 no agreement on the price",
    }
    world.telling().tell(contract.seller, "contract-ended.v1", world.days.at(day - 5, 10), body)
    contract.named = False
    scene.contract.no = ""
    transfer = scene.transfer(day=day).run()
    assert transfer.due is not None
    subject = f"manifest:{transfer.manifest_no}"
    reason = "accepted after the contract had ended"
    at = term_end(transfer.due.accepted_at)
    _expect(scene, AlertKind.MOVEMENT_WITHOUT_CONTRACT, subject, at, reason)


def invoice_stated_twice(world: World) -> None:
    """发票重复: the seller states the same invoice again a week later."""
    scene = stage(world)
    transfer, _ = _moved(scene)
    bill = scene.billed(transfer)
    telling = world.telling(bill.known_at)
    telling.tell(scene.contract.seller, "invoice-issued.v1", bill.issued_at + 7 * DAY_US, _content(bill))
    _doubtful(scene, AlertKind.INVOICE_DUPLICATED, bill, telling.known_at, "the seller stated it twice")
    scene.paid(bill)


def invoice_contradicted(world: World) -> None:
    """发票内容矛盾: the buyer states another sum under the same number, and corrects it the next day."""
    scene = stage(world)
    transfer, due = _moved(scene)
    bill = scene.billed(transfer)
    wrong = _content(bill) | {"lines": [due_line(scene.contract, due, due.amount_fen * 3)]}
    telling = world.telling(bill.known_at)
    buyer = scene.contract.buyer
    wire = telling.tell(buyer, "invoice-issued.v1", bill.issued_at, wrong)
    _doubtful(scene, AlertKind.INVOICE_CONTRADICTED, bill, telling.known_at, "the buyer states another sum")
    telling.correct(buyer, telling.known_at + DAY_US, wire, wire | _content(bill), "金额录错 wrong sum")
    scene.paid(bill)


def _content(bill: Bill) -> Wire:
    return {
        name: value for name, value in bill.wire.items() if name not in {"event_id", "occurred_at", "kind"}
    }


def _doubtful(scene: Stage, kind: AlertKind, bill: Bill, raised_at: int, reason: str) -> None:
    key = f"invoice:{bill.no}"
    scene.world.journal.expect(kind, key, key, raised_at, reason)


MONEY = (
    never_paid,
    paid_too_late,
    paid_for_nothing,
    paid_long_before,
    billed_too_much,
    billed_and_paid_too_much,
    paid_too_much,
    paid_too_little,
    dumping_price,
    stranger_pays,
    stranger_is_paid,
    unnamed_trader,
    named_trader_keeps_a_third,
    billed_for_more_tonnes,
    more_than_agreed,
    contract_run_out,
    invoice_stated_twice,
    invoice_contradicted,
)
