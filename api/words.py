"""What the pages say, in Chinese and English; a page asks `say(lang, key)`. Alerts have their own texts (models.alerts)."""

from typing import Final

from api.words_amounts import AMOUNTS
from api.words_bulk import BULK
from api.words_capacity import CAPACITY
from api.words_door import DOOR
from api.words_facts import FACTS
from api.words_hooks import HOOKS
from api.words_keys import KEYS
from api.words_labels import LABELS
from api.words_law import LAW
from api.words_money import MONEY
from api.words_oversight import OVERSIGHT
from api.words_pages import PAGES
from api.words_people import PEOPLE
from api.words_reading import READING
from api.words_reference import REFERENCE
from models.language import Lang

__all__ = ["WORDS", "Lang", "has_words", "say"]


WORDS: Final[dict[str, tuple[str, str]]] = {
    **PAGES,
    **DOOR,
    **AMOUNTS,
    **BULK,
    **CAPACITY,
    **FACTS,
    **HOOKS,
    **LABELS,
    **MONEY,
    **OVERSIGHT,
    **REFERENCE,
    **PEOPLE,
    **KEYS,
    **READING,
}

WORDS.update(LAW)


def say(lang: Lang, key: str, **values: object) -> str:
    """The words of a key, with `{name}` places filled; a key that has none is its own text."""
    found = WORDS.get(key)
    if found is None:
        return key
    text = found[0] if lang is Lang.ZH else found[1]
    return text.format(**values) if values else text


def has_words(key: str) -> bool:
    """Whether there is text for a key."""
    return key in WORDS
