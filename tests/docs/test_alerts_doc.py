"""docs/alerts.md tells of every kind what the code says of it."""

from deploy.docs import FILE, renewed
from models.alerts import ALERTS, AlertKind


def test_every_kind_has_its_words() -> None:
    assert set(ALERTS) == set(AlertKind)
    for kind in ALERTS.values():
        for words in (kind.zh, kind.en):
            assert words.title
            assert words.meaning
            assert words.advice


def test_the_document_is_what_the_code_says() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run `python -m deploy.docs`"
    assert all(f"### `{kind}`" in text for kind in AlertKind)
