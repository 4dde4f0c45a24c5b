"""Logging in and an administrator's pages in a real Chromium: by keyboard alone, quiet, fitting; with pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from models.people import Right
from tests.api.house import House
from tests.pages.test_browser import PICTURES, WAYS
from tests.streams.people import PASSWORD, QUICK_HASHING, active, code_of, invited, secret_of, with_factor

EXPECTED: Final = (
    "the server responded with a status of 4"  # A form that is sent back is an answer, not a fault.
)


@contextmanager
def looking(browser: Browser, **how: Any) -> Iterator[Page]:
    """A page; anything on the console, or a script that fails, fails the test."""
    context = browser.new_context(**how)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [line for line in said if EXPECTED not in line] == []


@pytest.fixture
def house(tmp_path: Path, assets: Path) -> Iterator[House]:
    made = House(tmp_path, more=QUICK_HASHING)
    yield made
    made.ledger.databases.dispose()


def typed(page: Page, *texts: str) -> None:
    """Type into the focused field, once there is one, and on with the tabulator key; the last one is sent by Enter."""
    expect(page.locator("input:focus")).to_have_count(1)
    for text in texts[:-1]:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type(texts[-1])
    page.keyboard.press("Enter")


def test_a_first_login_is_done_by_keyboard_alone(chromium_browser: Browser, house: House) -> None:
    _, token = invited(house.ledger.databases, right=Right.ADMINISTRATOR)
    with house.served() as base, looking(chromium_browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{base}/welcome?token={token}")
        expect(page.locator("#password")).to_be_focused()
        typed(page, "short", "short")
        expect(page.locator("#password")).to_be_visible()  # The browser itself holds it back.
        page.locator("#password").fill("password1234")
        page.locator("#again").fill("password1234")
        page.keyboard.press("Enter")
        expect(page.locator("#password-wrong")).to_contain_text("太容易猜到")
        expect(page.locator("#password")).to_be_focused()
        typed(page, PASSWORD, PASSWORD)
        expect(page.locator("#code")).to_be_focused()
        expect(page.locator("img.qr")).to_be_visible()
        assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
        typed(page, code_of(secret_of(house.ledger.databases, "zhang@plater.cn")))
        expect(page.locator(".codes li")).to_have_count(10)
        page.goto(f"{base}/organisation")
        expect(page.locator("h1")).to_have_text("本单位")


@pytest.mark.parametrize(("lang", "scheme", "width"), WAYS)
def test_peoples_pages_fit_and_are_quiet(
    chromium_browser: Browser, house: House, lang: str, scheme: Any, width: int
) -> None:
    databases = house.ledger.databases
    user = active(databases, "admin@plater.cn", name="李敏", right=Right.ADMINISTRATOR, lang=lang)
    _, secret, _ = with_factor(databases, user)
    active(
        databases, "a-rather-long-login-name.of-somebody@department.plater.example.cn", name="欧阳长名字先生"
    )
    invited(databases, "wang@plater.cn")
    how = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with house.served() as base, looking(chromium_browser, **how) as page:
        for name, path in (("login", "/login"), ("forgotten", "/forgotten")):
            _shown(page, f"{base}{path}?lang={lang}", f"people-{name}-{lang}-{scheme}-{width}")
        page.goto(f"{base}/login")
        typed(page, "admin@plater.cn", PASSWORD)
        expect(page.locator("#code")).to_be_focused()
        typed(page, code_of(secret))
        page.wait_for_url(f"{base}/")
        for name in ("account", "organisation", "organisation/keys", "organisation/log"):
            picture = f"people-{name.replace('/', '-')}-{lang}-{scheme}-{width}"
            _shown(page, f"{base}/{name}", picture)


def _shown(page: Page, address: str, picture: str) -> None:
    page.goto(address)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{picture}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, address
    assert page.locator("h1").count() == 1
