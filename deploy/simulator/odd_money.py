"""Lawful oddities in money: prepaid, in parts, many at once, red and reissued, bought instead of paid. All stay silent."""

from deploy.simulator.billing import due_line, invoice, invoice_of, money_line, pay, payment, reverse
from deploy.simulator.irregular_money import term_end
from deploy.simulator.stage import stage
from deploy.simulator.world import World, worth
from models.exact import DAY_US, HOUR_US


def recycler_pays(world: World) -> None:
    """A recycler buys the waste: the producer bills, the plant pays."""
    scene = stage(world, category=world.rng.choice(("HW22", "HW31")), bought=True)
    scene.settled(scene.transfer().run())


def paid_on_the_last_day(world: World) -> None:
    """Paid in the last hours of the thirtieth day."""
    scene = stage(world)
    transfer = scene.transfer().run()
    bill = scene.billed(transfer)
    pay(world, [bill], term_end(bill.dues[0].accepted_at) - 5 * HOUR_US)


def prepaid(world: World) -> None:
    """Declared prepayment of three loads that follow over the months, as the contract allows."""
    scene = stage(world)
    contract = scene.contract
    price = contract.prices_fen[scene.code]
    at = world.hour(world.today, 9, 11)
    lines = [money_line(contract, worth(3 * scene.load_g, price))]
    payment(world, lines, contract.buyer, contract.seller, at, prepayment=True)
    for days in (20, 45, 70):
        transfer = scene.transfer(day=world.days.next_working(world.today + days))
        transfer.issue().depart().arrive().weigh().accept()
        transfer.confirm()
        scene.billed(transfer)


def paid_in_parts(world: World) -> None:
    """Two payments make up the sum."""
    scene = stage(world)
    transfer = scene.transfer().run()
    bill = scene.billed(transfer)
    (due,) = bill.dues
    first = due.amount_fen * 2 // 5
    known_at = bill.known_at
    for days, amount in ((4, first), (14, due.amount_fen - first)):
        line = due_line(scene.contract, due, amount) | {"invoice_no": bill.no}
        at = bill.issued_at + days * DAY_US
        buyer, seller = scene.contract.buyer, scene.contract.seller
        _, known_at = payment(world, [line], buyer, seller, at, known_at=known_at)


def one_payment_for_many(world: World) -> None:
    """Three loads, three invoices, one payment."""
    scene = stage(world)
    bills = []
    for days in (0, 3, 6):
        transfer = scene.transfer(day=world.days.next_working(world.today + days)).run()
        bills.append(scene.billed(transfer))
    pay(world, bills, bills[-1].issued_at + 4 * DAY_US)


def red_and_reissued(world: World) -> None:
    """红冲重开: the invoice bore a wrong title; a red one takes it back, a new one has the same sum."""
    scene = stage(world)
    transfer = scene.transfer().run()
    bill = scene.billed(transfer)
    known_at = reverse(world, bill, bill.issued_at + 3 * DAY_US)
    scene.paid(invoice(world, scene.contract, bill.dues, known_at + HOUR_US))


def both_sides_state_it(world: World) -> None:
    """Buyer and seller state the same invoice with the same content: counted once."""
    scene = stage(world)
    transfer = scene.transfer().run()
    bill = scene.billed(transfer)
    content = {
        name: value for name, value in bill.wire.items() if name not in {"event_id", "occurred_at", "kind"}
    }
    telling = world.telling(bill.known_at)
    telling.tell(scene.contract.buyer, "invoice-issued.v1", bill.issued_at, content)
    scene.paid(bill)


def named_trader(world: World) -> None:
    """An intermediary whom the contract names takes the money and passes on what is left after its margin."""
    scene = stage(world, intermediary=world.intermediary)
    transfer = scene.transfer().run()
    bill = scene.billed(transfer)
    (due,) = bill.dues
    contract, trader = scene.contract, world.intermediary
    at = bill.issued_at + 3 * DAY_US
    line = due_line(contract, due) | {"invoice_no": bill.no}
    _, known_at = payment(world, [line], contract.buyer, trader, at, known_at=bill.known_at)
    passed_on = due_line(contract, due, due.amount_fen * 93 // 100)
    payment(world, [passed_on], trader, contract.seller, at + 2 * DAY_US, known_at=known_at)


def deposit_and_tax(world: World) -> None:
    """A deposit before the first load, a bill without tax and a payment with it; the deposit comes back."""
    scene = stage(world)
    contract = scene.contract
    at = world.hour(world.today, 9, 11)
    line = money_line(contract, 500_000)
    reference, known_at = payment(world, [line], contract.buyer, contract.seller, at, deposit=True)
    transfer = scene.transfer(day=world.days.next_working(world.today + 2)).run()
    assert transfer.due is not None
    due = transfer.due
    without = due_line(contract, due, due.amount_fen * 100 // 106) | {"plus_tax_permille": 60}
    scene.paid(invoice_of(world, contract, [due], due.accepted_at + 2 * DAY_US, [without]))
    body = {
        "bank_reference": world.names.bank_reference(world.days.date(world.days.of(at) + 60)),
        "refunds_bank_reference": reference,
        "payer_org": contract.seller.code,
        "payee_org": contract.buyer.code,
        "lines": [line],
    }
    world.telling(known_at).tell(contract.seller, "payment-refunded.v1", at + 60 * DAY_US, body)


def nothing_named(world: World) -> None:
    """Invoices and payments that name the contract only: laid on the oldest loads, and they come out even."""
    scene = stage(world)
    scene.contract.named = False
    for days in (0, 9, 18):
        transfer = scene.transfer(day=world.days.next_working(world.today + days)).run()
        bill = scene.billed(transfer)
        (due,) = bill.dues
        lines = [money_line(scene.contract, due.amount_fen)]
        at = bill.issued_at + 4 * DAY_US
        payment(world, lines, scene.contract.buyer, scene.contract.seller, at, known_at=bill.known_at)


def new_price(world: World) -> None:
    """变更: from some day on the contract has a higher price; each load is billed at the price of its day."""
    scene = stage(world)
    scene.settled(scene.transfer().run())
    contract = scene.contract
    day = world.days.next_working(world.today + 12)
    contract.prices_fen[scene.code] = contract.prices_fen[scene.code] * 13 // 10 // 1000 * 1000
    world.amend(contract, world.days.at(day - 2, 10), world.days.date(day))
    scene.settled(scene.transfer(day=day).run())


ODD_MONEY = (
    recycler_pays,
    paid_on_the_last_day,
    prepaid,
    paid_in_parts,
    one_payment_for_many,
    red_and_reissued,
    both_sides_state_it,
    named_trader,
    deposit_and_tax,
    nothing_named,
    new_price,
)
