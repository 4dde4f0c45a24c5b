"""What the relay wrote is found good; what was lost, altered, misplaced or put out of order is named, place by place."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from kafka import KafkaProducer
from sqlalchemy import text

from consumers.crosscheck import Finding, Place, Verdict, crosscheck
from deploy.crosscheck_command import crosscheck as command
from models.topics import EVENTS_TOPIC, Concern, shard_of, topic
from streams.decode import routes_of
from streams.ledger import Accepted, Ledger, Submission
from streams.relay import Relay
from streams.topics import ensure_topics
from streams.wire import Headers, prev_header, row_headers
from tests.facts import corrected, day, stater
from tests.kafka.hands import SHARDS, fill, new_ledger, prepared, relayed, running, some_facts, until

Message = tuple[bytes, Headers]


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    made = new_ledger(postgres_url)
    yield made
    made.databases.dispose()


def messages(ledger: Ledger) -> dict[Place, dict[int, Message]]:
    """What a relay sends, by place and seq."""
    found: dict[Place, dict[int, Message]] = defaultdict(dict)
    last: dict[Place, int] = {}
    for row in ledger.rows(0, 100_000):
        headers = row_headers(row, ledger.meta.epoch.encode())
        for place in {Place(topic(c), shard_of(key, SHARDS)) for c, key in routes_of(row)}:
            found[place][row.seq] = (row.data, [*headers, prev_header(last.get(place, 0))])
            last[place] = row.seq
        events = Place(EVENTS_TOPIC, (row.seq - 1) % SHARDS)
        found[events][row.seq] = (row.data, [*headers, prev_header(max(0, row.seq - SHARDS))])
    return found


def send(bootstrap: str, sent: dict[Place, list[Message]]) -> None:
    """Write these messages to new topics, in their order."""
    ensure_topics(bootstrap, SHARDS)
    producer = KafkaProducer(bootstrap_servers=bootstrap, max_in_flight_requests_per_connection=1)
    for place, items in sent.items():
        for value, headers in items:
            producer.send(place.topic, value, partition=place.partition, headers=headers)
    producer.close()


def say_relayed(ledger: Ledger, seq: int) -> None:
    with ledger.databases.ledger.begin() as connection:
        connection.execute(text("DELETE FROM relay_positions"))
        connection.execute(text("INSERT INTO relay_positions VALUES ('kafka', :seq, 1)"), {"seq": seq})


def of(verdict: Verdict, place: Place) -> Finding:
    return next(finding for finding in verdict.findings if finding.place == place)


def busy(sent: dict[Place, dict[int, Message]], concern: Concern) -> Place:
    """The place of a concern with the most facts."""
    return max((p for p in sent if p.topic == topic(concern)), key=lambda place: len(sent[place]))


def with_header(message: Message, name: str, value: bytes) -> Message:
    return message[0], [(known, value if known == name else old) for known, old in message[1]]


async def test_what_the_relay_wrote_is_good_and_what_it_sends_again_is_lawful(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    facts = some_facts(1_500)
    fill(ledger, facts)
    correction = Submission(stater(facts[2]), [prepared(corrected(facts[2], at=day(2), withdrawn=True))])
    assert isinstance(ledger.accept([correction])[0], Accepted)
    head = ledger.head().seq
    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
    verdict = crosscheck(kafka_bootstrap, ledger)
    assert verdict.good, verdict.wire()
    assert verdict.relayed == head
    wanted = sum(len(items) for items in messages(ledger).values())
    assert verdict.wire()["facts"] == wanted

    with ledger.databases.ledger.begin() as connection:
        connection.execute(text("DELETE FROM relay_positions"))
        connection.execute(text("DELETE FROM relay_shards"))
    async with running(Relay(kafka_bootstrap, ledger).run):
        await until(lambda: relayed(ledger) == head)
    again = crosscheck(kafka_bootstrap, ledger)
    assert again.good, again.wire()
    assert again.wire()["repeated"] == wanted


def test_each_kind_of_damage_is_named_where_it_is(kafka_bootstrap: str, ledger: Ledger) -> None:
    head = fill(ledger, some_facts(400))
    sent = messages(ledger)
    custody, storage, settlement, permits, capacity = (busy(sent, concern) for concern in Concern)
    lists: dict[Place, list[Message]] = {place: list(items.values()) for place, items in sent.items()}
    seqs = {place: list(items) for place, items in sent.items()}

    del lists[custody][3]  # Lost, and the message after it does not hide it.
    lists[storage][5], lists[storage][6] = lists[storage][6], lists[storage][5]
    value, headers = lists[settlement][2]
    lists[settlement][2] = (value.replace(b"2025", b"2024", 1), headers)
    elsewhere = ((seq, item) for items in sent.values() for seq, item in items.items())
    stranger, message = next((seq, item) for seq, item in elsewhere if seq not in sent[permits])
    lists[permits].insert(1, message)
    lists[capacity][4] = with_header(lists[capacity][4], "prev", b"%d" % (seqs[capacity][4] - 1))
    events = Place(EVENTS_TOPIC, 1)
    ours = ledger.meta.epoch.encode()
    lists[events][7:7] = [
        (b"{}", [("epoch", ours), ("seq", b"none")]),
        with_header(lists[events][0], "epoch", b"another"),
        with_header(lists[events][0], "seq", b"%d" % (head + 9)),
    ]
    last = Place(EVENTS_TOPIC, 2)
    lost_last = seqs[last][-1]
    lists[last].pop()
    send(kafka_bootstrap, lists)
    say_relayed(ledger, head)

    verdict = crosscheck(kafka_bootstrap, ledger)
    assert not verdict.good
    found = {
        finding.place: {name: seqs for name, seqs in finding.defects.items() if seqs}
        for finding in verdict.findings
        if not finding.good
    }
    assert found == {
        custody: {"missing": [seqs[custody][3]]},
        storage: {"out_of_order": [seqs[storage][5]]},
        settlement: {"altered": [seqs[settlement][2]]},
        permits: {"misplaced": [stranger]},
        capacity: {"bad_prev": [seqs[capacity][4]]},
        events: {"misplaced": [head + 9], "malformed": [7]},
        last: {"missing": [lost_last]},
    }
    assert of(verdict, events).foreign == 1


def test_a_long_topic_is_walked_in_windows_and_partitions_wait_for_each_other(
    kafka_bootstrap: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.crosscheck.WINDOW_ROWS", 70)
    monkeypatch.setattr("consumers.crosscheck.AHEAD_MAX", 5)
    head = fill(ledger, some_facts(900))
    sent = {place: list(items.values()) for place, items in messages(ledger).items()}
    lost = [seqs for place, seqs in messages(ledger).items() if place.topic == "waste.storage"]
    places = [place for place in sent if place.topic == "waste.storage"]
    for place in places:
        del sent[place][40]
    send(kafka_bootstrap, sent)
    say_relayed(ledger, head)
    verdict = crosscheck(kafka_bootstrap, ledger)
    assert [of(verdict, place).missing for place in places] == [[list(seqs)[40]] for seqs in lost]
    assert sum(not finding.good for finding in verdict.findings) == len(places)


def test_checking_may_begin_in_the_middle_and_rows_not_yet_relayed_are_not_missed(
    kafka_bootstrap: str, ledger: Ledger
) -> None:
    head = fill(ledger, some_facts(300))
    sent = messages(ledger)
    half = head // 2
    send(
        kafka_bootstrap,
        {place: [item for seq, item in items.items() if seq <= half] for place, items in sent.items()},
    )
    say_relayed(ledger, half)
    assert crosscheck(kafka_bootstrap, ledger).good
    assert crosscheck(kafka_bootstrap, ledger, offset=10).good
    late = crosscheck(kafka_bootstrap, ledger, offset=-5)
    assert late.good, late.wire()
    assert {finding.facts for finding in late.findings if finding.place.topic == EVENTS_TOPIC} == {5}
    say_relayed(ledger, half + 1)
    assert not crosscheck(kafka_bootstrap, ledger, offset=-5).good


def test_the_command_prints_json_and_says_by_its_exit_code_whether_all_is_well(
    kafka_bootstrap: str, ledger: Ledger, postgres_url: str
) -> None:
    head = fill(ledger, some_facts(30))
    environment = {"FEILIAN_DATABASE": postgres_url, "FEILIAN_KAFKA": kafka_bootstrap}

    def run() -> tuple[int, Any]:
        found = CliRunner().invoke(command, [], env=environment)
        return found.exit_code, json.loads(found.output)

    send(kafka_bootstrap, {place: list(items.values()) for place, items in messages(ledger).items()})
    say_relayed(ledger, head)
    code, said = run()
    assert (code, said["good"], said["partitions"]) == (0, True, [])
    fill(ledger, some_facts(3, first=1_000))
    say_relayed(ledger, head + 3)
    code, said = run()
    assert (code, said["good"]) == (1, False)
    assert {part["topic"] for part in said["partitions"]} >= {EVENTS_TOPIC}
    assert all(part["defects"]["missing"]["count"] for part in said["partitions"])
