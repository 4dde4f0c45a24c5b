"""The organisations of a sandbox: a plater, a carrier, a kiln and their bureau, registered and licensed."""

from __future__ import annotations

from typing import Any, Final

from client.identity import steady_event_id
from models.exact import format_instant
from models.facts.base import Role
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Prepared, Submission

# Organisations of nobody, with check characters that hold.
ORGS: Final = {
    Role.PRODUCER: "91330106MADEMPRDXM",
    Role.CARRIER: "91330106MADEMCAR0K",
    Role.FACILITY: "91330604MADEMFAC6B",
    Role.REGULATOR: "91330000MADEMREG7Q",
}
PLATER: Final = "330106-SANDPLATER"
STORE: Final = "330106-SANDSTORE"
KILN: Final = "330604-SANDKILN"
YARD: Final = "330106-SANDYARD"
SLUDGE: Final = "336-064-17"
VEHICLE: Final = "浙A70001"
_SITES: Final = (
    (PLATER, Role.PRODUCER, "沙箱电镀厂", "producer"),
    (STORE, Role.PRODUCER, "沙箱电镀厂二分厂", "producer"),
    (KILN, Role.FACILITY, "沙箱处置中心", "facility"),
    (YARD, Role.CARRIER, "沙箱运输车队", "collector"),
)


class PartyRefused(Exception):
    """The sandbox's own facts were refused: a bug."""


def settle_in(ledger: Ledger, at: int) -> None:
    """Register and license them, once: again changes nothing."""
    facts = [
        *(_registered(site, ORGS[role], name, site_role, at) for site, role, name, site_role in _SITES),
        _licence("3306040099", KILN, ORGS[Role.FACILITY], "comprehensive", at),
        _licence("3301060099", YARD, ORGS[Role.CARRIER], "transport", at),
    ]
    state(ledger, ORGS[Role.REGULATOR], Role.REGULATOR, facts)


def state(ledger: Ledger, org: str, role: Role, wires: list[dict[str, Any]]) -> list[int]:
    """State facts as one of the party; their seqs."""
    facts: list[Prepared] = []
    for wire in wires:
        read = read_fact(wire)
        if not isinstance(read, Prepared):
            raise PartyRefused(f"{wire['kind']}: {read}")
        facts.append(read)
    outcome = ledger.accept([Submission(org, facts, role=role)])[0]
    if not isinstance(outcome, Accepted):
        raise PartyRefused(str(outcome))
    return [receipt.seq for receipt in outcome.receipts]


def event_id(at: int, *parts: str) -> str:
    """The id of a fact of the sandbox's own, of an instant in microseconds."""
    return steady_event_id(at // 1000, "sandbox", *parts)


def _registered(site: str, org: str, name: str, role: str, at: int) -> dict[str, Any]:
    return {
        "kind": "site-registered.v1",
        "event_id": event_id(0, "site", site),
        "occurred_at": format_instant(at),
        "site": site,
        "org": org,
        "name": name,
        "role": role,
    }


def _licence(number: str, site: str, org: str, kind: str, at: int) -> dict[str, Any]:
    return {
        "kind": "licence-granted.v1",
        "event_id": event_id(0, "licence", number),
        "occurred_at": format_instant(at),
        "licence_no": number,
        "holder": site,
        "holder_org": org,
        "licence_type": kind,
        "issuer": "沙箱生态环境局",
        "valid_from": "2020-01-01",
        "valid_until": "2099-12-31",
        "lines": [{"categories": ["HW17", "HW08"], "yearly_kg": "900000000"}],
    }
