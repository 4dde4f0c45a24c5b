"""What all pages share in a process: databases, names, the law book as it grows, and how fresh the judging is."""

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Final

from sqlalchemy import Engine, func, select

from api.views.names import Names
from models.exact import SECOND_US
from models.law import Law
from models.tables import Position
from streams.databases import beyond, guarded, reading
from streams.lawbook import LawBook
from streams.ledger import HeadAt, Ledger

STALE_S: Final = 30
PULSE_S: Final = 0.9


@dataclass(frozen=True, slots=True)
class Pulse:
    """Where the ledger and the judges stand. `quiet_s` is how long nothing moved here, by this process's own watch."""

    head: HeadAt
    tick_at: int
    quiet_s: int
    driven: bool

    @property
    def age_s(self) -> int:
        """How old what is shown may be, in seconds. On a driven ledger time rightly stands still between facts."""
        behind_us = max(0, self.head.recorded_at - self.tick_at)
        if self.driven:
            return self.quiet_s if behind_us else 0
        return max(self.quiet_s, behind_us // SECOND_US)

    @property
    def is_stale(self) -> bool:
        """Whether readers must be warned."""
        return self.age_s >= STALE_S


@dataclass(slots=True)
class Desk:
    """Made once for the application; its reads are for threads, not for the event loop."""

    ledger: Ledger
    names: Names = field(init=False)
    _book: LawBook = field(default_factory=LawBook)
    _lock: Lock = field(default_factory=Lock)
    _mark: tuple[int, int, int] = (0, 0, 0)
    _moved_at: float = field(default_factory=monotonic)
    _pulse: tuple[float, Pulse] | None = None

    def __post_init__(self) -> None:
        """Names are read from the same ledger."""
        self.names = Names(self.ledger.databases.ledger)

    @property
    def state(self) -> Engine:
        """Where alerts and subjects are."""
        return self.ledger.databases.state

    def law(self) -> Law:
        """The law as recorded up to now."""
        return self.book().latest

    def book(self) -> LawBook:
        """All editions of the law recorded up to now."""
        head = self.ledger.head()
        with self._lock, beyond():
            if head.seq > self._book.upto:
                self._book.add(self.ledger.law_rows(self._book.upto, head.seq))
                self._book.upto = head.seq
            return self._book

    def now(self) -> int:
        """The ledger's time as of its last tick: ages and forecasts on a page are counted to it."""
        return self.ledger.head().recorded_at

    def recent_pulse(self) -> Pulse | None:
        """The pulse of less than a second ago, without asking the database; None where there is none."""
        known = self._pulse
        return known[1] if known is not None and monotonic() - known[0] < PULSE_S else None

    def pulse(self) -> Pulse:
        """Where everything stands; a page asks at each load, the live feeds together once a second."""
        head = self.ledger.head()
        tick_at = self._ticked()
        with self._lock:
            if (mark := (*head, tick_at)) != self._mark:
                self._mark, self._moved_at = mark, monotonic()
            quiet_s = int(monotonic() - self._moved_at)
        found = Pulse(head, tick_at, quiet_s, self.ledger.meta.driven)
        self._pulse = (monotonic(), found)
        return found

    def _ticked(self) -> int:
        """To which time every shard is judged; 0 where nothing is judged yet."""
        query = select(func.coalesce(func.min(Position.tick_at), 0))
        with guarded(), reading(self.state) as connection:
            return int(connection.execute(query).scalar_one())
