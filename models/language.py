"""The two languages that people are spoken to in; pages, problems and alerts choose by it."""

from enum import StrEnum
from typing import NamedTuple


class Lang(StrEnum):
    """Chinese first; English by a switch."""

    ZH = "zh"
    EN = "en"


class Both(NamedTuple):
    """A piece of a message that is another in each language."""

    zh: str
    en: str
