"""资金: contracts, invoices and payments between plater and kiln."""

from typing import Any

from tests.facts.base import FACILITY_ORG, PRODUCER_ORG, Amount, When, Wire, fact


def price(yuan: Amount = 3000, basis: str = "tonne", **more: Any) -> Wire:
    """A price line: `waste_code` or `category` to narrow it, `payer="destination"` where the waste is bought."""
    return {"basis": basis, "price_yuan": str(yuan), **more}


def _pair() -> Wire:
    return {"origin_org": PRODUCER_ORG, "destination_org": FACILITY_ORG}


def contract_signed(
    no: str = "C1",
    yuan: Amount = 3000,
    *,
    lines: list[Wire] | None = None,
    valid_from: str = "2025-01-01",
    valid_until: str = "2026-12-31",
    at: When | None = None,
    **more: Any,
) -> Wire:
    """签约 between plater and kiln, so many yuan a tonne."""
    terms = {"valid_from": valid_from, "valid_until": valid_until, "lines": lines or [price(yuan)]}
    return fact("contract-signed.v1", at, **{"contract_no": no, **_pair(), **terms, **more})


def contract_amended(
    no: str = "C1",
    yuan: Amount = 3000,
    *,
    lines: list[Wire] | None = None,
    effective_from: str = "2025-07-01",
    valid_until: str = "2026-12-31",
    at: When | None = None,
    **more: Any,
) -> Wire:
    """变更."""
    terms = {"effective_from": effective_from, "valid_until": valid_until, "lines": lines or [price(yuan)]}
    return fact("contract-amended.v1", at, **{"contract_no": no, **_pair(), **terms, **more})


def contract_ended(no: str = "C1", *, at: When | None = None, **more: Any) -> Wire:
    """终止."""
    return fact("contract-ended.v1", at, **{"contract_no": no, **_pair(), **more})


def money_line(yuan: Amount = 540, **more: Any) -> Wire:
    """One pair's share: `contract_no`, `manifest_no`, `invoice_no`, `waste_code`, `mass_kg` where known."""
    return {**_pair(), "amount_yuan": str(yuan), **more}


def invoiced(
    no: str = "25332000000000000001",
    yuan: Amount = 540,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    manifest: str | None = None,
    contract: str | None = None,
    **more: Any,
) -> Wire:
    """开票 by the kiln to the plater."""
    who = {"invoice_no": no, "seller_org": FACILITY_ORG, "buyer_org": PRODUCER_ORG}
    body = lines or [_document_line(yuan, manifest_no=manifest, contract_no=contract)]
    return fact("invoice-issued.v1", at, **{**who, "lines": body, **more})


def invoice_reversed(
    no: str = "25332000000000000002",
    reverses: str = "25332000000000000001",
    yuan: Amount = 540,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """红字发票."""
    who = {
        "invoice_no": no,
        "reverses_invoice_no": reverses,
        "seller_org": FACILITY_ORG,
        "buyer_org": PRODUCER_ORG,
    }
    return fact("invoice-reversed.v1", at, **{**who, "lines": lines or [money_line(yuan)], **more})


def paid(
    reference: str = "BANK1",
    yuan: Amount = 540,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    manifest: str | None = None,
    contract: str | None = None,
    invoice: str | None = None,
    **more: Any,
) -> Wire:
    """付款 from the plater to the kiln."""
    who = {"bank_reference": reference, "payer_org": PRODUCER_ORG, "payee_org": FACILITY_ORG}
    body = lines or [_document_line(yuan, manifest_no=manifest, contract_no=contract, invoice_no=invoice)]
    return fact("payment-made.v1", at, **{**who, "lines": body, **more})


def refunded(
    reference: str = "BANK2",
    refunds: str = "BANK1",
    yuan: Amount = 540,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """退款 back to the plater."""
    who = {
        "bank_reference": reference,
        "refunds_bank_reference": refunds,
        "payer_org": FACILITY_ORG,
        "payee_org": PRODUCER_ORG,
    }
    return fact("payment-refunded.v1", at, **{**who, "lines": lines or [money_line(yuan)], **more})


def _document_line(yuan: Amount, **named: str | None) -> Wire:
    return money_line(yuan, **{name: value for name, value in named.items() if value is not None})
