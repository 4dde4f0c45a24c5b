"""A new edition of the law judges again what it touches and nothing else, and ends as judging everything again does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.replay import Folded, Replay, conditions
from models.exact import DAY_US
from models.topics import Concern
from rules.concerns import RULES
from tests.hands.policies import JudgesEverything, judged, ledger_of, policies
from tests.stories.runner import all_stories


def verdicts(folded: Folded) -> list[tuple[Any, ...]]:
    """Every alert as it ended, but for what caused the change: a deadline that falls on the instant of an edition."""
    return [
        (
            key,
            alert.finding,
            alert.episode,
            alert.condition,
            alert.standing,
            alert.raised_at,
            alert.cleared_at,
        )
        for key, alert in folded.alerts()
    ]


@pytest.mark.parametrize("concern", list(Concern))
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_judging_what_an_edition_touches_ends_as_judging_everything(
    concern: Concern, data: st.DataObject
) -> None:
    names = [name for file, name in all_stories() if file == concern]
    story = all_stories()[concern, data.draw(st.sampled_from(names))]
    rows, end = ledger_of(story, data.draw(policies(len(story), RULES[concern].ASKS)))
    until = end + data.draw(st.sampled_from([1, 800 * DAY_US]))
    selective = judged(Replay, concern, rows, until)
    whole = judged(JudgesEverything, concern, rows, until)
    assert conditions(selective) == conditions(whole)
    assert verdicts(selective) == verdicts(whole)
