"""Finding by code, name and pinyin: a table of who finds what, and what comes first."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.views.search import Entry, Index

NAMES = {
    "900-249-08": "其他生产、销售、使用过程中产生的废矿物油",
    "336-064-17": "金属或塑料表面酸（碱）洗产生的废腐蚀液",
    "841-001-01": "感染性废物",
    "500000": "重庆市",
    "320400": "常州市",
    "330100": "杭州市",
    "341500": "六安市",
    "R1": "作为燃料（直接燃烧除外）",
}
INDEX = Index(Entry(code, (code,), (name,)) for code, name in NAMES.items())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("900-249-08", ["900-249-08"]),
        ("90024908", ["900-249-08"]),
        ("９００－２４９", ["900-249-08"]),
        ("9002", ["900-249-08"]),
        ("矿物油", ["900-249-08"]),
        ("fkwy", ["900-249-08"]),
        ("FKWY", ["900-249-08"]),
        ("kuangwu", ["900-249-08"]),
        ("废 油", ["900-249-08"]),
        ("fkwy 感染", []),
        ("fkwy 900", ["900-249-08"]),
        ("cq", ["500000"]),  # 重 is also zhòng, which is the commoner reading.
        ("zq", ["500000"]),
        ("la", ["341500"]),
        ("hangzhou", ["330100"]),
        ("changzhou", ["320400"]),
        ("grxfw", ["841-001-01"]),
        ("grfw", ["841-001-01"]),  # A word was left out.
        ("r1", ["R1"]),
        ("xyzzy", []),
        ("%", []),
        ("'; --", []),
    ],
)
def test_what_is_found(query: str, found: list[str]) -> None:
    assert INDEX.found(query) == found


def test_an_empty_query_finds_all_as_listed() -> None:
    assert INDEX.found("") == list(NAMES) == INDEX.found("  　")


def test_the_code_comes_before_the_name_and_the_name_before_its_sound() -> None:
    index = Index(
        [
            Entry("sound", ("3",), ("环保",)),
            Entry("inside", ("2",), ("the hb of it",)),
            Entry("begins", ("1",), ("hb first",)),
            Entry("longer", ("hb2",), ("x",)),
            Entry("code", ("hb",), ("x",)),
        ]
    )
    assert index.found("hb") == ["code", "longer", "begins", "inside", "sound"]


@given(st.text(max_size=60))
def test_any_query_is_answered_with_entries_of_the_list(query: str) -> None:
    found = INDEX.found(query)
    assert set(found) <= set(NAMES)
    assert len(set(found)) == len(found)


def test_a_hostile_query_over_a_long_name_costs_little() -> None:
    index = Index([Entry(number, (str(number),), ("重" * 500,)) for number in range(200)])
    index.found("z")
    started = process_time()
    index.found(" ".join(["zczczczcz"] * 6))
    assert process_time() - started < 2
