"""Every kind's columns follow from its model: a fact becomes rows and comes back as it was, in either language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.bulk.cells import Number, Raw, words_of
from api.bulk.columns import KINDS, Cell, Column, sheet_of
from api.bulk.drafts import Draft, Ids, Rows
from api.bulk.headings import Header, extra_heading, heading, label, read_header
from api.bulk.neutral import neutral
from api.bulk.unfold import rows_of
from api.words import Lang
from models.exact import format_instant, format_kg, format_yuan
from models.examples import example
from models.facts import ABOUT_FACTS, ALERT_FOLLOW_UPS, FACT_TYPES, LAW_KINDS
from models.problems import Code
from models.roles import MAY_STATE
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared

ID = "019a0000-0000-7000-8000-000000000000"


def header_of(kind: str, headings: Sequence[Raw] | None = None) -> Header:
    sheet = sheet_of(kind)
    told = headings or [extra_heading("row_id", kind), *(heading(column) for column in sheet.columns)]
    found = read_header(sheet, list(told))
    assert isinstance(found, Header), found
    return found


def as_sent(wire: dict[str, Any], lang: Lang = Lang.ZH, row_id: str = "1") -> list[tuple[int, list[Raw]]]:
    """The rows of a fact as a file has them: whole numbers as numbers, texts made harmless."""
    table = rows_of(sheet_of(wire["kind"]), wire, lang)
    return [
        (
            at,
            [
                row_id,
                *(
                    Number(str(v)) if isinstance(v, int) else None if v is None else neutral(str(v))
                    for v in row
                ),
            ],
        )
        for at, row in enumerate(table, 2)
    ]


def back(wire: dict[str, Any], lang: Lang = Lang.ZH) -> Draft:
    (draft,) = Rows(header_of(wire["kind"])).drafts(as_sent(wire, lang))
    assert not draft.problems, draft.problems
    return draft


def test_every_kind_that_firms_state_has_a_sheet() -> None:
    assert (
        set(KINDS)
        == {kind for kind, roles in MAY_STATE.items() if roles} - LAW_KINDS - ABOUT_FACTS - ALERT_FOLLOW_UPS
    )
    assert len(KINDS) > 35


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_known_in_both_languages_and_by_their_wire_names(kind: str) -> None:
    columns = sheet_of(kind).columns
    for named in (
        [heading(column) for column in columns],
        [column.wire for column in columns],
        [label(Lang.ZH, column) + ("（千克）" if column.cell is Cell.MASS else "") for column in columns],
        [
            label(Lang.EN, column).upper() + (" (KG)" if column.cell is Cell.MASS else "")
            for column in columns
        ],
    ):
        assert [place.column for place in header_of(kind, ["序号", *named]).places] == list(columns)


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("kind", KINDS)
def test_the_example_comes_back_as_it_was(kind: str, lang: Lang) -> None:
    wire = example(kind)
    model = FACT_TYPES[kind]
    assert model.model_validate({**back(wire, lang).wire, "event_id": ID}) == model.model_validate(
        {**wire, "event_id": ID}
    )


# Facts of every kind, made of their columns: what a cell may hold is drawn by what the column is.

_TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
_INSTANTS = st.integers(0, 2_000_000_000).map(lambda seconds: format_instant(seconds * 1_000_000))
_SAMPLES = {
    "waste_code": ["900-249-08", "336-064-17"],
    "category": ["HW08", "HW17"],
    "categories": ["HW08", "HW17"],
    "former_categories": ["HW08"],
    "only_codes": ["900-249-08"],
    "except_codes": ["336-064-17"],
    "method": ["D10", "R9"],
    "methods": ["D10", "R9"],
    "exemption_id": ["2021-01-1"],
    "manifest_no": ["20253301000001"],
    "onward_manifest_no": ["20253301000002"],
    "onward_of": ["20253301000003"],
    "vehicle": ["浙D12345"],
    "region": ["330106"],
    "province": ["33"],
    "grade": ["A"],
    "sites": ["330106-PLATER01"],
    "manifests": ["20253301000001"],
    "alerts": ["0" * 32, "a" * 32],
}
_SITES = {"site", "origin", "destination", "at_site", "receiver", "holder"}


def values(column: Column) -> st.SearchStrategy[Any]:
    simple: dict[Cell, st.SearchStrategy[Any]] = {
        Cell.INSTANT: _INSTANTS,
        Cell.DAY: st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat),
        Cell.MASS: st.integers(1, 10**9).map(format_kg),
        Cell.MONEY: st.integers(1, 10**9).map(format_yuan),
        Cell.WHOLE: st.integers(2000, 2100) if column.name == "year" else st.integers(1, 200),
        Cell.FLAG: st.booleans(),
        Cell.CHOICE: st.sampled_from(column.choices or ("",)),
        Cell.TEXT: _TEXTS,
        Cell.CODE: _codes(column),
    }
    one = simple[column.cell]
    return st.lists(one, min_size=1, max_size=3, unique=True) if column.many else one


def _codes(column: Column) -> st.SearchStrategy[str]:
    name = column.name
    if name in _SAMPLES:
        return st.sampled_from(_SAMPLES[name])
    if name in _SITES or name == "site":
        return st.sampled_from(["330106-PLATER01", "330604-KILN01"])
    if "org" in name:
        return st.sampled_from(["91330106MAPLATER5X"[:18], "91330604MAKNRNA1XX"])
    return st.from_regex(re.compile(r"[0-9A-Za-z_-]{1,12}", re.ASCII), fullmatch=True)


@st.composite
def wires(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A fact made cell by cell; most are taken by their models, and those that are must come back."""
    sheet = sheet_of(kind)
    wire: dict[str, Any] = {"kind": kind, "event_id": ID}
    _fill(draw, wire, [column for column in sheet.columns if column.group is None], 0)
    for group in sheet.groups:
        columns = [
            column for column in sheet.columns if column.group == group and column.path[1:] != ("line",)
        ]
        for number in range(draw(st.integers(1 if group in sheet.musts else 0, 3))):
            item: dict[str, Any] = {"line": number + 1} if group in sheet.numbered else {}
            _fill(draw, item, columns, 1, whole=group not in sheet.musts)
            wire.setdefault(group, []).append(item)
    return wire


