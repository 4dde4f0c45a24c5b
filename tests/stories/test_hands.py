"""Every story through the embedded loop over SQLite, and through the replay, which ends with the same tables."""

from pathlib import Path

import pytest

from tests.stories.hands import tell_embedded
from tests.stories.runner import all_stories, concern_of


@pytest.mark.parametrize(("file", "name"), list(all_stories()), ids=lambda part: str(part).replace(" ", "-"))
def test_the_hands_tell_the_story_alike(file: str, name: str, tmp_path: Path) -> None:
    story = all_stories()[file, name]
    went, live, replayed = tell_embedded(story, concern_of(file), tmp_path)
    assert went == [sorted(expected) for _, _, expected in story]
    assert replayed == live
