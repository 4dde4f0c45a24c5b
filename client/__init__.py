"""A small typed client of Feilian's API, for producers, carriers, facilities and their software vendors.

    from client import Feilian, kg

    with Feilian("https://feilian.example", key="flk_…") as feilian:
        receipt = feilian.send({"kind": "waste-generated.v1", "occurred_at": "2026-11-26T09:00:00+08:00",
                                "site": "330106-PLATER01", "lot": "HWCS20261126001", "waste_code": "336-064-17",
                                "mass_kg": kg("12.5")})[0]

Each fact has its event_id before it is first sent, and keeps it through every retry: however often the network, the
server or the client itself fails, each fact is in the ledger once. It depends on httpx alone.
"""

from client.answers import Change, Fact, Page, Problem, Receipt, Refusal, Result, Upload
from client.errors import Busy, ClientError, Refused, Unreachable
from client.identity import kg, new_event_id, steady_event_id, yuan
from client.outbox import Outbox
from client.patience import Patience
from client.session import Feilian

__all__ = [
    "Busy",
    "Change",
    "ClientError",
    "Fact",
    "Feilian",
    "Outbox",
    "Page",
    "Patience",
    "Problem",
    "Receipt",
    "Refusal",
    "Refused",
    "Result",
    "Unreachable",
    "Upload",
    "kg",
    "new_event_id",
    "steady_event_id",
    "yuan",
]
