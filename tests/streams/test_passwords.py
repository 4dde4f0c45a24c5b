"""What is refused as a password, and what is kept of one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from models.settings import Settings
from streams.passwords import CHARS_MAX, CHARS_MIN, Flaw, Passwords, PasswordsBusy, flaw_of

QUICK = Settings(argon2_passes=1, argon2_kib=8, argon2_lanes=1)
NAMES = ("zhang.wei@plater.cn", "张伟", "91330106MADEMPRDXM")


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("x7#kqPzw2vT", Flaw.TOO_SHORT),
        ("x7#kqPzw2vTm", None),
        ("", Flaw.TOO_SHORT),
        ("é" * 6, Flaw.TOO_SHORT),
        ("correct horse battery", None),
        ("电镀污泥今天又来了三车四吨", None),
        ("kqPz" + "x7#w" * 63, None),
        ("kqPz" + "x7#w" * 63 + "!", Flaw.TOO_LONG),
        ("password1234", Flaw.COMMON),
        ("P@ssw0rd2026!!", Flaw.COMMON),
        ("Feilian-2026-Feilian", Flaw.COMMON),
        ("qwertyuiop12", Flaw.COMMON),
        ("1qaz2wsx3edc", Flaw.COMMON),
        ("poiuytrewq99", Flaw.COMMON),
        ("123456789012", Flaw.COMMON),
        ("138 5712 3456", Flaw.COMMON),
        ("1990-01-02/1990", Flaw.COMMON),
        ("aaaaaaaaaaaaaa", Flaw.COMMON),
        ("abababababab", Flaw.COMMON),
        ("我我我我我我我我我我我我", Flaw.COMMON),
        ("zhang.wei is here 7", Flaw.HOLDS_NAME),
        ("my ZHANG.WEI@plater.cn", Flaw.HOLDS_NAME),
        ("x 91330106mademprdxm", Flaw.HOLDS_NAME),
        ("ＺＨＡＮＧ．ＷＥＩ!!xkq7", Flaw.HOLDS_NAME),
        ("zhang and his barge", None),
    ],
)
def test_passwords_are_refused_for_their_form_alone(password: str, flaw: Flaw | None) -> None:
    assert flaw_of(password, NAMES) is flaw


def test_a_list_of_ones_own_is_respected(tmp_path: Path) -> None:
    listed = tmp_path / "refused.txt"
    listed.write_text("Barge On The Canal\n\n", encoding="utf-8")
    assert flaw_of("barge on the CANAL", refused=listed) is Flaw.COMMON
    assert flaw_of("barge on the canals", refused=listed) is None


@given(st.text(max_size=CHARS_MAX + 10))
@settings(max_examples=300, deadline=None)
def test_any_text_is_judged(password: str) -> None:
    flaw = flaw_of(password, NAMES)
    assert flaw is None or flaw in set(Flaw)


@given(
    st.text(st.characters(categories=["Nd", "P", "Zs"], max_codepoint=127), min_size=CHARS_MIN, max_size=20)
)
@settings(max_examples=100, deadline=None)
def test_digits_and_marks_alone_are_never_enough(password: str) -> None:
    assert flaw_of(password) is Flaw.COMMON


def test_a_password_is_kept_as_argon2id_with_its_parameters() -> None:
    passwords = Passwords(Settings())
    kept = passwords.hash("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.hash("correct horse battery") != kept
    assert passwords.is_right(kept, "correct horse battery")
    assert not passwords.is_right(kept, "correct horse batteries")


def test_however_a_keyboard_puts_it_together_it_is_the_same() -> None:
    passwords = Passwords(QUICK)
    assert passwords.is_right(passwords.hash("café au lait ﬁn"), "cafe\u0301 au lait fin")


@pytest.mark.parametrize("kept", [None, "", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$short"])
def test_nothing_is_right_where_nothing_good_is_kept(kept: str | None) -> None:
    passwords = Passwords(QUICK)
    assert not passwords.is_right(kept, "")
    assert not passwords.is_right(kept, "correct horse battery")


def test_other_parameters_are_noticed() -> None:
    kept = PasswordHasher(1, 16, 1).hash("x")
    assert Passwords(QUICK).is_outdated(kept)
    assert not Passwords(QUICK).is_outdated(Passwords(QUICK).hash("x"))


def test_who_finds_no_turn_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.passwords._WAIT_SECONDS", 0.01)
    passwords = Passwords(QUICK)
    monkeypatch.setattr(passwords, "_turns", threading.BoundedSemaphore(1))
    passwords._turns.acquire()
    with pytest.raises(PasswordsBusy):
        passwords.hash("correct horse battery")
