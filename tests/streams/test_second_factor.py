"""One-time codes against the examples of RFC 6238, their edges in time, and recovery codes."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from streams.second_factor import (
    CODES,
    address_of,
    new_recovery_codes,
    new_secret,
    picture_of,
    recovery_hash,
    step_of,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


# RFC 6238, appendix B: the last six of eight digits, for SHA-1.
@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    assert step_of(RFC_SECRET, code, at_s) == at_s // 30


@pytest.mark.parametrize(
    ("off_s", "step"), [(-31, None), (-30, 99), (0, 100), (29, 100), (59, 101), (60, None), (-60, None)]
)
def test_a_code_is_good_one_step_around_its_own(off_s: int, step: int | None) -> None:
    at_s = 100 * 30
    code = pyotp.TOTP(RFC_SECRET).at(at_s + off_s)
    found = step_of(RFC_SECRET, code, at_s)
    assert found == (at_s + off_s) // 30 if step is not None else found is None


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "28708２", "abcdef", "-87082", "2870 8", "\x00" * 6]
)
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(RFC_SECRET, code, 59) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    assert step_of(RFC_SECRET, " 287 082 ", 59) == 1


def test_an_authenticator_can_read_the_address() -> None:
    secret = new_secret()
    parts = urlsplit(address_of(secret, "张伟@plater.cn"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["Feilian"]}
    assert picture_of(parts.geturl()).startswith("data:image/svg+xml")


def test_secrets_have_160_bits_and_recovery_codes_are_all_different() -> None:
    assert len(base64.b32decode(new_secret())) == 20
    codes = {code for _ in range(50) for code in new_recovery_codes()}
    assert len(codes) == 50 * CODES


def test_how_a_recovery_code_is_typed_does_not_matter_and_whose_it_is_does() -> None:
    assert recovery_hash("a", "yunk-w6vw-992n-ju74") == recovery_hash("a", " YUNKW6VW 992nju74")
    assert recovery_hash("a", "yunk-w6vw-992n-ju74") != recovery_hash("b", "yunk-w6vw-992n-ju74")
