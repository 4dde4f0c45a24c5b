"""Numbered alert changes reach waste.alerts in order, each at least once, and an alert's changes in one partition."""

import asyncio
from collections.abc import Iterator

import orjson
import pytest
from sqlalchemy import Table, text

from models.tables import AlertChange
from models.topics import ALERTS_TOPIC
from streams import bulk
from streams.alerts_out import AlertsOut
from streams.ledger import Ledger
from tests.kafka.hands import new_ledger, read_all, running, until

CHANGES: Table = AlertChange.__table__  # type: ignore[assignment]


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


def number_changes(ledger: Ledger, first: int, count: int) -> None:
    """Changes as the publisher leaves them: seven alerts in turn, and one that has no number yet."""
    rows = [
        ("storage", "site", f"s{n}", 0, f"alert{n % 7}", "raised", n, b'{"subject":"%d"}' % n, n)
        for n in range(first, first + count)
    ]
    unnumbered = ("storage", "site", f"s{first + count}", 0, "alert", "raised", 1, b"{}", None)
    with ledger.databases.state.begin() as connection:
        bulk.write(connection, CHANGES, [*rows, unnumbered])


def told(ledger: Ledger) -> int:
    with ledger.databases.state.connect() as connection:
        return connection.execute(text("SELECT max(change_no) FROM alerts_out")).scalar() or 0


async def test_changes_are_told_in_order_and_it_resumes_where_it_stopped(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    number_changes(ledger, 1, 1_100)
    async with running(AlertsOut(kafka_bootstrap, ledger).run):
        await until(lambda: told(ledger) == 1_100)
    number_changes(ledger, 1_101, 10)
    async with running(AlertsOut(kafka_bootstrap, ledger).run):
        await until(lambda: told(ledger) == 1_110)
    records = await asyncio.to_thread(read_all, kafka_bootstrap, [ALERTS_TOPIC])
    numbers = [int(dict(record.headers)["change_no"]) for record in records]
    assert sorted(numbers) == list(range(1, 1_111))
    by_alert: dict[bytes, list[tuple[int, int]]] = {}
    for record, number in zip(records, numbers, strict=True):
        by_alert.setdefault(record.key, []).append((record.partition, number))
    assert len(by_alert) == 7
    for places in by_alert.values():
        assert len({partition for partition, _ in places}) == 1
        assert [number for _, number in places] == sorted(number for _, number in places)


async def test_a_change_carries_itself_and_the_alert_after_it(kafka_bootstrap: str, ledger: Ledger) -> None:
    number_changes(ledger, 1, 1)
    async with running(AlertsOut(kafka_bootstrap, ledger).run):
        await until(lambda: told(ledger) == 1)
    (record,) = await asyncio.to_thread(read_all, kafka_bootstrap, [ALERTS_TOPIC])
    assert record.key == b"alert1"
    assert orjson.loads(record.value) == {
        "change_no": 1,
        "change": "raised",
        "changed_at": 1,
        "concern": "storage",
        "key": "site",
        "cause": "s1",
        "ordinal": 0,
        "alert": {"subject": "1"},
    }
    headers = dict(record.headers)
    assert (headers["ce_type"], headers["epoch"]) == (b"alert-raised", ledger.meta.epoch.encode())
