"""Runs of judgements in time: a signal that is judged again and again lasts from its first yes to its first no."""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Run(NamedTuple, Generic[T]):
    """A signal holds from `since` until `until` (None: it lasts); `told` is what was last judged in it."""

    since: int
    until: int | None
    told: T


def latest_run(judged: Iterable[tuple[int, T | None]], at: int) -> Run[T] | None:
    """The last run among judgements at or before `at`, in order of time; None is a no.

    Of several judgements at one instant the last counts.
    """
    by_instant = {when: told for when, told in judged if when <= at}
    run: Run[T] | None = None
    for when, told in sorted(by_instant.items(), key=lambda row: row[0]):
        if told is None:
            if run is not None and run.until is None:
                run = run._replace(until=when)
        elif run is None or run.until is not None:
            run = Run(when, None, told)
        else:
            run = run._replace(told=told)
    return run


def next_judgement(judged: Iterable[int], at: int) -> int | None:
    """The first judgement after `at`: when silence alone may change the signal."""
    return min((when for when in judged if when > at), default=None)
