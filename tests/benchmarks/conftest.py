"""What benchmarks share: the facts they measure with, a ledger full of them, and the page on which figures are kept."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.simulator import ProvinceSize, Simulation, simulate
from streams.ledger import Ledger
from tests.benchmarks.figures import Figure, sections
from tests.benchmarks.machine import machine
from tests.hands.ledgers import SEED, START, fill, new_ledger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
SIZE = ProvinceSize(producers=360, hospitals=10, clinics=40, irregularities=2)
DAYS = 400
PARTS = 6
INTRODUCTION = """# Benchmarks

Written by `make bench`, which measures each figure beside its floor in the same run. Clients, servers and databases all
share the one machine named here, so figures say little about another one; their shares of the floor travel better.
Facts are those of the simulated province; a fact counts once, however many messages it becomes.
"""


@pytest.fixture(scope="session", autouse=True)
def _collected_seldom() -> Iterator[None]:
    """As the command `feilian` sets it, since what is measured in this process runs there else."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1_000)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """A year of a small province."""
    return simulate(SEED, SIZE, START, DAYS)


@pytest.fixture(scope="session")
def source(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A driven SQLite ledger with all simulated facts, and nothing judged."""
    ledger = new_ledger(tmp_path_factory.mktemp("source"))
    fill(ledger, simulation.facts, simulation.start)
    yield ledger
    ledger.databases.dispose()


class Report:
    """The figures of a run so far."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.notes: dict[str, list[str]] = {}

    def note(self, part: str, text: str) -> None:
        """Something that a reader of this part's figures has to know."""
        self.notes.setdefault(part, []).append(text)

    def page(self) -> str:
        """All of it, as Markdown."""
        return "\n".join([INTRODUCTION, *machine(), "", sections(self.figures, self.notes), ""])


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Takes figures in; at the end shows them, and writes the page where all parts were measured."""
    report = Report()
    yield report
    page = report.page()
    request.config.get_terminal_writer().write("\n" + page)
    if len({figure.part for figure in report.figures}) == PARTS and not request.session.testsfailed:
        PAGE.write_text(page, encoding="utf-8")
