"""Storage 贮存: the days of a campaign 动态清零: when its list is frozen, a region is done, and looked at again."""

from datetime import date
from typing import Any

import pytest

from models.exact import DAY_US, beijing_midnight
from rules.storage_campaign import baseline_at, look_back_at, target_at
from tests.facts import campaign_opened, state

TARGETS = [{"region": "33", "target_day": "2026-03-31"}, {"region": "3301", "target_day": "2026-02-28"}]


def midnight(day: str) -> int:
    return beijing_midnight(date.fromisoformat(day))


def opened(**more: Any) -> Any:
    return state(campaign_opened("zero", "2026-05-31", at=0, **more), 1).body


@pytest.mark.parametrize(
    ("region", "after"), [("330106", "2026-03-01"), ("330604", "2026-04-01"), ("320100", "2026-06-01")]
)
def test_a_region_is_to_be_done_by_its_own_day_else_by_that_of_all(region: str, after: str) -> None:
    campaign = opened(targets=TARGETS, look_back_days=90)
    assert target_at(campaign, region) == midnight(after)
    assert look_back_at(campaign, region) == midnight(after) + 90 * DAY_US


def test_a_campaign_that_names_no_look_back_has_none() -> None:
    assert look_back_at(opened(), "330106") is None


def test_the_list_is_frozen_on_the_baseline_day_else_on_the_first() -> None:
    assert baseline_at(opened(baseline_day="2025-12-31")) == midnight("2025-12-31")
    assert baseline_at(opened(effective_from="2026-01-15")) == midnight("2026-01-15")
