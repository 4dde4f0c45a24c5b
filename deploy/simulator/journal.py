"""What a simulation says and what it knows to be wrong: facts in recorded order, and the truth. Used by all parts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from models.alerts import ALERTS, AlertKind
from models.exact import BEIJING_OFFSET_US, DAY_US, MINUTE_US, SECOND_US, format_instant
from models.facts import Role
from models.topics import Concern

Wire = dict[str, Any]
_LAG_SECONDS: Final = (120, 5400)


class Said(NamedTuple):
    """A fact as an organisation states it, and the instant at which the ledger gets it (microseconds)."""

    recorded_at: int
    stated_by: str
    role: Role
    wire: Wire


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert episode that the law must raise: `since` in event time; raised when the ledger can know it."""

    kind: AlertKind
    key: str
    subject: str
    raised_at: int
    reason: str

    @property
    def concern(self) -> Concern:
        """The concern that judges it."""
        return ALERTS[self.kind].concern


@dataclass(frozen=True, slots=True)
class Org:
    """An organisation: its credit code, its name, and the role of its key."""

    code: str
    name: str
    role: Role


class Journal:
    """Facts on their way to the ledger, kept by the day on which they are recorded."""

    def __init__(self, rng: Random, origin: int) -> None:
        self.rng = rng
        self.truth: list[Expected] = []
        self._origin = origin
        self._days: dict[int, list[tuple[int, int, Said]]] = defaultdict(list)
        self._dates: dict[int, str] = {}
        self._serial = 0

    def say(self, recorded_at: int, by: Org, wire: Wire) -> None:
        """Put a fact down as recorded at an instant of today or later."""
        self._serial += 1
        said = Said(recorded_at, by.code, by.role, wire)
        self._days[(recorded_at - self._origin) // DAY_US].append((recorded_at, self._serial, said))

    def day(self, day: int) -> Iterator[Said]:
        """The facts recorded on one day since the origin, in their order; they are forgotten here."""
        facts = self._days.pop(day, [])
        facts.sort()
        return (said for _, _, said in facts)

    def lag(self) -> int:
        """How long people take to state a thing: 2 to 90 minutes."""
        low, high = _LAG_SECONDS
        # Random numbers by multiplication: this is called for every fact, and randrange costs five times as much.
        return (low + int(self.rng.random() * (high - low))) * SECOND_US

    def instant(self, at: int) -> str:
        """An instant on the wire; the date's text is kept, since most facts of a day follow one another."""
        day, seconds = divmod((at + BEIJING_OFFSET_US) // SECOND_US, 86_400)
        text = self._dates.get(day)
        if text is None:
            text = self._dates[day] = format_instant(at)[:11]
        minutes, second = divmod(seconds, 60)
        return f"{text}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}+08:00"

    def event_id(self, at: int) -> str:
        """A UUIDv7 of a simulated instant (RFC 9562): 48 bits of milliseconds, the rest from the seed."""
        bits = self.rng.getrandbits(74)
        text = f"{at // 1000 & 0xFFFFFFFFFFFF:012x}7{bits & 0xFFF:03x}{0x8 | (bits >> 12 & 3):x}{bits >> 14:015x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def expect(self, kind: AlertKind, key: str, subject: str, raised_at: int, reason: str) -> None:
        """Note an episode of the truth."""
        self.truth.append(Expected(kind, key, subject, raised_at, reason))


class Telling:
    """The facts of one course of events: recorded in the order told, and never before they happened."""

    __slots__ = ("_journal", "known_at")

    def __init__(self, journal: Journal, known_at: int = 0) -> None:
        self._journal = journal
        self.known_at = known_at

    def tell(self, by: Org, kind: str, at: int, body: Wire, lag: int | None = None) -> Wire:
        """State that something happened at `at`; the ledger gets it `lag` later (default: 2 to 90 minutes)."""
        journal = self._journal
        wait = journal.lag() if lag is None else lag
        self.known_at = max(at + wait, self.known_at + SECOND_US)
        wire = {"event_id": journal.event_id(at), "occurred_at": journal.instant(at), "kind": kind, **body}
        journal.say(self.known_at, by, wire)
        return wire

    def correct(self, by: Org, at: int, wire: Wire, replacement: Wire | None, why: str) -> None:
        """更正: replace an earlier fact of the same stater, or withdraw it."""
        reason = "did-not-occur" if replacement is None else "incorrect-data"
        body: Wire = {"corrects": wire["event_id"], "reason": reason, "explanation": why}
        if replacement is not None:
            body["replacement"] = replacement
        self.tell(by, "fact-corrected.v1", at, body, lag=MINUTE_US)
