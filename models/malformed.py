"""The slow reader of strict JSON: names the first thing wrong with a body and where; for models.canonical.

It defines what the ledger takes: RFC 8259 in UTF-8 without a byte order mark, and of that no duplicate keys,
no floats, no integers beyond ±(2**53-1), no NUL, no lone surrogates, no nesting deeper than a bound.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from enum import StrEnum
from typing import Final, NoReturn

from models.problem_texts import FACT_TEXTS

INTEGER_MAX: Final = 2**53 - 1

_INTEGER_DIGITS_MAX: Final = 16
_QUOTED_CHARS_MAX: Final = 40
_END: Final = "EOF"

_BLANK = re.compile(r"[ \t\n\r]*").match
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+').match
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)").match
_WORD = re.compile(r"true|false|null").match
_SURROGATE = re.compile("[\ud800-\udfff]").search
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}


class JsonCode(StrEnum):
    """Why a body is not taken; the closed set that senders may rely on."""

    BAD_UTF8 = "bad_utf8"
    BAD_JSON = "bad_json"
    DUPLICATE_KEY = "duplicate_key"
    FLOAT = "float"
    NUL = "nul"
    SURROGATE = "surrogate"
    TOO_DEEP = "too_deep"
    NUMBER_TOO_LARGE = "number_too_large"


class Malformed(ValueError):
    """A body that is not strict JSON; `path` is like `$[3].lines[0].mass_kg`, or `$` where none is known.

    `at` is the character where reading stopped. `message` is English, `zh` the same in Chinese.
    """

    def __init__(self, text: str, path: str, at: int, /, **values: object) -> None:
        zh, en = FACT_TEXTS[text]
        self.code = JsonCode(text.partition("/")[0])
        self.path = path
        self.at = at
        self.message = en.format(**values)
        self.zh = zh.format(**values)
        super().__init__(f"{self.message} at {path}")


def read_slowly(raw: bytes, depth_max: int) -> object:
    """The value of `raw`, or Malformed for its first defect in document order."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("bad_utf8", "$", error.start, place=error.start) from None
    if text.startswith("\ufeff"):
        raise Malformed("bad_utf8/bom", "$", 0)
    return _Reader(text, depth_max).document()


def lines_of(raw: bytes, depth_max: int = 32) -> dict[str, int]:
    """The line (from 1) on which each value begins, by its path; as far as the body can be read."""
    text = raw.decode("utf-8", "replace")
    reader = _Placing(text, depth_max)
    with suppress(Malformed):
        reader.document()
    found: dict[str, int] = {}
    line, seen = 1, 0
    for path, at in sorted(reader.places.items(), key=lambda item: item[1]):
        line += text.count("\n", seen, at)
        seen = at
        found[path] = line
    return found


def _excerpt(text: str) -> str:
    cut = text if len(text) <= _QUOTED_CHARS_MAX else text[:_QUOTED_CHARS_MAX] + "…"
    return json.dumps(cut, ensure_ascii=_SURROGATE(cut) is not None)


class _Reader:
    """A cursor in `text`; `steps` is the way from the root to the value being read."""

    def __init__(self, text: str, depth_max: int) -> None:
        self.text = text
        self.at = 0
        self.depth_max = depth_max
        self.steps: list[str | int] = []

    def document(self) -> object:
        value = self.value()
        if self.peek():
            self.fail("bad_json/after", found=self.here())
        return value

    def value(self) -> object:
        first = self.peek()
        if first == '"':
            return self.string()
        if first == "{" or first == "[":
            if len(self.steps) >= self.depth_max:
                self.fail("too_deep", most=self.depth_max)
            return self.members() if first == "{" else self.items()
        if found := _WORD(self.text, self.at):
            self.at = found.end()
            return _WORDS[found.group()]
        return self.number()

    def members(self) -> dict[str, object]:
        found: dict[str, object] = {}
        more = self.opened("}")
        while more:
            key = self.key()
            self.steps.append(key)
            if key in found:
                self.fail("duplicate_key", key=_excerpt(key))
            self.take(":")
            found[key] = self.value()
            self.steps.pop()
            more = self.another("}")
        return found

    def key(self) -> str:
        if self.peek() != '"':
            self.fail("bad_json/key", found=self.here())
        return self.string()

    def items(self) -> list[object]:
        found: list[object] = []
        more = self.opened("]")
        while more:
            self.steps.append(len(found))
            found.append(self.value())
            self.steps.pop()
            more = self.another("]")
        return found

    def string(self) -> str:
        found = _STRING(self.text, self.at)
        end = found.end() if found else self.at
        if self.text[end : end + 1] != '"':
            self.at = end
            if self.text[end : end + 1] == "\0":
                self.fail("nul")
            self.fail("bad_json/string", found=self.here())
        value: str = json.loads(self.text[self.at : end + 1])
        if "\0" in value:
            self.fail("nul/string", text=_excerpt(value))
        if _SURROGATE(value):
            self.fail("surrogate", text=_excerpt(value))
        self.at = end + 1
        return value

    def number(self) -> int:
        found = _NUMBER(self.text, self.at)
        if found is None:
            self.fail("bad_json", found=self.here())
        token = found.group()
        if found.group(1):
            self.fail("float", token=_excerpt(token))
        if len(token.lstrip("-")) > _INTEGER_DIGITS_MAX or abs(int(token)) > INTEGER_MAX:
            self.fail("number_too_large", token=_excerpt(token))
        self.at = found.end()
        return int(token)

    def opened(self, close: str) -> bool:
        """Steps over the bracket; says whether a member follows."""
        self.at += 1
        if self.peek() != close:
            return True
        self.at += 1
        return False

    def another(self, close: str) -> bool:
        """Steps over a comma or the closing bracket; says whether a member follows."""
        if self.peek() == close:
            self.at += 1
            return False
        self.take(",")
        return True

    def take(self, mark: str) -> None:
        if self.peek() != mark:
            self.fail("bad_json/mark", mark=mark, found=self.here())
        self.at += 1

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        found = self.text[self.at : self.at + 1]
        if found <= " " and (blank := _BLANK(self.text, self.at)):
            self.at = blank.end()
            return self.text[self.at : self.at + 1]
        return found

    def here(self) -> str:
        found = self.text[self.at : self.at + 1]
        return f"{_excerpt(found)} (#{self.at})" if found else _END

    def fail(self, text: str, /, **values: object) -> NoReturn:
        raise Malformed(text, self.path(), self.at, **values)

    def path(self) -> str:
        return "$" + "".join(map(_step, self.steps))


class _Placing(_Reader):
    """Remembers where each value begins."""

    def __init__(self, text: str, depth_max: int) -> None:
        super().__init__(text, depth_max)
        self.places: dict[str, int] = {}

    def value(self) -> object:
        self.peek()
        self.places[self.path()] = self.at
        return super().value()

    def fail(self, text: str, /, **values: object) -> NoReturn:
        self.places[self.path()] = self.at
        super().fail(text, **values)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN_KEY(step) and len(step) <= _QUOTED_CHARS_MAX else f"[{_excerpt(step)}]"