def _fill(
    draw: st.DrawFn, into: dict[str, Any], columns: list[Column], depth: int, *, whole: bool = False
) -> None:
    """Fields that must be there, some of the others; a part such as containers is whole or absent."""
    parts: dict[str, bool] = {}
    for column in columns:
        path = column.path[depth:]
        some = column.required or whole or column.cell is Cell.MASS
        if len(path) > 1:
            some = parts[path[0]] if path[0] in parts else parts.setdefault(path[0], draw(st.booleans()))
        if column.name not in {"stored_since", "ids", "except_codes"} and (
            some or (draw(st.booleans()) and len(path) == 1)
        ):
            _put(into, path, draw(values(column)))


def _put(into: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    into[path[-1]] = value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_fact_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    wire = data.draw(wires(kind))
    read = read_fact(wire)
    if not isinstance(read, Prepared):
        return
    (draft,) = Rows(header_of(kind)).drafts(as_sent(wire))
    echoes = [each for each in draft.problems if each.problem.code is Code.DUPLICATE_ROW]
    assert draft.problems == echoes
    again = read_fact({**draft.wire, "event_id": ID})
    assert isinstance(again, Prepared), again
    assert again.body == read.body


@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_may_be_written_in_three_ways(kind: str) -> None:
    for column in sheet_of(kind).columns:
        told = [words_of(column, choice) for choice in column.choices]
        assert len({zh for zh, _ in told}) == len({en for _, en in told}) == len(column.choices)


def test_ids_follow_from_what_is_said_and_tell_equal_rows_apart_by_their_numbers() -> None:
    wire = example("waste-stored.v1")

    def ids(*row_ids: str) -> list[str | None]:
        giving = Ids("X" * 18)
        found: list[str | None] = []
        for row_id in row_ids:
            (draft,) = Rows(header_of(wire["kind"])).drafts(as_sent(wire, row_id=row_id))
            found.append(None if giving.give(draft) else draft.wire["event_id"])
        return found

    first, second = ids("1", "2")
    assert first is not None
    assert second is not None
    assert first != second
    assert ids("7") == [first]
    assert ids("", "") == [first, None]
    assert ids("1", "1") == [first, None]
    assert ids("8", "9") == [first, second]
    assert first[14] == "7"
    assert Ids("Y" * 18).give(back(wire)) is None


def _drafts(kind: str, headings: Sequence[Raw], *table: list[Raw]) -> list[Draft]:
    return list(Rows(header_of(kind, headings)).drafts(enumerate(table, 2)))


WEIGHED = ["联单", "发生时间", "移出场所", "移出人", "接受场所", "接受人", "明细·废物代码", "明细·重量(吨)"]
ENDS: list[Raw] = ["20253301000001", "2025-03-04 10:00", "330106-A", "X" * 18, "330604-B", "Y" * 18]


def test_blank_cells_of_a_document_are_what_its_first_row_says_and_others_are_told() -> None:
    (draft,) = _drafts(
        "receipt-weighed.v1",
        WEIGHED,
        [*ENDS, "900-249-08", "1.5"],
        [None, None, None, None, None, None, "336-064-17", "0.25"],
        [ENDS[0], ENDS[1], "330106-OTHER", None, None, None, "900-214-08", "1"],
    )
    assert [line["mass_kg"] for line in draft.wire["lines"]] == ["1500", "250", "1000"]
    assert [line["line"] for line in draft.wire["lines"]] == [1, 2, 3]
    assert [(each.row, each.at, each.problem.code) for each in draft.problems] == [(4, 2, Code.CONTRADICTION)]


def test_a_document_that_begins_again_further_down_is_refused() -> None:
    other: list[Raw] = ["20253301000002", *ENDS[1:]]
    drafts = _drafts(
        "receipt-weighed.v1",
        WEIGHED,
        [*ENDS, "900-249-08", "1.5"],
        [*other, "900-249-08", "1.5"],
        [*ENDS, "336-064-17", "2"],
    )
    assert [[each.problem.code for each in draft.problems] for draft in drafts] == [
        [],
        [],
        [Code.SPLIT_DOCUMENT],
    ]


def test_a_line_that_was_pasted_twice_doubles_no_mass() -> None:
    (draft,) = _drafts("receipt-weighed.v1", WEIGHED, *[[*ENDS, "900-249-08", "1.5"]] * 2)
    assert [(each.row, each.problem.code) for each in draft.problems] == [(3, Code.DUPLICATE_ROW)]


def test_repackings_are_told_apart_by_their_numbers_alone() -> None:
    heads = [
        "序号",
        "场所",
        "发生时间",
        "投入·批次",
        "投入·重量(kg)",
        "产出·批次",
        "产出·废物代码",
        "产出·重量(kg)",
    ]
    begin: list[Raw] = ["330106-A", "2025-03-04"]
    drafts = _drafts(
        "lot-repacked.v1",
        heads,
        ["1", *begin, "A", "10", "B", "900-249-08", "5"],
        ["1", *begin, None, None, "C", "900-249-08", "5"],
        ["2", *begin, "D", "1", "E", "900-249-08", "1"],
    )
    assert [len(draft.wire["outputs"]) for draft in drafts] == [2, 1]
    (unnumbered,) = _drafts("lot-repacked.v1", heads, [None, *begin, "A", "10", "B", "900-249-08", "10"])
    assert [each.problem.code for each in unnumbered.problems] == [Code.MISSING]


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["场所", "批次", "废物代码", "重量（吨）", "发生时间"], []),
        (["场所", "批次", "废物代码", "重量", "发生时间"], [Code.NO_UNIT]),
        (["场所", "批次", "废物代码", "重量（吨）\nmass_kg", "发生时间"], [Code.NO_UNIT]),
        (["场所", "批次", "废物代码", "重量（磅）", "发生时间"], [Code.NO_UNIT]),
        (["场所", "批次", "废物代码", "mass_t", "发生时间"], []),
        (["场所", "批次", "重量（吨）", "发生时间"], [Code.MISSING_COLUMN]),
        (["场所", "批次", "废物代码", "废物代码", "重量（吨）", "发生时间"], [Code.DUPLICATE_COLUMN]),
        (["场所", "批次", "废物代码", "重量（吨）", "发生时间", "颜色"], [Code.UNKNOWN_COLUMN]),
        (["场所", "批次", "废物代码", "重量（吨）", "发生时间", "备注", "处理结果"], []),
    ],
)
def test_a_heading_row_is_understood_or_all_is_told(headings: list[str], codes: list[Code]) -> None:
    found = read_header(sheet_of("waste-stored.v1"), list(headings))
    assert ([] if isinstance(found, Header) else [problem.code for problem in found]) == codes
