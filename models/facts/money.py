"""资金: contracts, invoices and payments. A document over several pairs carries lines, and goes to each pair."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.facts.base import (
    CategoryCode,
    Day,
    DocumentNumber,
    Fact,
    Flag,
    ManifestNumber,
    MassField,
    MoneyField,
    OrgId,
    Part,
    Text,
    WasteCode,
    wrong,
)


class PriceBasis(StrEnum):
    """What a price is per; money follows mass only for the first two, and loads for the first three (DOMAIN 6)."""

    TONNE = "tonne"
    KG = "kg"
    PIECE = "piece"
    BED_DAY = "bed_day"
    MONTH_FLAT = "month_flat"
    YEAR_FLAT = "year_flat"


class Payer(StrEnum):
    """Who pays: recoverable waste is often bought from the producer."""

    ORIGIN = "origin"
    DESTINATION = "destination"


# Thousandths of VAT: 60 or 130 for disposal (DOMAIN 6).
TaxPermille = Annotated[int, Field(strict=True, ge=0, le=1000)]


class PriceLine(Part):
    """The price of one code, or of a category, or of everything where neither is named.

    `minimum_fen` is the least that one load comes to by this line, however little it is. `plus_tax_permille` says that
    price and minimum are without VAT, and how much comes on top; without it they include what tax there is.
    """

    waste_code: WasteCode | None = None
    category: CategoryCode | None = None
    basis: PriceBasis
    price_fen: MoneyField = Field(alias="price_yuan")
    payer: Payer = Payer.ORIGIN
    minimum_fen: MoneyField | None = Field(default=None, alias="minimum_yuan")
    plus_tax_permille: TaxPermille | None = None


PriceLines = Annotated[tuple[PriceLine, ...], Field(min_length=1, max_length=200)]


class Agreement(Fact):
    """What every statement about a contract repeats: its number and the pair."""

    contract_no: DocumentNumber
    origin_org: OrgId
    destination_org: OrgId


class ContractSigned(Agreement):
    """签约: producer and facility agreed on prices, perhaps through a named intermediary (MT 10, duty.contract_check)."""

    kind: Literal["contract-signed.v1"] = "contract-signed.v1"
    valid_from: Day
    valid_until: Day  # The last day it holds.
    lines: PriceLines
    intermediary_orgs: Annotated[tuple[OrgId, ...], Field(max_length=10)] = ()
    mass_g: MassField | None = Field(default=None, alias="mass_kg")


class ContractAmended(Agreement):
    """变更: from a day on, other prices, another end, other intermediaries."""

    kind: Literal["contract-amended.v1"] = "contract-amended.v1"
    effective_from: Day
    valid_until: Day
    lines: PriceLines
    intermediary_orgs: Annotated[tuple[OrgId, ...], Field(max_length=10)] = ()
    mass_g: MassField | None = Field(default=None, alias="mass_kg")  # Absent: as agreed before.


class ContractEnded(Agreement):
    """终止: the contract ended before its last day."""

    kind: Literal["contract-ended.v1"] = "contract-ended.v1"
    reason: Text | None = None


class MoneyLine(Part):
    """One pair's share of a document, and what it is for where that is known.

    The pair is whose waste it is for and who takes it in, whoever pays: a trader's line names producer and facility.
    `plus_tax_permille` says that the amount is without VAT, and how much comes on top; without it the amount is what is
    paid in all.
    """

    origin_org: OrgId
    destination_org: OrgId
    amount_fen: MoneyField = Field(alias="amount_yuan")
    contract_no: DocumentNumber | None = None
    manifest_no: ManifestNumber | None = None
    invoice_no: DocumentNumber | None = None
    waste_code: WasteCode | None = None
    mass_g: MassField | None = Field(default=None, alias="mass_kg")
    plus_tax_permille: TaxPermille | None = None


def some_money(lines: tuple[MoneyLine, ...]) -> tuple[MoneyLine, ...]:
    """A document over nothing says nothing."""
    if not any(line.amount_fen for line in lines):
        raise wrong("no_amount/money")
    return lines


MoneyLines = Annotated[tuple[MoneyLine, ...], Field(min_length=1, max_length=200), AfterValidator(some_money)]


class InvoiceIssued(Fact):
    """开票: the seller of the service (or of the waste) billed the buyer."""

    kind: Literal["invoice-issued.v1"] = "invoice-issued.v1"
    invoice_no: DocumentNumber
    seller_org: OrgId
    buyer_org: OrgId
    lines: MoneyLines


class InvoiceReversed(Fact):
    """红字发票: a red invoice takes an earlier one back, wholly or in part; its amounts are given as positive."""

    kind: Literal["invoice-reversed.v1"] = "invoice-reversed.v1"
    invoice_no: DocumentNumber
    reverses_invoice_no: DocumentNumber
    seller_org: OrgId
    buyer_org: OrgId
    lines: MoneyLines


class PaymentMade(Fact):
    """付款: money went from payer to payee; `bank_reference` is the bank's own number of the transfer."""

    kind: Literal["payment-made.v1"] = "payment-made.v1"
    bank_reference: DocumentNumber
    payer_org: OrgId
    payee_org: OrgId
    lines: MoneyLines
    prepayment: Flag = False  # Declared: movement may follow until the contract ends.
    deposit: Flag = (
        False  # 保证金: security that goes back; it pays for no movement, whatever its lines name.
    )


class PaymentRefunded(Fact):
    """退款: money of an earlier payment went back; amounts are given as positive."""

    kind: Literal["payment-refunded.v1"] = "payment-refunded.v1"
    bank_reference: DocumentNumber
    refunds_bank_reference: DocumentNumber
    payer_org: OrgId
    payee_org: OrgId
    lines: MoneyLines
