"""How a fact or a tick looks in Kafka: the value is the fact, all else is headers. Used by relay, agents and consumers.

A fact is a CloudEvent in binary mode whose `data` is the canonical JSON of the ledger, byte for byte. A tick has no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from models.envelope import Delivery, Row, Tick

Headers = list[tuple[str, bytes]]
SEQ_MAX: Final = 2**63 - 1
_CONSTANT: Final[Headers] = [("ce_specversion", b"1.0"), ("content-type", b"application/json")]


class Record(Protocol):
    """What decoding needs of a consumer's record; those of aiokafka and kafka-python both fit."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...
    @property
    def value(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Foreign:
    """A record that is not of this ledger, or not of ours at all. It is skipped; what it hid is healed as a gap."""

    reason: str


def row_headers(row: Row, epoch: bytes) -> Headers:
    """What all messages of one row have in common; `prev_header` is added for each.

    `ce_source` and `ce_id` together are unique, as CloudEvents asks: the ledger's own (stated_by, event_id).
    `ce_recordedat` is microseconds UTC.
    """
    stated_by = row.stated_by.encode()
    headers = [
        *_CONSTANT,
        ("ce_id", row.event_id.encode()),
        ("ce_source", b"/organisations/" + stated_by),
        ("ce_type", row.kind.encode()),
        ("ce_recordedat", b"%d" % row.recorded_at),
        ("stated_by", stated_by),
        ("epoch", epoch),
        ("seq", b"%d" % row.seq),
    ]
    if row.original is not None:
        headers.append(("original", row.original))
    return headers


def prev_header(prev: int) -> tuple[str, bytes]:
    """The seq routed before this one to the same (concern, shard); 0 for the first."""
    return ("prev", b"%d" % prev)


def tick_headers(tick: Tick, epoch: bytes) -> Headers:
    """All of a tick: its three numbers in one header."""
    return [("epoch", epoch), ("tick", b"%d %d %d" % (tick.head_seq, tick.time, tick.last_seq))]


def decode(record: Record, epoch: bytes) -> Delivery | Tick | Foreign:
    """What a record says. Never raises: whatever is not a delivery or a tick of this epoch is Foreign."""
    try:
        fields = dict(record.headers)
        if fields["epoch"] != epoch:
            return Foreign(f"epoch {fields['epoch']!r}")
        tick = fields.get("tick")
        return _fact(fields, record.value) if tick is None else _tick(tick)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return Foreign(f"{type(error).__name__}: {error}")


def _fact(fields: dict[str, bytes], data: bytes | None) -> Delivery | Foreign:
    seq, prev, recorded_at = int(fields["seq"]), int(fields["prev"]), int(fields["ce_recordedat"])
    if data is None or not 0 <= prev < seq <= SEQ_MAX or not 0 <= recorded_at <= SEQ_MAX:
        return Foreign(f"fact {seq} after {prev} at {recorded_at}")
    row = Row(
        seq,
        recorded_at,
        fields["stated_by"].decode(),
        fields["ce_id"].decode(),
        fields["ce_type"].decode(),
        data,
        fields.get("original"),
    )
    return Delivery(row, prev)


def _tick(text: bytes) -> Tick | Foreign:
    head_seq, time, last_seq = map(int, text.split(b" "))
    if not 0 <= last_seq <= head_seq <= SEQ_MAX or not 0 <= time <= SEQ_MAX:
        return Foreign(f"tick {text!r}")
    return Tick(head_seq, time, last_seq)
