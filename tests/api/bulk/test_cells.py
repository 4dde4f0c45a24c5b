"""What is in a cell, and what the wire gets of it: floats, tonnes, dates, codes that Excel would mangle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bulk.cells import Number, Raw, read_cell
from api.bulk.columns import sheet_of
from api.bulk.neutral import csv_cell, neutral, plain, told_again, xml_text
from api.bulk.told import Wrong
from models.exact import format_kg, parse_kg
from models.problems import Code

STORED = sheet_of("waste-stored.v1").by_wire
ISSUED = sheet_of("manifest-issued.v1").by_wire
PAID = sheet_of("payment-made.v1").by_wire


def told(column: Any, raw: Raw, factor: str = "1") -> Any:
    return read_cell(column, raw, Decimal(factor)).value


@given(grams=st.integers(0, 10**12))
def test_a_mass_that_excel_keeps_as_a_float_comes_out_to_the_gram(grams: int) -> None:
    kilograms = format_kg(grams)
    assert told(STORED["mass_kg"], Number(repr(float(kilograms)))) == kilograms
    assert told(STORED["mass_kg"], Number(repr(float(Decimal(grams) / 10**6))), "1000") == kilograms
    assert parse_kg(kilograms) == grams


@pytest.mark.parametrize(
    ("raw", "factor", "expected"),
    [
        (Number("12.3"), "1", "12.3"),
        (Number("12.300000000000001"), "1", "12.3"),
        (Number("0.30000000000000004"), "1", "0.3"),
        (Number("12.3004"), "1", "12.3004"),  # Handed on, and refused as bad_mass.
        (Number("1.2E3"), "1", "1200"),
        ("12.500", "1", "12.5"),
        ("１２．５", "1", "12.5"),
        ("1,234.5", "1", "1234.5"),
        ("1,23", "1", "1,23"),
        ("0.000001", "1000", "0.001"),
        ("1.5", "1000", "1500"),
        ("'-5", "1", "-5"),
        ("NaN", "1", "NaN"),
        (Number("1E400"), "1", "1E400"),
    ],
)
def test_masses(raw: Raw, factor: str, expected: str) -> None:
    assert told(STORED["mass_kg"], raw, factor) == expected


def test_money_in_tens_of_thousands() -> None:
    assert told(PAID["lines.amount_yuan"], Number("1.2345"), "10000") == "12345.00"
    assert told(PAID["lines.amount_yuan"], Number("0.1")) == "0.10"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-05T10:00:00Z", "2026-03-05T18:00:00+08:00"),
        ("2026年3月5日14时30分", "2026-03-05T14:30:00+08:00"),
        ("2026年3月5日 下午2:30", "2026-03-05T14:30:00+08:00"),
        ("2026/3/5 9:05:07", "2026-03-05T09:05:07+08:00"),
        ("2026.3.5 12:30 am", "2026-03-05T00:30:00+08:00"),
        ("２０２６-03-05 10:00", "2026-03-05T10:00:00+08:00"),
        (Number("46086.375", True), "2026-03-05T09:00:00+08:00"),
        (Number("46086.39583333333"), "2026-03-05T09:30:00+08:00"),
        (Number("44624.375", True, True), "2026-03-05T09:00:00+08:00"),
        ("5/3/2026 10:00", "5/3/2026 10:00"),
        ("2026-03-05 25:00", "2026-03-05T25:00:00+08:00"),
    ],
)
def test_instants(raw: Raw, expected: str) -> None:
    wire = read_cell(STORED["occurred_at"], raw)
    assert (wire.value, wire.assumed) == (expected, False)


@pytest.mark.parametrize(
    "raw", ["2026-03-05", "20260305", "2026年3月5日", Number("46086", True), Number("46086")]
)
def test_a_day_alone_is_its_beginning_and_that_is_told(raw: Raw) -> None:
    assert read_cell(STORED["occurred_at"], raw) == ("2026-03-05T00:00:00+08:00", True)


@pytest.mark.parametrize(
    ("wire", "raw", "expected"),
    [
        ("manifest_no", Number("20253301000001"), "20253301000001"),
        ("manifest_no", " ２０２５３３０１０００００１ ", "20253301000001"),
        ("lines.waste_code", "900-249-08 其他废矿物油", "900-249-08"),
        ("lines.parents", "A1、B2，C3; D4", ["A1", "B2", "C3", "D4"]),
        ("contract_no", "合同（２０２５）1号"[:8], "合同（２０２５）"),
        ("lines.line", Number("2.0"), 2),
        ("lines.line", "2.5", "2.5"),
        ("on_paper", "是", True),
        ("on_paper", "maybe", "maybe"),
    ],
)
def test_codes_lists_and_flags(wire: str, raw: Raw, expected: Any) -> None:
    assert told(ISSUED[wire], raw) == expected


@pytest.mark.parametrize(
    ("wire", "raw", "code"),
    [
        ("origin_org", Number("9.13301067796800E+17"), Code.MANGLED_NUMBER),
        ("lines.lot", Number("46086", True), Code.MANGLED_NUMBER),
        ("lines.lot", Number("1.5"), Code.MANGLED_NUMBER),
        ("lines.mass_kg", Number("46086", True), Code.MANGLED_NUMBER),
        ("lines.lot", True, Code.WRONG_TYPE),
        ("lines.lot", "a\0b", Code.NUL),
        ("lines.lot", "a\ud800b", Code.SURROGATE),
    ],
)
def test_what_excel_mangled_is_never_guessed_at(wire: str, raw: Raw, code: Code) -> None:
    with pytest.raises(Wrong) as caught:
        told(ISSUED[wire], raw)
    assert caught.value.code is code


DANGEROUS = tuple("=+-@＝＋－＠\t\r\n\0")


@given(text=st.text(max_size=30) | st.text(alphabet="'=+-@＝ab", max_size=8))
def test_no_text_of_ours_is_a_formula_and_each_comes_back(text: str) -> None:
    assert not neutral(text).startswith(DANGEROUS)
    assert plain(neutral(text)) == text
    assert not xml_text(text).startswith(DANGEROUS)
    assert not csv_cell(told_again(csv_cell(text))).startswith(DANGEROUS) or csv_cell(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("-5.00"), "-5.00"),
        (-5, "-5"),
        ("-5", "'-5"),
        ("=1+1", "'=1+1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        (None, ""),
    ],
)
def test_numbers_stay_numbers_and_texts_are_made_harmless(value: Any, cell: str) -> None:
    assert csv_cell(value) == cell


def test_a_number_of_somebodys_own_file_stays_one() -> None:
    assert csv_cell(told_again("-5.25")) == "-5.25"
    assert csv_cell(told_again("-5+cmd")) == "'-5+cmd"
