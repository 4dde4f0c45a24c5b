"""The second factor: one-time codes by time (TOTP, RFC 6238), and recovery codes for who lost the telephone.

Used by streams/users, which keeps what is needed and sees to it that no code is good twice.
"""

from __future__ import annotations

import secrets
from typing import Final

import pyotp
import segno

from models.canonical import sha256

STEP_S: Final = 30
_EITHER_SIDE: Final = 1  # Steps: clocks of telephones are off by some seconds.
CODES: Final = 10
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # Without those that look like another.
_GROUPS: Final = 4
_GROUP_CHARS: Final = 4
ISSUER: Final = "Feilian"


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, at_s: int) -> int | None:
    """The step that a code is of, at most one off `at_s` (seconds since the epoch); None for a wrong code.

    All steps that may be meant are looked at, in constant time.
    """
    plain = "".join(code.split())
    if not (len(plain) == 6 and plain.isascii() and plain.isdigit()):
        return None
    totp, now, found = pyotp.TOTP(secret), at_s // STEP_S, None
    for step in range(now - _EITHER_SIDE, now + _EITHER_SIDE + 1):
        if secrets.compare_digest(totp.generate_otp(step), plain):
            found = step
    return found


def address_of(secret: str, login: str) -> str:
    """The otpauth: address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """A QR code as a data: address of an SVG, black on white in every theme, so that every camera reads it."""
    return segno.make(address, error="m", micro=False).svg_data_uri(
        scale=5, border=4, light="#fff", dark="#000"
    )


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 79 random bits, shown this once."""
    return tuple(_code() for _ in range(CODES))


def recovery_hash(user_id: str, code: str) -> bytes:
    """What is kept of a recovery code; how it was grouped and cased does not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return sha256(f"{user_id} {plain}".encode())


def _code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS))
    return "-".join(groups)
