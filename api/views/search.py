"""Finding an entry of a list by its code, its Chinese or English name, or the pinyin initials of the name; ranked.

`rd` finds 热镀, `chongqing` and `cq` find 重庆; a character with several readings counts with each of them, the usual one
first. Used by the lists of reference data (api/views/reference.py); nothing is kept between lists.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, Generic, TypeVar

T = TypeVar("T")
TERMS_MAX: Final = 8
_GAPPY_LEAST: Final = 3  # Letters that may have others between them.


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One entry: by what it may be found, and what it is. The first name is its own, others are about it."""

    item: T
    codes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sound:
    """How a name is said: usual initials, whole syllables, and every initial that each character may have."""

    initials: str
    syllables: tuple[str, ...]
    readings: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    item: T
    codes: tuple[str, ...]
    names: tuple[str, ...]
    sounds: tuple[_Sound, ...]


class Index(Generic[T]):
    """The entries of a list, made ready to be asked."""

    def __init__(self, entries: Iterable[Entry[T]]) -> None:
        self._known = [_known(entry) for entry in entries]

    def found(self, query: str) -> list[T]:
        """The entries that every word of the query finds, the best first; all of them, as listed, for an empty query."""
        terms = normal(query).split()[:TERMS_MAX]
        ranked = []
        for place, known in enumerate(self._known):
            ranks = [_rank(known, term) for term in terms]
            if None not in ranks:
                ranked.append((sum(rank for rank in ranks if rank is not None), place))
        return [self._known[place].item for _, place in sorted(ranked)]


def normal(text: str) -> str:
    """Full-width letters and digits as plain ones, in lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _known(entry: Entry[T]) -> _Known[T]:
    codes = tuple(normal(code) for code in entry.codes)
    plain = tuple(code.replace("-", "") for code in codes)
    names = tuple(normal(name) for name in entry.names if name)
    sounds = tuple(_sound(name) for name in names if any(map(_is_han, name)))
    return _Known(entry.item, tuple(dict.fromkeys(codes + plain)), names, sounds)


# Ranking: the lower the better


def _rank(known: _Known[T], term: str) -> int | None:
    ranks = (_by_code(known.codes, term), _by_name(known.names, term), _by_sound(known.sounds, term))
    return min((rank for rank in ranks if rank is not None), default=None)


def _by_code(codes: Sequence[str], term: str) -> int | None:
    if term in codes:
        return 0
    if any(code.startswith(term) for code in codes):
        return 10
    return 50 if any(term in code for code in codes) else None


def _by_name(names: Sequence[str], term: str) -> int | None:
    found = []
    for place, name in enumerate(names):
        if (at := name.find(term)) >= 0:
            found.append((20 if name == term else 30 if at == 0 else 40) + min(place, 5))
    return min(found, default=None)


def _by_sound(sounds: Sequence[_Sound], term: str) -> int | None:
    if not (term.isascii() and term.isalnum()):
        return None
    ranks = [
        rank + min(place, 5) for place, s in enumerate(sounds) if (rank := _as_said(s, term)) is not None
    ]
    return min(ranks, default=None)


def _as_said(sound: _Sound, term: str) -> int | None:
    if term in (sound.initials, "".join(sound.syllables)):
        return 60
    if (at := sound.initials.find(term)) >= 0:
        return 70 if at == 0 else 80
    if _reads(sound.readings, term):
        return 90
    if len(term) >= _GAPPY_LEAST and (start := _spelled(sound.syllables, term)) is not None:
        return 100 if start == 0 else 110
    return 120 if len(term) >= _GAPPY_LEAST and _gappy(sound.initials, term) else None


def _spelled(syllables: Sequence[str], term: str) -> int | None:
    """Which syllable the term begins with; Hangzhou is not found in Changzhou."""
    starts = (place for place, syllable in enumerate(syllables) if syllable[0] == term[0])
    return next((place for place in starts if "".join(syllables[place:]).startswith(term)), None)


def _reads(readings: Sequence[frozenset[str]], term: str) -> bool:
    """Whether some readings of neighbouring characters spell the term."""
    return any(
        all(letter in readings[start + step] for step, letter in enumerate(term))
        for start in range(len(readings) - len(term) + 1)
        if term[0] in readings[start]
    )


def _gappy(initials: str, term: str) -> bool:
    """Whether the letters come in this order with few others between them: who abbreviates leaves words out."""
    longest = 2 * len(term)
    for start, letter in enumerate(initials):
        if letter == term[0] and _in_order(initials[start : start + longest], term):
            return True
    return False


def _in_order(letters: str, term: str) -> bool:
    rest = iter(letters)
    return all(letter in rest for letter in term)


# How it is said


def _is_han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


@lru_cache(maxsize=16384)
def _sound(name: str) -> _Sound:
    from pypinyin import (  # Its tables take a third of a second, and few processes are asked.
        Style,
        lazy_pinyin,
    )

    syllables: list[str] = []
    readings: list[frozenset[str]] = []
    for han, letters in groupby(name, _is_han):
        text = "".join(letters)
        if han:
            syllables += lazy_pinyin(text, style=Style.NORMAL, v_to_u=False)
            readings += map(_readings, text)
        else:
            kept = [letter for letter in text if letter.isascii() and letter.isalnum()]
            syllables += kept
            readings += [frozenset(letter) for letter in kept]
    initials = "".join(syllable[:1] for syllable in syllables)
    return _Sound(initials, tuple(syllables), tuple(readings))


@lru_cache(maxsize=8192)
def _readings(letter: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    return frozenset(pinyin(letter, style=Style.FIRST_LETTER, heteronym=True)[0])
