"""Token buckets: so much at once, so much a second, and bounded memory."""

import pytest

from streams.buckets import Buckets
from tests.streams.test_throttle import Clock


def test_a_bucket_is_emptied_at_once_and_fills_by_the_second() -> None:
    clock = Clock()
    buckets = Buckets("requests", per_second=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    assert buckets.take("b") == 0
    clock.now += 1_000
    assert buckets.limit("a") == '"requests";r=3;t=0'
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.limit("a") == '"requests";r=0;t=2'


def test_what_is_refused_takes_nothing() -> None:
    buckets = Buckets("facts", per_second=10, burst=100, clock=Clock())
    assert buckets.take("a", 60) == 0
    assert buckets.take("a", 60) == pytest.approx(2)
    assert buckets.take("a", 40) == 0


def test_more_than_a_bucket_holds_passes_where_it_is_full() -> None:
    clock = Clock()
    buckets = Buckets("facts", per_second=10, burst=100, clock=clock)
    assert buckets.take("a", 1000) == 0
    assert buckets.take("a", 1000) == pytest.approx(10)
    clock.now += 10
    assert buckets.take("a", 1000) == 0


@pytest.mark.parametrize(("per_second", "burst", "policy"), [(500, 2000, "4"), (3, 2, "1"), (3, 10, "4")])
def test_the_policy_is_told(per_second: int, burst: int, policy: str) -> None:
    assert Buckets("x", per_second, burst).policy == f'"x";q={burst};w={policy}'


def test_keys_without_number_take_no_more_memory() -> None:
    buckets = Buckets("x", per_second=1, burst=5, clock=Clock())
    for n in range(30_000):
        buckets.take(str(n))
    assert len(buckets._levels) == 20_000
