"""docs/walk.md leads to lines that are there."""

import pytest

from deploy.docs import LINK, ROOT, WALK, line_of, walked


def test_every_link_of_the_walk_leads_to_the_line_it_names() -> None:
    text = WALK.read_text(encoding="utf-8")
    assert walked(text) == text, "run `python -m deploy.docs`"
    assert len(LINK.findall(text)) >= 20
    assert text.count("](../") == len(LINK.findall(text)), "a link of another form is not checked"


def test_a_name_that_is_gone_is_noticed() -> None:
    with pytest.raises(LookupError):
        line_of(ROOT / "deploy" / "docs.py", "line_of.nothing")
