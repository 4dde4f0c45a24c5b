"""On which documents a fact states something: decides whether a correction needs another party's approval (D11).

`documents_of` are those that a fact is itself about: a correction is looked up by them. `spoken_on` adds those that it
builds on (an invoice on the manifests it bills): there it seals what others stated (models.sealed). Contract, invoice
and bank numbers are their issuers' own, so they count together with whom they bind; that goes into a hash of fixed length.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from models.facts import Fact


def _hashed(name: str, *parts: str) -> str:
    return f"{name}:{sha256(chr(10).join(parts).encode()).hexdigest()[:32]}"


def _manifest(fact: Any) -> tuple[str, ...]:
    return (f"manifest:{fact.manifest_no}",) if fact.manifest_no is not None else ()


def _contract(fact: Any) -> tuple[str, ...]:
    return (_hashed("contract", fact.contract_no, fact.origin_org, fact.destination_org),)


def _invoice(fact: Any) -> tuple[str, ...]:
    return (_hashed("invoice", fact.invoice_no, fact.seller_org),)


def _red_invoice(fact: Any) -> tuple[str, ...]:
    return (*_invoice(fact), _hashed("invoice", fact.reverses_invoice_no, fact.seller_org))


def _payment(fact: Any) -> tuple[str, ...]:
    return (_transfer(fact.bank_reference, fact),)


def _refund(fact: Any) -> tuple[str, ...]:
    return (_transfer(fact.bank_reference, fact), _transfer(fact.refunds_bank_reference, fact))


def _transfer(reference: str, fact: Any) -> str:
    """A refund goes the other way between the same two, so their order does not count."""
    return _hashed("payment", reference, *sorted((fact.payer_org, fact.payee_org)))


_DOCUMENTS: Final[dict[str, Callable[[Any], tuple[str, ...]]]] = {
    **dict.fromkeys(
        (
            "waste-collected.v1",
            "manifest-issued.v1",
            "manifest-voided.v1",
            "transport-departed.v1",
            "transport-handed-over.v1",
            "transport-observed.v1",
            "transport-arrived.v1",
            "transport-returned.v1",
            "receipt-weighed.v1",
            "receipt-accepted.v1",
            "receipt-refused.v1",
            "manifest-confirmed.v1",
        ),
        _manifest,
    ),
    **dict.fromkeys(("contract-signed.v1", "contract-amended.v1", "contract-ended.v1"), _contract),
    "invoice-issued.v1": _invoice,
    "invoice-reversed.v1": _red_invoice,
    "payment-made.v1": _payment,
    "payment-refunded.v1": _refund,
}


def _named_contract(fact: Any) -> tuple[str, ...]:
    return _contract(fact) if fact.contract_no is not None else ()


def _billed(fact: Any) -> tuple[str, ...]:
    """Manifests, contracts and (of a payment) invoices of the payee that the lines name."""
    found: list[str] = []
    for line in fact.lines:
        found += _manifest(line) + _named_contract(line)
        if line.invoice_no is not None and fact.kind == "payment-made.v1":
            found.append(_hashed("invoice", line.invoice_no, fact.payee_org))
    return tuple(found)


_BUILDS_ON: Final[dict[str, Callable[[Any], tuple[str, ...]]]] = {
    "manifest-issued.v1": _named_contract,
    "invoice-issued.v1": _billed,
    "payment-made.v1": _billed,
}


def spoken_on(kind: str, body: Fact) -> tuple[str, ...]:
    """Names of all documents on which a fact speaks, each once: its own, and those that it builds on."""
    builds_on = _BUILDS_ON.get(kind)
    own = documents_of(kind, body)
    return tuple(dict.fromkeys((*own, *builds_on(body)))) if builds_on is not None else own


def documents_of(kind: str, body: Fact) -> tuple[str, ...]:
    """Names of documents, at most 64 characters each; empty for facts that stand alone."""
    find = _DOCUMENTS.get(kind)
    return find(body) if find is not None else ()
