"""What is known of one manifest (or of one stop of a collecting round) at its receiver; for rules.permits."""

from bisect import insort
from typing import Any

import msgspec

from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date

Line = tuple[int, str, int | None]  # Line number, waste code, grams.
Taken = tuple[str, int, str, int | None]  # Origin site and line: what makes two statements the same.
Order = tuple[int, int]
_EPOCH_ORDINAL = 719_163  # 1970-01-01


def day_of(at: int) -> int:
    """The ordinal of the Beijing date of an instant."""
    return (at + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL


class Receipt(msgspec.Struct, array_like=True, order=True):
    """An acceptance, or a round's taking in; `exempt` where its sender claims an exemption (豁免)."""

    at: int
    seq: int
    origin: str
    origin_org: str
    holder_org: str
    exempt: bool
    lines: tuple[Line, ...]


class Arrival(msgspec.Struct, array_like=True, order=True):
    """运抵."""

    at: int
    seq: int
    carrier_org: str


class Delivery(msgspec.Struct, tag="delivery", omit_defaults=True):
    """Statements about one manifest or stop, each list by (at, seq)."""

    arrived: list[Arrival] = []
    accepted: list[Receipt] = []
    collected: list[Receipt] = []

    def is_empty(self) -> bool:
        """Whether nothing is stated any more."""
        return not (self.arrived or self.accepted or self.collected)

    @property
    def receipts(self) -> list[Receipt]:
        """What was taken in: where a round's manifest is accepted as a whole, that acceptance says it all."""
        return self.accepted or self.collected

    @property
    def arrived_at(self) -> int:
        """When it came: by its arrival, else by what was taken in."""
        return self.arrived[0].at if self.arrived else self.receipts[0].at


def delivery_subject(stated: Stated) -> str:
    """The subject of a movement: its manifest, or the stop of a round that has none."""
    body: Any = stated.body
    if body.manifest_no is not None:
        return f"manifest:{body.manifest_no}"
    return f"round:{body.round_id}:{beijing_date(stated.occurred_at).isoformat()}:{body.origin}"


def _receipt(stated: Stated) -> Receipt:
    body: Any = stated.body
    lines = [(line.line, line.waste_code, line.mass_g) for line in body.lines]
    holder_org = body.destination_org
    if stated.kind == "receipt-accepted.v1":
        holder_org = body.receiver_org or holder_org
    exempt = body.exemption is not None
    return Receipt(
        stated.occurred_at, stated.seq, body.origin, body.origin_org, holder_org, exempt, tuple(lines)
    )


def add(delivery: Delivery, stated: Stated) -> None:
    """Keep a statement."""
    if stated.kind == "transport-arrived.v1":
        body: Any = stated.body
        insort(delivery.arrived, Arrival(stated.occurred_at, stated.seq, body.carrier_org))
    else:
        known = delivery.accepted if stated.kind == "receipt-accepted.v1" else delivery.collected
        insort(known, _receipt(stated))


def remove(delivery: Delivery, stated: Stated) -> None:
    """Forget a statement."""
    delivery.arrived = [known for known in delivery.arrived if known.seq != stated.seq]
    delivery.accepted = [known for known in delivery.accepted if known.seq != stated.seq]
    delivery.collected = [known for known in delivery.collected if known.seq != stated.seq]


def taken(delivery: Delivery) -> dict[Taken, Order]:
    """Each line that needs a licence, once however often it is stated, with the first statement of it.

    Lines for which an exemption is claimed by any statement are left out.
    """
    receipts = delivery.receipts
    found: dict[Taken, Order] = {}
    for receipt in receipts:
        for line in receipt.lines:
            found.setdefault((receipt.origin, *line), (receipt.at, receipt.seq))
    for receipt in receipts:
        if receipt.exempt:
            for line in receipt.lines:
                found.pop((receipt.origin, *line), None)
    return found
