"""Records in Kafka say exactly what the ledger and the ticks said, and nothing else is believed."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from models.envelope import Delivery, Row, Tick
from streams.wire import SEQ_MAX, Foreign, Headers, decode, prev_header, row_headers, tick_headers

EPOCH = b"e1"
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
seqs = st.integers(1, SEQ_MAX)
rows = st.builds(
    Row,
    seq=seqs,
    recorded_at=st.integers(0, SEQ_MAX),
    stated_by=names,
    event_id=names,
    kind=names,
    data=st.binary(),
    original=st.none() | st.binary(),
)


@dataclass
class Record:
    headers: Headers
    value: bytes | None


def as_sent(row: Row, prev: int) -> Record:
    return Record([*row_headers(row, EPOCH), prev_header(prev)], row.data)


@given(rows, st.data())
def test_a_fact_comes_back_as_it_was_sent(row: Row, data: st.DataObject) -> None:
    prev = data.draw(st.integers(0, row.seq - 1))
    assert decode(as_sent(row, prev), EPOCH) == Delivery(row, prev)


@given(seqs, st.integers(0, SEQ_MAX), st.data())
def test_a_tick_comes_back_as_it_was_sent(head_seq: int, time: int, data: st.DataObject) -> None:
    tick = Tick(head_seq, time, data.draw(st.integers(0, head_seq)))
    assert decode(Record(tick_headers(tick, EPOCH), b""), EPOCH) == tick


@given(rows)
def test_another_epoch_is_foreign(row: Row) -> None:
    assert isinstance(decode(as_sent(row, 0), b"e2"), Foreign)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["seq", "prev", "ce_id", "ce_recordedat", "tick", "stated_by"]), st.binary()
        )
    ),
    st.none() | st.binary(),
)
def test_nothing_that_can_lie_in_a_topic_makes_decoding_raise(headers: Headers, value: bytes | None) -> None:
    item = decode(Record([("epoch", EPOCH), *headers], value), EPOCH)
    assert isinstance(item, Delivery | Tick | Foreign)


@given(rows, st.sampled_from(["seq", "prev", "ce_id", "ce_type", "ce_recordedat", "stated_by", "epoch"]))
def test_a_record_that_lacks_a_header_is_foreign(row: Row, missing: str) -> None:
    whole = as_sent(row, 0)
    rest = [(name, value) for name, value in whole.headers if name != missing]
    assert isinstance(decode(Record(rest, whole.value), EPOCH), Foreign)


def test_a_fact_that_follows_itself_or_the_future_is_foreign() -> None:
    row = Row(5, 1, "org", "id", "kind", b"{}")
    assert isinstance(decode(as_sent(row, 5), EPOCH), Foreign)
    assert isinstance(decode(as_sent(row, 6), EPOCH), Foreign)
    assert isinstance(decode(Record(as_sent(row, 4).headers, None), EPOCH), Foreign)


def test_a_record_is_a_cloud_event_in_binary_mode() -> None:
    headers = dict(as_sent(Row(5, 1, "91330100MA2X", "id-1", "waste-stored.v1", b"{}"), 4).headers)
    assert headers["ce_specversion"] == b"1.0"
    assert (headers["ce_source"], headers["ce_id"]) == (b"/organisations/91330100MA2X", b"id-1")
    assert headers["ce_type"] == b"waste-stored.v1"
    assert headers["content-type"] == b"application/json"
