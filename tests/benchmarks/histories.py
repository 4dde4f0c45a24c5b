"""Histories of one busy key, as ledger rows: a site that holds thousands of lots, a pair with a thousand manifests."""

from collections.abc import Iterable, Iterator

from models.canonical import canonical
from models.envelope import Row
from models.exact import MINUTE_US
from rules.defaults import default_facts
from tests.facts import (
    SLUDGE,
    Wire,
    accepted,
    arrived,
    confirmed,
    contract_signed,
    day,
    departed,
    generated,
    invoiced,
    issued,
    licence_granted,
    manifest_no,
    paid,
    scope,
    stater,
    stored,
    timed,
    treated,
    weighed,
)

LOTS = 5_000
MANIFESTS = 1_200
_KG = 180
_YUAN = 540
_ON_THE_WAY = 6  # Lorries between the two ends at a time.


def law_rows() -> list[Row]:
    """The default policies, recorded first."""
    return list(_rows(default_facts(), 1, 0))


def busy_site(law: int) -> tuple[list[Row], list[Row]]:
    """A site that has stored 5,000 lots; then as many come in as go out, the oldest first, some by name."""
    filled = _rows((stored(f"L{n}", SLUDGE, _KG) for n in range(LOTS)), law + 1, 1)
    return list(filled), list(_rows(_in_and_out(), law + 1 + LOTS, 1))


def _in_and_out() -> Iterator[Wire]:
    for n in range(LOTS):
        yield stored(f"L{LOTS + n}", SLUDGE, _KG)
        yield departed(manifest_no(n), SLUDGE, _KG, lot=f"L{n}" if n % 2 else None)


def busy_pair(law: int) -> list[Row]:
    """One contract, 1,200 manifests under it from issue to confirmation, all billed afterwards, and then paid."""
    return list(_rows(_traded(), law + 1, 1))


def _traded() -> Iterator[Wire]:
    yield contract_signed("C1", 3_000)
    for n in range(MANIFESTS):
        no, plate = manifest_no(n), f"浙A{n:05d}"  # A minute apart, so each has a lorry of its own.
        yield from (
            issued(no, SLUDGE, _KG, contract_no="C1"),
            departed(no, SLUDGE, _KG, vehicle=plate),
            arrived(no, vehicle=plate),
            weighed(no, SLUDGE, _KG),
            accepted(no, SLUDGE, _KG, contract_no="C1"),
            confirmed(no),
        )
    for n in range(MANIFESTS):
        yield invoiced(f"I{n}", _YUAN, manifest=manifest_no(n), contract="C1")
    for n in range(MANIFESTS):
        yield paid(f"B{n}", _YUAN, invoice=f"I{n}", contract="C1")


def long_life(law: int, loads: int) -> Iterator[Row]:
    """Load after load of one site's waste, from its generation to its treatment and payment: nothing stays open."""
    return _rows(_lived(loads), law + 1, 1)


def _lived(loads: int) -> Iterator[Wire]:
    yield licence_granted(lines=[scope("HW17", tonnes=2_000_000)])
    yield contract_signed("C1", 3_000)
    for n in range(loads + _ON_THE_WAY):
        if n < loads:
            yield generated(f"L{n}", SLUDGE, _KG)
            yield departed(manifest_no(n), SLUDGE, _KG, lot=f"L{n}", vehicle=_plate(n))
        if n >= _ON_THE_WAY:
            yield from _brought(n - _ON_THE_WAY)


def _brought(n: int) -> Iterator[Wire]:
    no = manifest_no(n)
    yield arrived(no, vehicle=_plate(n))
    yield accepted(no, SLUDGE, _KG, contract_no="C1")
    yield confirmed(no)
    yield treated(SLUDGE, _KG)
    yield invoiced(f"I{n}", _YUAN, manifest=no, contract="C1")
    yield paid(f"B{n}", _YUAN, invoice=f"I{n}", contract="C1")


def _plate(n: int) -> str:
    """Each lorry comes again after some days."""
    return f"浙A{n % 500:05d}"


def _rows(wires: Iterable[Wire], first_seq: int, first_day: int) -> Iterator[Row]:
    """One a minute, each recorded when it happens."""
    for seq, wire in enumerate(wires, first_seq):
        at = day(first_day) + (seq - first_seq) * MINUTE_US
        whole = timed(wire, at)
        yield Row(seq, at, stater(whole), whole["event_id"], whole["kind"], canonical(whole))
