"""What rules/contract.py promises, held against every rule that is built, over the facts of all stories."""

import inspect

import msgspec
import pytest

from models.exact import DAY_US
from models.topics import Concern
from rules.contract import Rule, State
from tests.facts import instant
from tests.laws import default_law
from tests.rules.harness import Keeper, assert_as_refolded, assert_silence_announced
from tests.stories.runner import Teller, all_stories, rules_for
from tests.stories.steps import Story

NAMES = [name for name in vars(Rule) if not name.startswith("_")]
STORIES = list(all_stories())


@pytest.mark.parametrize("concern", list(Concern))
def test_a_rule_has_the_names_and_parameters_of_the_contract(concern: Concern) -> None:
    rule = rules_for(concern)[concern]
    assert rule.CONCERN is concern
    for name in NAMES:
        wanted = [
            parameter
            for parameter in inspect.signature(getattr(Rule, name)).parameters
            if parameter != "self"
        ]
        assert list(inspect.signature(getattr(rule, name)).parameters) == wanted, name


@pytest.mark.parametrize("concern", list(Concern))
def test_a_new_state_is_empty(concern: Concern) -> None:
    state = rules_for(concern)[concern].new_state("k")
    assert isinstance(state, State)
    assert (state.key, state.subjects, state.latest, state.refolding) == ("k", {}, (0, 0), False)


def _told(story: Story, file: str) -> list[Keeper]:
    teller = Teller(default_law(), rules_for(file), strict=True)
    for step in story:
        teller.step(step)
    return list(teller.keepers.values())


@pytest.mark.parametrize(("file", "name"), STORIES, ids=lambda part: str(part).replace(" ", "-"))
def test_what_a_story_leaves_is_what_a_refold_makes(file: str, name: str) -> None:
    """Also: what is stored is read back the same, untouched subjects keep their findings, silence is announced."""
    story = all_stories()[file, name]
    times = [instant(when) for when, _, _ in story]
    for keeper in _told(story, file):
        assert_as_refolded(keeper, [*times, times[-1] + 100 * DAY_US])
        assert_silence_announced(keeper, times[0], times[-1] + 800 * DAY_US)
        for subject, value in keeper.state().subjects.items():
            assert msgspec.json.encode(value, order="sorted") == keeper.rows[subject]
