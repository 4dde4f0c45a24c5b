"""Guessing secrets gets slower and slower; who was right from somewhere is not kept out by others."""

import pytest

from streams.throttle import Throttle


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wrongs(throttle: Throttle, times: int, address: str = "a", name: str = "k") -> None:
    for _ in range(times):
        throttle.wrong(address, name)


@pytest.mark.parametrize(
    ("times", "seconds"), [(0, 0), (9, 0), (10, 1), (11, 2), (12, 4), (19, 512), (20, 900), (5000, 900)]
)
def test_each_wrong_one_beyond_the_free_ones_waits_twice_as_long(times: int, seconds: int) -> None:
    throttle = Throttle(free=10, seconds_max=900, clock=Clock())
    wrongs(throttle, times)
    assert throttle.wait("a", "k") == seconds


def test_a_lock_ends_by_itself_and_the_next_is_longer() -> None:
    clock = Clock()
    throttle = Throttle(free=3, seconds_max=60, clock=clock)
    wrongs(throttle, 3)
    clock.now += 0.9
    assert throttle.wait("a", "k") == pytest.approx(0.1)
    clock.now += 0.1
    assert throttle.wait("a", "k") == 0
    wrongs(throttle, 1)
    assert throttle.wait("a", "k") == 2
    clock.now += 121
    wrongs(throttle, 1)
    assert throttle.wait("a", "k") == 0


def test_names_and_addresses_are_locked_each_for_itself() -> None:
    throttle = Throttle(free=2, clock=Clock())
    throttle.wrong("a", "k1")
    throttle.wrong("a", "k2")
    assert throttle.wait("a", "k3") == 1
    assert throttle.wait("b", "k1") == 0
    throttle.wrong("b", "k1")
    assert throttle.wait("c", "k1") == 1


def test_who_was_right_is_not_locked_out_by_others_on_the_same_name_or_address() -> None:
    throttle = Throttle(free=2, clock=Clock())
    throttle.right("home", "k")
    wrongs(throttle, 20, "elsewhere", "k")
    wrongs(throttle, 20, "home", "other")
    assert throttle.wait("elsewhere", "k") > 0
    assert throttle.wait("home", "k") == 0
    wrongs(throttle, 2, "home", "k")
    assert throttle.wait("home", "k") == 1
    throttle.right("home", "k")
    assert throttle.wait("home", "k") == 0


def test_strangers_without_number_take_no_more_memory() -> None:
    throttle = Throttle(free=1, clock=Clock())
    for n in range(30_000):
        throttle.wrong(str(n), str(n))
        throttle.right(str(n), "x")
    assert len(throttle._tries) <= 20_000
    assert len(throttle._trusted) <= 20_000
    assert throttle.wait("29999", "29999") > 0
