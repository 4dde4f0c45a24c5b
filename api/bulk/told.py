"""What is wrong with a file, a heading, a row or a cell, in both languages; the texts are in api.words_bulk."""

from __future__ import annotations

from api.words import Lang, say
from models.language import Both
from models.problems import Code, Problem, Warned


class Unreadable(Exception):
    """A file that is no table of ours, or one that nobody should open; `problem` says why, for its sender."""

    def __init__(self, code: Code, key: str, **values: object) -> None:
        self.problem = told("$", code, key, **values)
        super().__init__(self.problem.message)


class Wrong(ValueError):
    """What is wrong with one cell: a code, and the key of its text."""

    def __init__(self, code: Code, key: str, **values: object) -> None:
        super().__init__(key)
        self.code = code
        self.key = key
        self.values = values

    def at(self, path: str) -> Problem:
        """As a problem of what stands there."""
        return told(path, self.code, self.key, **self.values)


def told(path: str, code: Code | Warned, key: str, **values: object) -> Problem:
    """A problem with its words of `bulk.wrong.<key>`."""
    zh, en = (say(lang, f"bulk.wrong.{key}", **_in(lang, values)) for lang in (Lang.ZH, Lang.EN))
    return Problem(path, code, en, zh)


def _in(lang: Lang, values: dict[str, object]) -> dict[str, object]:
    return {
        name: (value.zh if lang is Lang.ZH else value.en) if isinstance(value, Both) else value
        for name, value in values.items()
    }
