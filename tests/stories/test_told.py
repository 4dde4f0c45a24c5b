"""What the stories tell stays as it was read in review, word for word (tests.stories.told)."""

import pytest

from tests.stories.runner import story_files
from tests.stories.told import FOLDER, told


@pytest.mark.parametrize("file", story_files())
def test_the_stories_tell_what_was_read_in_review(file: str) -> None:
    assert told(file).splitlines() == (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines()


def test_no_file_is_kept_of_stories_that_are_gone() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == story_files()
