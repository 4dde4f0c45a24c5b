"""Invoices and payments: one for each transfer, or one a week for many; paid within the term unless told otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.simulator.cast import Contract, Due
from deploy.simulator.journal import Org, Wire
from deploy.simulator.shipping import Transfer
from deploy.simulator.world import World, kg
from models.exact import DAY_US, format_yuan


@dataclass(slots=True)
class Bill:
    """An invoice as issued, with what it is for."""

    no: str
    contract: Contract
    dues: Sequence[Due]
    issued_at: int
    known_at: int
    wire: Wire

    @property
    def amount_fen(self) -> int:
        """What is owed for the movements, whatever the invoice says."""
        return sum(due.amount_fen for due in self.dues)

    @property
    def pay_by(self) -> int:
        """A day that lies safely within the term of the oldest movement."""
        return min(due.accepted_at for due in self.dues) + 27 * DAY_US


def money_line(contract: Contract, amount_fen: int, **more: object) -> Wire:
    """A pair's share of a document."""
    line: Wire = {
        "origin_org": contract.origin.code,
        "destination_org": contract.facility.base.org.code,
        "amount_yuan": format_yuan(amount_fen),
        "contract_no": contract.no,
    }
    return line | more


def due_line(contract: Contract, due: Due, amount_fen: int | None = None) -> Wire:
    """A line for one movement."""
    more: Wire = {"waste_code": due.waste_code, "mass_kg": kg(due.mass_g)}
    if contract.named and due.manifest_no:
        more["manifest_no"] = due.manifest_no
    return money_line(contract, due.amount_fen if amount_fen is None else amount_fen, **more)


def invoice(
    world: World, contract: Contract, dues: Sequence[Due], at: int, amounts: Sequence[int] | None = None
) -> Bill:
    """开票 for movements; `amounts` (fen, by movement) says what else than the owed sums is billed."""
    asked = amounts or [due.amount_fen for due in dues]
    lines = [due_line(contract, due, fen) for due, fen in zip(dues, asked, strict=True)]
    return invoice_of(world, contract, dues, at, lines)


def invoice_of(world: World, contract: Contract, dues: Sequence[Due], at: int, lines: list[Wire]) -> Bill:
    """开票 for movements with lines of one's own."""
    number = world.names.invoice(world.year(at))
    body: Wire = {
        "invoice_no": number,
        "seller_org": contract.seller.code,
        "buyer_org": contract.buyer.code,
        "lines": lines,
    }
    telling = world.telling(max(due.known_at for due in dues))
    wire = telling.tell(contract.seller, "invoice-issued.v1", at, body)
    return Bill(number, contract, dues, at, telling.known_at, wire)


def reverse(world: World, bill: Bill, at: int) -> int:
    """红字发票: take an invoice back as a whole; when that is known."""
    body = {
        "invoice_no": world.names.invoice(world.year(at)),
        "reverses_invoice_no": bill.no,
        "seller_org": bill.contract.seller.code,
        "buyer_org": bill.contract.buyer.code,
        "lines": bill.wire["lines"],
    }
    telling = world.telling(bill.known_at)
    telling.tell(bill.contract.seller, "invoice-reversed.v1", at, body)
    return telling.known_at


def payment(
    world: World,
    lines: list[Wire],
    payer: Org,
    payee: Org,
    at: int,
    *,
    known_at: int = 0,
    prepayment: bool = False,
    deposit: bool = False,
) -> tuple[str, int]:
    """付款; the bank's reference, and when it is known."""
    body: Wire = {
        "bank_reference": world.names.bank_reference(world.days.date(world.days.of(at))),
        "payer_org": payer.code,
        "payee_org": payee.code,
        "lines": lines,
    }
    if prepayment:
        body["prepayment"] = True
    if deposit:
        body["deposit"] = True
    telling = world.telling(known_at)
    telling.tell(payer, "payment-made.v1", at, body)
    return str(body["bank_reference"]), telling.known_at


def pay(world: World, bills: Sequence[Bill], at: int) -> str:
    """付款 for invoices of one contract, a line for each movement; the bank's reference."""
    contract = bills[0].contract
    lines = [due_line(contract, due) | {"invoice_no": bill.no} for bill in bills for due in bill.dues]
    known_at = max(bill.known_at for bill in bills)
    return payment(world, lines, contract.buyer, contract.seller, at, known_at=known_at)[0]


def settle(world: World, transfer: Transfer) -> None:
    """Bill and pay one transfer in the ordinary way, or leave it to the weekly bill."""
    due = transfer.due
    if due is None:
        return
    if transfer.contract.weekly:
        transfer.contract.unbilled.append(due)
        return
    bill = invoice(world, transfer.contract, [due], due.accepted_at + world.seconds(86400, 6 * 86400))
    pay(world, [bill], bill.issued_at + world.seconds(2 * 86400, 18 * 86400))


def bill_the_week(world: World, contract: Contract) -> None:
    """One invoice for all that was accepted and is known, one payment for it."""
    now = world.hour(world.today, 9, 11)
    dues = [due for due in contract.unbilled if due.known_at < now - DAY_US]
    if not dues:
        return
    contract.unbilled = [due for due in contract.unbilled if due not in dues]
    bill = invoice(world, contract, dues, now)
    pay(world, [bill], min(bill.issued_at + world.seconds(2 * 86400, 14 * 86400), bill.pay_by))
