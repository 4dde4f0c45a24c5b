"""Every story under tests/stories is told in memory, step by step; `make stories` prints what they cover."""

from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

from models.topics import Concern
from streams.keyjudge import Change
from tests.laws import default_law
from tests.stories.runner import concern_of, rules_built, said, stories_of, tell
from tests.stories.steps import Story

_NOT_STORIES = {"__init__", "steps", "runner"}


def _files() -> list[str]:
    here = Path(__file__).parent
    return sorted(
        p.stem for p in here.glob("*.py") if p.stem not in _NOT_STORIES and not p.stem.startswith("test_")
    )


@lru_cache(maxsize=1)
def all_stories() -> dict[tuple[str, str], Story]:
    """Stories by file and name."""
    return {
        (file, name): story
        for file in _files()
        for name, story in stories_of(import_module(f"tests.stories.{file}")).items()
    }


@lru_cache(maxsize=1)
def _told() -> dict[tuple[str, str], list[list[Change]]]:
    return {}


def _tell(file: str, name: str) -> list[list[Change]]:
    told = _told()
    if (file, name) not in told:
        told[file, name] = tell(all_stories()[file, name], default_law(), rules_built())
    return told[file, name]


@pytest.mark.parametrize(("file", "name"), list(all_stories()), ids=lambda part: str(part).replace(" ", "-"))
def test_the_story_goes_as_told(file: str, name: str) -> None:
    concern = concern_of(file)
    if isinstance(concern, Concern) and concern not in rules_built():
        pytest.skip(f"rules/{concern}.py is not built")
    story = all_stories()[file, name]
    went = [said(changes, concern) for changes in _tell(file, name)]
    assert went == [sorted(expected) for _, _, expected in story]
