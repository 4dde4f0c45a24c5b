"""Every story under tests/stories is told in memory, step by step; `make stories` prints what they cover."""

import pytest

from models.alerts import ALERTS
from tests.laws import default_law
from tests.stories.coverage import changes_of, never
from tests.stories.runner import all_stories, concern_of, rules_for, said, story_files, tell


@pytest.mark.parametrize(("file", "name"), list(all_stories()), ids=lambda part: str(part).replace(" ", "-"))
def test_the_story_goes_as_told(file: str, name: str) -> None:
    concern = concern_of(file)
    story = all_stories()[file, name]
    went = [said(changes, concern) for changes in tell(story, default_law(), rules_for(file))]
    assert went == [sorted(expected) for _, _, expected in story]


@pytest.mark.parametrize("file", [file for file in story_files() if concern_of(file) is not None])
def test_some_story_raises_each_kind_of_its_concern(file: str) -> None:
    concern = concern_of(file)
    never_raised, _ = never(changes_of(file))
    assert [kind for kind in never_raised if ALERTS[kind].concern == concern] == []
