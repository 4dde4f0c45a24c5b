"""From a post to its alert on /v1/stream, at 200 facts a second: embedded, and through Kafka with every process there is."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from deploy.founding import found
from deploy.kafka.broker import Broker
from deploy.parts import free_port, listening
from deploy.simulator import Simulation
from models.alerts import AlertKind
from models.exact import HOUR_US, MINUTE_US
from models.facts import Role
from models.settings import Settings
from streams import bulk
from streams.clock import local_now
from streams.databases import reading
from streams.ledger import Ledger
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.paced import Post, posted_to_seen
from tests.benchmarks.posts import UNLIMITED, Tokens, anew, keys_for, request
from tests.facts import FACILITY_ORG, Wire, accepted, departed, manifest_no
from tests.hands.ledgers import process, wait_until

PART = "From a post to its alert, 200 facts/s"
RATE = 200
SECONDS = 15
ALARMING = 20  # Of the posts, one in so many raises an alert at once.
COUNT = RATE * SECONDS // ALARMING


def quiet(simulation: Simulation, tokens: Tokens) -> Iterator[Post]:
    """Facts that raise nothing by themselves: lots that come into being."""
    said = [fact for fact in simulation.facts if fact.wire["kind"] == "waste-generated.v1"]
    return (Post(request(tokens[who], wire)) for who, wire in anew(said, 0))


def loaded(number: int, now: int) -> Wire:
    return departed(manifest_no(number), kg=1_000, at=now - HOUR_US)


def short(number: int, now: int) -> Wire:
    """A tenth of the load is not there: the accepted mass differs."""
    return accepted(manifest_no(number), kg=900, at=now - MINUTE_US)


def posts(simulation: Simulation, tokens: Tokens) -> tuple[list[Post], list[Post]]:
    """Departures first; then, among facts that raise nothing, acceptances that each raise one alert."""
    now, others = local_now(), quiet(simulation, tokens)
    before = [Post(request(tokens[Role.FACILITY, FACILITY_ORG], loaded(n, now))) for n in range(COUNT)]
    paced: list[Post] = []
    for n in range(COUNT):
        paced += islice(others, ALARMING - 1)
        paced.append(Post(request(tokens[Role.FACILITY, FACILITY_ORG], short(n, now)), manifest_no(n)))
    return before, paced


@contextmanager
def running(commands: list[str], ledger: Ledger, folder: Path, **environment: str) -> Iterator[None]:
    with ExitStack() as stack:
        for command in commands:
            stack.enter_context(process(command, ledger.databases, folder, **UNLIMITED, **environment))
        yield


def judged(ledger: Ledger) -> bool:
    """Whether every departure is known to custody."""
    with reading(ledger.databases.state) as conn:
        found = bulk.fetch(conn, "SELECT count(*) FROM key_facts WHERE concern = 'custody'", ())
    return bool(found[0][0] >= COUNT)


async def measure(
    ledger: Ledger,
    port: int,
    simulation: Simulation,
    report: Report,
    what: str,
    goals: tuple[float, float] | None,
) -> None:
    tokens = keys_for(ledger, simulation.facts)
    before, paced = posts(simulation, tokens)
    watching = next(token for (role, _), token in tokens.items() if role is Role.REGULATOR)
    kind = AlertKind.MANIFEST_MASS_DIFFERS.value
    wait_until(lambda: listening(port), 60, "the server")
    times = await posted_to_seen(port, watching, kind, before, lambda: judged(ledger), paced, RATE)
    assert len(times) == COUNT
    median, late = goals or (None, None)
    report.figures += [
        Figure(PART, f"{what}, median", percentile(times, 0.5), "ms", median),
        Figure(PART, f"{what}, p99", percentile(times, 0.99), "ms", late),
    ]


async def test_embedded(simulation: Simulation, tmp_path: Path, report: Report) -> None:
    report.note(
        PART,
        f"One post in {ALARMING} raises an alert; the time is from its first byte to the event on /v1/stream.",
    )
    ledger, port = found(Settings(data_dir=tmp_path)), free_port()
    with running([f"up --port {port}"], ledger, tmp_path):
        await measure(ledger, port, simulation, report, "embedded, SQLite", (150, 500))
    ledger.databases.dispose()


async def test_through_kafka(
    simulation: Simulation,
    postgres_durable_url: str,
    kafka_bootstrap: str,
    kafka_broker: Broker,
    tmp_path: Path,
    report: Report,
) -> None:
    ledger, port = found(Settings(database=postgres_durable_url)), free_port()
    commands = [f"serve --port {port}", "relay", "worker", "publisher"]
    with running(commands, ledger, tmp_path, FEILIAN_KAFKA=kafka_bootstrap):
        await measure(ledger, port, simulation, report, "Kafka, Faust, PostgreSQL", (150, 500))
    ledger.databases.dispose()
