"""What rules/contract.py promises, held against every rule that is built, over the facts of all stories."""

import inspect
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

import rules
from models.exact import DAY_US
from models.facts.law import HolidaysPublished
from models.law import Law
from models.topics import Concern
from rules.contract import Rule, State
from tests.facts import instant
from tests.laws import default_law
from tests.rules.asking import UNWATCHED, AskedLaw
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


def test_every_lookup_of_the_law_book_is_watched() -> None:
    """A lookup that is new is put in tests/rules/asking.py: overridden there, or known to end in one that is."""
    names = {name for name in [*vars(Law), *(f.name for f in fields(Law))] if not name.startswith("_")}
    assert names - UNWATCHED == {
        name for name in vars(AskedLaw) if not name.startswith("_") and name != "asked"
    }


@pytest.mark.parametrize("concern", list(Concern))
def test_only_a_rule_that_names_the_calendar_reads_it(concern: Concern) -> None:
    """Terms in working days are asked by the law's deadline; who counts days itself names HolidaysPublished."""
    folder = Path(rules.__file__).parent
    named = [path for path in sorted(folder.rglob("*.py")) if concern.value in str(path.relative_to(folder))]
    sources = "".join(path.read_text() for path in named)
    reads = "law.calendar" in sources
    assert not reads or HolidaysPublished in rules_for(concern)[concern].ASKS


@pytest.mark.parametrize("concern", list(Concern))
def test_what_a_rule_keeps_or_asks_ahead_it_asks(concern: Concern) -> None:
    rule = rules_for(concern)[concern]
    assert rule.KEEPS <= rule.ASKS
    assert rule.AHEAD <= rule.ASKS


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
