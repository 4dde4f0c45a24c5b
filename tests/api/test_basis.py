"""The zh page tells on what an alert rests in Chinese: every ground of a kind, and every citation of a default policy."""

import re

import pytest

from api.words_basis import BASES, basis_zh
from models.alerts import ALERTS
from rules.defaults import default_facts

GROUNDS = {about.basis for about in ALERTS.values()}
CITATIONS = {wire["citation"] for wire in default_facts() if "citation" in wire}
# Standards are named by their letters in Chinese too.
_LETTERS = re.compile(r"GB|HJ")
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("text", sorted(GROUNDS | CITATIONS))
def test_it_has_chinese_words_and_no_english_ones(text: str) -> None:
    chinese = basis_zh(text)
    assert _HAN.search(chinese)
    assert not _ENGLISH.search(_LETTERS.sub("", chinese)), chinese


def test_what_a_bureau_records_itself_is_shown_as_recorded_with_laws_named() -> None:
    assert basis_zh("our bureau's order") == "our bureau's order"
    assert basis_zh("浙环函 7号；MT 24") == "浙环函 7号；《危险废物转移管理办法》第24条"


def test_no_words_are_kept_for_grounds_that_nothing_has() -> None:
    ours = {text.removeprefix("Feilian default 系统缺省: ") for text in GROUNDS | CITATIONS}
    assert set(BASES) <= ours
