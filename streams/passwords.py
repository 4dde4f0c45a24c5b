"""Passwords: what is refused as one, and Argon2id for what is kept of one. Used by streams/users and the login."""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from models.errors import FeilianError
from models.metrics import PASSWORD_SECONDS
from models.settings import Settings

CHARS_MIN: Final = 12
CHARS_MAX: Final = 256
_DISTINCT_MIN: Final = 5
_NAME_CHARS_MIN: Final = 4
_WAIT_SECONDS: Final = 8.0
# What people type along: rows of keys, the alphabet, the digits; each forwards and backwards.
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "abcdefghijklmnopqrstuvwxyz",
)
_RUNS: Final = tuple(run * 2 for row in (*_ROWS, "12345678901234567890") for run in (row, row[::-1]))
_RUN_CHARS: Final = 4
_STRANGE_LETTERS_MIN: Final = 3
# What is left of most bad passwords once the digits around them are gone.
_USUAL_WORDS: Final = """
password passwort passw0rd admin administrator welcome letmein iloveyou monkey dragon sunshine princess football
master login default changeme secret superman trustno computer internet test guest root user hello woaini woaiwo
aini mima feilian feiwu weifei huanbao huanjing shengtai liandan beijing shanghai hangzhou zhejiang china zhongguo
hazardous waste
"""
_USUAL: Final = frozenset(_USUAL_WORDS.split())
_LEET: Final = str.maketrans("@40$5!137", "aaossiiet")


class Flaw(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    HOLDS_NAME = "holds_name"
    COMMON = "common"


class PasswordsBusy(FeilianError):
    """So many passwords are being checked that this one found no turn; the sender should retry."""


def flaw_of(password: str, names: Iterable[str] = (), refused: Path | None = None) -> Flaw | None:
    """What is wrong with a password for somebody of these names (login, organisation); None for a good one.

    Letters and marks count alike: length protects, and forced marks only make people write it down (NIST SP 800-63B).
    """
    plain = normal(password)
    if len(plain) < CHARS_MIN:
        return Flaw.TOO_SHORT
    if len(plain) > CHARS_MAX:
        return Flaw.TOO_LONG
    folded = plain.casefold()
    if any(name in folded for name in _parts_of(names)):
        return Flaw.HOLDS_NAME
    if _is_common(folded) or (refused is not None and folded in _listed(refused, refused.stat().st_mtime_ns)):
        return Flaw.COMMON
    return None


def normal(password: str) -> str:
    """The same characters however a keyboard put them together."""
    return unicodedata.normalize("NFKC", password)


def _parts_of(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        folded = normal(name).casefold()
        yield from (part for part in {folded, folded.partition("@")[0]} if len(part) >= _NAME_CHARS_MIN)


def _is_common(folded: str) -> bool:
    """Whether nothing but usual words, runs of keys, digits and marks is in it, as in telephone numbers and dates."""
    if len(set(folded)) < _DISTINCT_MIN:
        return True
    left = _without_runs(folded)
    spelled, strange = left.translate(_LEET), [letter.isalpha() for letter in left]
    for word in _USUAL:
        for found in re.finditer(word, spelled):
            strange[found.start() : found.end()] = [False] * len(word)
    return sum(strange) < _STRANGE_LETTERS_MIN


def _without_runs(folded: str) -> str:
    """What is left when everything that was typed along a row, or up and down the digits, is one letter."""
    found, place = "", 0
    while place < len(folded):
        end = place + 1
        while end < len(folded) and any(folded[place : end + 1] in run for run in _RUNS):
            end += 1
        found += folded[place:end] if end - place < _RUN_CHARS else "1"
        place = end
    return found


@lru_cache(maxsize=2)
def _listed(path: Path, changed_ns: int) -> frozenset[str]:
    """The passwords of a file, folded; `changed_ns` makes an edited file a new question."""
    return frozenset(
        normal(line).casefold() for line in path.read_text(encoding="utf-8").splitlines() if line
    )


class Passwords:
    """Hashes and checks, a few at a time: each takes 64 MiB and some 50 ms on purpose."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(settings.argon2_passes, settings.argon2_kib, settings.argon2_lanes)
        self._turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))
        self._nobodys = ""
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        """What is kept of a password: an Argon2id string with its parameters and its salt."""
        with self._turn():
            return self._hasher.hash(normal(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the one; takes as long where there is none (no such user, nothing set yet)."""
        against = kept or self._dummy()
        with self._turn():
            try:
                right = self._hasher.verify(against, normal(password[: CHARS_MAX * 4]))
            except (Argon2Error, InvalidHashError):
                return False
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than are set now."""
        return self._hasher.check_needs_rehash(kept)

    def _dummy(self) -> str:
        with self._lock:
            if not self._nobodys:
                self._nobodys = self._hasher.hash(os.urandom(16).hex())
            return self._nobodys

    @contextmanager
    def _turn(self) -> Iterator[None]:
        started = perf_counter()
        if not self._turns.acquire(timeout=_WAIT_SECONDS):
            raise PasswordsBusy("too many passwords are being checked")
        try:
            yield
        finally:
            self._turns.release()
            PASSWORD_SECONDS.observe(perf_counter() - started)
