"""Social credit codes: real codes, both traps, and the parts."""

from __future__ import annotations

import pytest

from models.credit import (
    check_character,
    credit_code_ok,
    credit_code_region,
    is_credit_code,
    organisation_code_ok,
)

ISSUED = [
    "91110000101623741K",
    "91350100M000100Y43",
    "911101066976941872",
    "91130200699229617X",
    "11330600MB18967509",
]


@pytest.mark.parametrize("code", ISSUED)
def test_issued_codes_hold_both_checks(code: str) -> None:
    assert credit_code_ok(code)
    assert organisation_code_ok(code)


@pytest.mark.parametrize("code", ISSUED)
def test_one_wrong_character_is_seen_wherever_it_stands(code: str) -> None:
    for place in range(18):
        wrong = "2" if code[place] == "1" else "1"
        assert not credit_code_ok(code[:place] + wrong + code[place + 1 :])


def test_a_sum_that_divides_evenly_gives_zero_and_no_crash() -> None:
    even = next(
        code for code in (f"9133010000000{number:04d}" for number in range(10_000)) if _sum(code) % 31 == 0
    )
    assert check_character(even) == "0"
    assert credit_code_ok(even + "0")


def _sum(code: str) -> int:
    return sum("0123456789ABCDEFGHJKLMNPQRTUWXY".index(char) * 3**place for place, char in enumerate(code))


def test_a_code_really_issued_fails_the_check_and_so_is_only_warned_about() -> None:
    assert is_credit_code("91350211M0000XUF46")
    assert not credit_code_ok("91350211M0000XUF46")
    assert check_character("91350211M0000XUF4") == "R"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91110000101623741k",
        "91110000I01623741K",
        "9111000010162374",
        "91110000101623741K\n",
        "9111０000101623741K",
    ],
)
def test_what_has_not_the_shape_is_no_code(code: str) -> None:
    assert not is_credit_code(code)
    assert not credit_code_ok(code)
    assert not organisation_code_ok(code)


def test_the_region_is_characters_three_to_eight() -> None:
    assert credit_code_region("11330600MB18967509") == "330600"
