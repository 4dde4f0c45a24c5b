"""Feeds a simulated province into a driven ledger: its past in large groups, then its life day by day. For `feilian up`.

Seed and first day follow from the ledger itself, so a second start tells the same story and goes on where it stopped:
what the ledger has already is recognised by its event_id.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from time import monotonic
from typing import Final

from deploy.simulator import DEMO, Province, ProvinceSize, Said
from models.errors import FeilianError
from models.exact import DAY_US, beijing_date, beijing_midnight
from streams.clock import local_now
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Prepared, Submission

SEED: Final = 33
PAST_DAYS: Final = 400
GROUP: Final = 2000
PAUSE_SECONDS_MAX: Final = 1.0
Progress = Callable[[int, int], None]


class DemoRefused(FeilianError):
    """The ledger refused a simulated fact: a bug of the simulator."""


@dataclass(slots=True)
class Demo:
    """A province at the gate of a ledger. `rate` is facts a second once the past is in; all methods block."""

    ledger: Ledger
    size: ProvinceSize = DEMO
    seed: int = SEED
    days: int = PAST_DAYS
    rate: float = 5.0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def first_day(self) -> date:
        """`days` before the day on which the ledger was made."""
        return beijing_date(self.ledger.meta.created_at) - timedelta(days=self.days)

    def run(self, progress: Progress = lambda done, total: None) -> None:
        """Load the past, then live on until `stopped` is set. `progress` gets days done and days in all."""
        province = Province(self.seed, self.size, self.first_day)
        self.load(province, progress)
        self.live(province)

    def load(self, province: Province, progress: Progress = lambda done, total: None) -> None:
        """The days before today, as fast as the ledger takes them; days that it has are only played again."""
        known_at = self._known_at()
        waiting: list[Said] = []
        for day in range(self.days):
            if self.stopped.is_set():
                return
            waiting += [said for said in province.next_day() if said.recorded_at >= known_at]
            if len(waiting) >= GROUP:
                self._submit(waiting)
                waiting = []
            progress(day + 1, self.days)
        self._submit(waiting)
        self._drive(day_start(self.first_day, self.days))

    def live(self, province: Province) -> None:
        """Day after day at `rate` facts a second; the ledger's time goes with the facts, and begins at ours.

        So a fact that somebody posts by the clock on the wall is not ahead of the ledger's. What the province said
        earlier today is recorded now.
        """
        known_at = self._known_at()
        self._drive(local_now())
        facts = (said for said in endless(province) if said.recorded_at >= known_at)
        started, done = monotonic(), 0
        while not self.stopped.is_set():
            ahead = done / self.rate - (monotonic() - started)
            if ahead > 0:
                self.stopped.wait(min(ahead, PAUSE_SECONDS_MAX))
                continue
            self._submit(list(islice(facts, max(1, round(self.rate / 4)))))
            done += max(1, round(self.rate / 4))

    def _known_at(self) -> int:
        """What was recorded before is in the ledger. What comes again is recognised, so two days are safe and cheap."""
        return self.ledger.head().recorded_at - 2 * DAY_US

    def _drive(self, to: int) -> None:
        if to > self.ledger.head().recorded_at:
            self.ledger.drive(to)

    def _submit(self, facts: list[Said]) -> None:
        """One transaction; each fact by its own stater and at its own time."""
        submissions = [
            Submission(said.stated_by, [prepared(said)], said.recorded_at, said.role) for said in facts
        ]
        for outcome in self.ledger.accept(submissions) if submissions else ():
            if isinstance(outcome, Exception):
                raise outcome
            if not isinstance(outcome, Accepted):
                raise DemoRefused(f"simulated fact refused: {outcome.problems}")


def prepared(said: Said) -> Prepared:
    """A simulated fact, read as the door reads it."""
    read = read_fact(said.wire)
    if not isinstance(read, Prepared):
        raise DemoRefused(f"simulated fact is malformed: {read}")
    return read


def endless(province: Province) -> Iterator[Said]:
    """The facts of all days to come."""
    while True:
        yield from province.next_day()


def past_start(now: int) -> int:
    """When the simulated past of a ledger made at `now` begins: from then on its policies must be in force."""
    return day_start(beijing_date(now), -PAST_DAYS)


def day_start(first: date, days: int) -> int:
    """Beijing midnight so many days after the first."""
    return beijing_midnight(first + timedelta(days=days))
