"""The words of problems: every code has them in both languages, and both name the same values."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from models.excerpt import cut, in_json
from models.language import Both, Lang
from models.problem_meanings import MEANINGS
from models.problems import TEXTS, Code, Problem, Warned, problem, told

CODES = {code.value for code in (*Code, *Warned)}
# Said of any refusal, whatever its code.
_OF_ANY_CODE = {"refused"}
_HAN = re.compile("[\u4e00-\u9fff]").search


def _values(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_every_code_has_a_text_and_a_meaning_and_nothing_else_has() -> None:
    assert {text.partition("/")[0] for text in TEXTS.keys() - _OF_ANY_CODE} == CODES
    assert MEANINGS.keys() == CODES


@pytest.mark.parametrize("text", sorted(TEXTS))
def test_a_text_is_in_both_languages_and_names_the_same_values(text: str) -> None:
    zh, en = TEXTS[text]
    assert _values(zh) == _values(en)
    assert _HAN(zh)
    assert not _HAN(en.replace("数电票", ""))


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_meaning_is_in_both_languages(code: str) -> None:
    meaning = MEANINGS[code]
    for both in (meaning.title, meaning.means, meaning.advice):
        assert _HAN(both.zh)
        assert both.en
        assert not _HAN(both.en)
    assert (meaning.status == 0) is (code in set(Warned))
    assert meaning.status in {0, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 429, 500, 503}


def test_a_problem_speaks_both_languages() -> None:
    found = problem("$.a", "unknown_field", "mass_kg", kind="x", field="mass_g").under("$[3]")
    assert (found.path, found.code, found.suggestion) == ("$[3].a", Code.UNKNOWN_FIELD, "mass_kg")
    assert found.say(Lang.EN) == '"x" has no field "mass_g"'
    assert found.wire(Lang.ZH)["message"] == "“x”没有字段“mass_g”"
    assert "suggestion" not in problem("$", "no_amount").wire()


def test_a_value_may_be_another_in_each_language() -> None:
    assert told("role_may_not_state", role=Both("承运人", "carrier"), kind="k") == (
        "承运人不能陈述“k”",
        'a carrier may not state "k"',
    )


def test_a_problem_without_chinese_words_is_told_in_english() -> None:
    assert Problem("$", Code.INVALID, "x").say(Lang.ZH) == "x"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        (None, "null"),
        (True, "true"),
        (7, "7"),
        ([], "[]"),
        ([1], "[…]"),
        ({}, "{}"),
        ({"a": 1}, "{…}"),
        ("浙", '"浙"'),
        ({1}, "{1}"),
    ],
)
def test_a_value_is_shown_as_it_was_sent_and_never_at_length(value: object, shown: str) -> None:
    assert in_json(value) == shown
    assert len(cut("x" * 1000)) == len(in_json("x" * 1000)) == 61
