"""What is known of one manifest (or of one stop of a collecting round) at its receiver; for rules.permits."""

from bisect import insort
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec

from models.catalogue.exemptions import ClaimDoubt, Stage, claim_doubt, exempts
from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date

Line = tuple[int, str, int | None, str]  # Line number, waste code, grams, way of treatment ("": not said).
Said = tuple[
    str, int, str, int | None
]  # Origin site, line number, code and grams: what makes two statements the same.
Taken = tuple[str, int, str, int | None, str]  # The same with the way of treatment that is first named.
Order = tuple[int, int]
_EPOCH_ORDINAL: Final = 719_163  # 1970-01-01
_RECOVERY: Final = "R"


def day_of(at: int) -> int:
    """The ordinal of the Beijing date of an instant."""
    return (at + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL


class Receipt(msgspec.Struct, array_like=True, order=True, gc=False):
    """An acceptance, or a round's taking in; `claims` are items of the exemption annex (豁免) that its sender names."""

    at: int
    seq: int
    origin: str
    origin_org: str
    holder_org: str
    lines: tuple[Line, ...]
    claims: tuple[str, ...] = ()


class Arrival(msgspec.Struct, array_like=True, order=True, gc=False):
    """运抵."""

    at: int
    seq: int
    carrier_org: str


class Delivery(msgspec.Struct, tag="delivery", omit_defaults=True, gc=False):
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


def day_subject(at: int) -> str:
    """The subject of what a day's acceptances sum up to."""
    return f"day:{beijing_date(at).isoformat()}"


def delivery_subject(stated: Stated) -> str:
    """The subject of a movement: its manifest, the stop of a round that has none, or a pipeline's day."""
    body: Any = stated.body
    if stated.kind == "pipeline-metered.v1":
        return f"pipeline:{body.pipeline}:{body.day.isoformat()}:{body.origin}"
    if body.manifest_no is not None:
        return f"manifest:{body.manifest_no}"
    return f"round:{body.round_id}:{beijing_date(stated.occurred_at).isoformat()}:{body.origin}"


def claims_of(body: Any) -> tuple[str, ...]:
    """The exemption items that a receipt or round claims, as `2021-12-2`."""
    if body.exemption is None and not body.exemptions:
        return ()
    first = () if body.exemption is None else (body.exemption,)
    return tuple([claim.exemption_id for claim in (*first, *body.exemptions)])


def _receipt(stated: Stated) -> Receipt:
    body: Any = stated.body
    holder_org = body.destination_org
    if stated.kind == "receipt-accepted.v1":
        holder_org = body.receiver_org or holder_org
        lines = [(line.line, line.waste_code, line.mass_g, line.method or "") for line in body.lines]
    else:
        lines = [(line.line, line.waste_code, line.mass_g, "") for line in body.lines]
    return Receipt(
        stated.occurred_at,
        stated.seq,
        body.origin,
        body.origin_org,
        holder_org,
        tuple(lines),
        claims_of(body),
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

    Lines that an exemption claimed by any of the statements takes out are left out.
    """
    receipts = delivery.receipts
    if len(receipts) == 1 and not receipts[0].claims:
        only = receipts[0]
        order = (only.at, only.seq)
        return {(only.origin, *line): order for line in only.lines}
    said: dict[Said, Order] = {}
    methods: dict[Said, str] = {}
    for receipt in receipts:
        for number, code, mass_g, method in receipt.lines:
            line = (receipt.origin, number, code, mass_g)
            said.setdefault(line, (receipt.at, receipt.seq))
            methods[line] = methods.get(line) or method
    found = {(*line, methods[line]): order for line, order in said.items()}
    claims = [claim for receipt in receipts for claim in receipt.claims]
    if not claims:
        return found
    return {line: order for line, order in found.items() if not _is_exempt(delivery, claims, line, order)}


def _is_exempt(delivery: Delivery, claims: Iterable[str], line: Taken, order: Order) -> bool:
    day = beijing_date(order[0])
    stages = stages_of(delivery, line[4])
    return any(exempts(claim, stage, line[2], day) for claim in claims for stage in stages)


def stages_of(delivery: Delivery, method: str) -> tuple[Stage, ...]:
    """At which stages (环节) taking in can be exempt: a named way of treatment decides; a claim for the way never does.

    A round collects. Whoever accepts without saying what it will do with the waste may only be collecting it.
    """
    if method:
        return (Stage.RECOVERY,) if method[0] == _RECOVERY else (Stage.DISPOSAL,)
    if delivery.accepted:
        return (Stage.RECOVERY, Stage.DISPOSAL, Stage.COLLECTION)
    return (Stage.COLLECTION,)


def doubtful_claim(delivery: Delivery, line: Taken, day: date) -> tuple[str, str] | None:
    """The claimed item that does not take a line out, and why; None where none is claimed."""
    for receipt in delivery.receipts:
        for claim in receipt.claims:
            doubts = [claim_doubt(claim, stage, line[2], day) for stage in stages_of(delivery, line[4])]
            told = [doubt for doubt in doubts if doubt is not ClaimDoubt.WRONG_STAGE]
            return claim, (told or doubts)[0] or ""
    return None
