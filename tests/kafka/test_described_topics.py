"""What is really on the topics is as /asyncapi.json describes it: facts with their headers, ticks, changes of alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from sqlalchemy import Table, select

from api.asyncapi import ALERT_CHANGED, TICK, document
from models.tables import AlertChange
from models.topics import ALERTS_TOPIC, EVENTS_TOPIC, Concern, topic
from streams import bulk
from streams.alerts_out import AlertsOut
from streams.ledger import Ledger
from streams.relay import Relay
from tests.kafka.hands import fill, new_ledger, read_all, relayed, running, some_facts, until
from tests.kafka.test_alerts_out import told
from tests.pages.province import END, all_facts
from tests.pages.world import World, in_order

CHANGES: Table = AlertChange.__table__  # type: ignore[assignment]


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


def copy_changes(folder: Path, ledger: Ledger) -> int:
    """The changes of a judged province, as its publisher numbered them."""
    world = World(folder)
    world.post(*in_order(all_facts()))
    world.settle(END)
    with world.databases.state.connect() as connection:
        rows = [tuple(row) for row in connection.execute(select(CHANGES))]
    world.databases.dispose()
    with ledger.databases.state.begin() as connection:
        bulk.write(connection, CHANGES, rows)
    return len(rows)


class Told:
    """The messages of the description."""

    def __init__(self) -> None:
        self.document = document()
        self.channels = {one["address"]: one for one in self.document["channels"].values()}

    def check(self, record: Any) -> str:
        """The message that a record is, checked; AssertionError where it is none of its topic's."""
        headers = {name: value.decode() for name, value in record.headers}
        name = TICK if "tick" in headers else headers["ce_type"]
        name = ALERT_CHANGED if record.topic == ALERTS_TOPIC else name
        assert name in self.channels[record.topic]["messages"]
        message = self.document["components"]["messages"][name]
        self._valid({**message["headers"], "additionalProperties": False}, headers)
        payload = orjson.loads(record.value) if record.value else ""
        self._valid(message["payload"], payload)
        return name

    def _valid(self, schema: Any, value: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


async def test_messages_are_as_described(kafka_bootstrap: str, ledger: Ledger, tmp_path: Path) -> None:
    head = fill(ledger, some_facts(60))
    changes = await asyncio.to_thread(copy_changes, tmp_path, ledger)
    assert changes > 30

    def ticked() -> bool:
        return any(
            "tick" in dict(record.headers) for record in read_all(kafka_bootstrap, [topic(Concern.STORAGE)])
        )

    async with running(Relay(kafka_bootstrap, ledger).run), running(AlertsOut(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head and told(ledger) == changes)
        await until(ticked)
    described = Told()
    met: dict[str, set[str]] = {}
    names = [*(topic(concern) for concern in Concern), EVENTS_TOPIC, ALERTS_TOPIC]
    for record in await asyncio.to_thread(read_all, kafka_bootstrap, names):
        met.setdefault(record.topic, set()).add(described.check(record))
    assert met.keys() == set(names)
    assert met[ALERTS_TOPIC] == {ALERT_CHANGED}
    assert all(TICK in met[topic(concern)] for concern in Concern)
    assert TICK not in met[EVENTS_TOPIC]
