"""Slows down who tries secrets: after some wrong ones each further try has to wait, longer each time. Used by the door
for keys and tokens, and by the log-in for passwords.

Kept in memory, bounded, and by each process for itself: N processes allow N times the tries. For a secret of 256 bits
that is nothing; a password is slow to check besides.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

_SUBJECTS_MAX: Final = 20_000
_FIRST_LOCK_SECONDS: Final = 1.0
# Who was right from somewhere goes on from there, though others try that name or share that address.
_TRUSTED_MAX: Final = 20_000


@dataclass(slots=True)
class _Tries:
    wrong: int
    locked_until: float
    forgotten_at: float


class Throttle:
    """Counts wrong secrets by subject (an address, a key's id, a user's name) and says how long each has to wait.

    `free` wrong ones cost nothing; the next locks its subjects for a second, and each after that for twice as long, up
    to `seconds_max`. A subject is forgotten when nothing wrong came for twice that.
    """

    def __init__(
        self, free: int = 10, seconds_max: float = 900, clock: Callable[[], float] = monotonic
    ) -> None:
        self._free = free
        self._seconds_max = seconds_max
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._trusted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, name: str) -> float:
        """Seconds until a try of this name from this address is listened to; 0 where it is now.

        One lock is enough; but a name and an address that were right together answer only for themselves.
        """
        if not self._tries:
            return 0.0
        now = self._clock()
        with self._lock:
            locks = [self._locked(subject, now) for subject in self._subjects(address, name)]
        return max(locks)

    def wrong(self, address: str, name: str) -> None:
        """A wrong secret for this name came from this address."""
        now = self._clock()
        with self._lock:
            for subject in self._subjects(address, name):
                self._count(subject, now)
            while len(self._tries) > _SUBJECTS_MAX:
                self._tries.popitem(last=False)

    def right(self, address: str, name: str) -> None:
        """The secret was right: this pair is trusted from now on."""
        pair = (address, name)
        if pair in self._trusted and not self._tries:
            return
        with self._lock:
            self._trusted[pair] = None
            self._trusted.move_to_end(pair)
            self._tries.pop(_pair(address, name), None)
            while len(self._trusted) > _TRUSTED_MAX:
                self._trusted.popitem(last=False)

    def _subjects(self, address: str, name: str) -> tuple[str, ...]:
        if (address, name) in self._trusted:
            return (_pair(address, name),)
        return (f"address {address}", f"name {name}")

    def _locked(self, subject: str, now: float) -> float:
        tries = self._tries.get(subject)
        return max(0.0, tries.locked_until - now) if tries is not None else 0.0

    def _count(self, subject: str, now: float) -> None:
        tries = self._tries.get(subject)
        if tries is None or now >= tries.forgotten_at:
            tries = self._tries[subject] = _Tries(0, 0.0, 0.0)
        tries.wrong += 1
        beyond = tries.wrong - self._free
        if beyond >= 0:
            # A bounded exponent: the count of a stubborn stranger grows without end, and a float does not.
            tries.locked_until = now + min(self._seconds_max, _FIRST_LOCK_SECONDS * 2 ** min(beyond, 32))
        tries.forgotten_at = now + 2 * self._seconds_max
        self._tries.move_to_end(subject)


def _pair(address: str, name: str) -> str:
    return f"pair {address} {name}"
