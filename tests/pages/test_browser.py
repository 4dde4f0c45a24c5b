"""Pages in a real Chromium: an alert appears without reload, nothing is on the console, everything fits; with pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from models.exact import format_instant
from models.facts import Role
from streams.clock import local_now
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    accepted,
    departed,
    issued,
    manifest_no,
    site_registered,
    stored,
)
from tests.pages.browsing import login_link
from tests.pages.conftest import Served
from tests.pages.province import CHAINED, CHAINED_SITE, CORRECTED

PICTURES: Final = Path(__file__).parents[1] / "screenshots"
PATHS: Final = {
    "overview": "/",
    "storage": "/storage",
    "balance": "/storage/balance?year=2026",
    "campaigns": "/storage/campaigns",
    "coverage": "/storage/coverage",
    "capacity": "/capacity",
    "settlement": "/settlement",
    "pair": f"/settlement/{PRODUCER_ORG}/{FACILITY_ORG}",
    "manifest": f"/manifests/{CORRECTED}",
    "manifest-then": f"/manifests/{CORRECTED}?known_at=2026-03-21T00:00",
    "site": f"/sites/{KILN}",
    "chained": f"/sites/{CHAINED_SITE}",
    "reference": "/reference?list=limits",
    "lineage": f"/sites/{CHAINED_SITE}/lineage?manifest={CHAINED}",
}
WAYS: Final = (("zh", "light", 1440), ("en", "dark", 1440), ("zh", "dark", 390), ("en", "light", 390))
SECOND_US: Final = 1_000_000


@contextmanager
def looking(
    browser: Browser, at: Served, role: Role = Role.REGULATOR, *, excused: tuple[str, ...] = (), **how: Any
) -> Iterator[Page]:
    """A page of somebody who is logged in; anything on the console but what is excused, or a script that fails, fails the
    test.
    """
    context = browser.new_context(**how)
    page = context.new_page()
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(login_link(at.base, at.world.databases, at.world.key(role)))
    yield page
    context.close()
    assert not [one for one in said if not any(words in one for words in excused)]


def post(at: Served, role: Role, org: str, *facts: Wire) -> None:
    """Post facts over HTTP, as their sender would."""
    key = at.world.key(role, org)
    answer = httpx.post(f"{at.base}/v1/facts", json=list(facts), headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text


def seconds_ago(seconds: int) -> str:
    return format_instant(local_now() - seconds * SECOND_US)


def delivered_short(at: Served, no: str, kg: int) -> None:
    """A load of 1,000 kg leaves, and `kg` are accepted."""
    post(at, Role.PRODUCER, PRODUCER_ORG, issued(no, SLUDGE, 1000, at=seconds_ago(300)))
    post(at, Role.CARRIER, CARRIER_ORG, departed(no, SLUDGE, 1000, at=seconds_ago(200)))
    post(at, Role.FACILITY, FACILITY_ORG, accepted(no, SLUDGE, kg, at=seconds_ago(100)))


@pytest.fixture
def named(live_server: Served) -> Served:
    """The live server with two sites registered, one with enough in store."""
    post(
        live_server,
        Role.PRODUCER,
        PRODUCER_ORG,
        site_registered(PLATER, name="杭州电镀厂", at=seconds_ago(900)),
        stored("LOT1", SLUDGE, 9000, at=seconds_ago(800)),
    )
    post(
        live_server,
        Role.FACILITY,
        FACILITY_ORG,
        site_registered(KILN, "facility", name="绍兴处置中心", at=seconds_ago(900)),
    )
    return live_server


def test_an_alert_appears_without_reload_and_changes_in_place(
    chromium_browser: Browser, named: Served
) -> None:
    with looking(chromium_browser, named) as page:
        expect(page.locator("#pulse")).to_have_class("pulse is-live", timeout=10_000)
        page.evaluate("window.stillHere = true")
        expect(page.locator("#alerts tr")).to_have_count(0)

        delivered_short(named, manifest_no(1), 800)
        row = page.locator("#alerts tr", has_text="接受重量与起运重量不符")
        expect(row).to_be_visible(timeout=10_000)
        expect(row).to_contain_text("绍兴处置中心")
        expect(row).to_contain_text("存续")
        expect(page.locator("#numbers .sev.orange b")).to_have_text("1", timeout=10_000)

        delivered_short(named, manifest_no(2), 700)
        expect(page.locator("#alerts tr").first).to_contain_text(manifest_no(2), timeout=10_000)

        again = accepted(manifest_no(1), SLUDGE, 800, at=seconds_ago(50), lines=None)
        key = named.world.key(Role.FACILITY, FACILITY_ORG)
        known = httpx.get(
            f"{named.base}/v1/manifests/{manifest_no(1)}", headers={"Authorization": f"Bearer {key}"}
        ).json()["facts"]
        original = next(fact["data"] for fact in known if fact["kind"] == again["kind"])
        fixed = {**original, "lines": [{**original["lines"][0], "mass_kg": "1000"}]}
        post(named, Role.FACILITY, FACILITY_ORG, _correction(original, fixed))
        first = page.locator("#alerts tr", has_text=manifest_no(1)).filter(has_text="接受重量")
        expect(first).to_contain_text("已消除", timeout=10_000)
        expect(page.locator("#numbers .sev.orange b")).to_have_text("1", timeout=10_000)
        assert page.evaluate("window.stillHere") is True


def _correction(original: Wire, replacement: Wire) -> Wire:
    from tests.facts import fact

    return fact(
        "fact-corrected.v1",
        seconds_ago(10),
        corrects=original["event_id"],
        reason="incorrect-data",
        explanation="typed wrongly",
        replacement=replacement,
    )


def test_the_filter_in_the_address_holds_for_what_comes_live(
    chromium_browser: Browser, named: Served
) -> None:
    with looking(chromium_browser, named) as page:
        page.goto(f"{named.base}/?region=3302")
        expect(page.locator("#pulse")).to_have_class("pulse is-live", timeout=10_000)
        with looking(chromium_browser, named) as other:
            delivered_short(named, manifest_no(1), 800)
            expect(other.locator("#alerts tr", has_text=manifest_no(1)).first).to_be_visible(timeout=10_000)
        expect(page.locator("#numbers .sev.orange b")).to_have_text("1", timeout=10_000)
        expect(page.locator("#alerts tr")).to_have_count(0)


def test_a_feed_that_falls_silent_is_said_so(chromium_browser: Browser, named: Served) -> None:
    with looking(chromium_browser, named) as page:
        expect(page.locator("#pulse")).to_have_class("pulse is-live", timeout=10_000)
        expect(page.locator("#stale")).to_be_hidden()
        assert named.thread is not None
        named.thread.stop()
        expect(page.locator("#stale")).to_be_visible(timeout=45_000)
        expect(page.locator("#pulse")).to_contain_text("秒前更新")


def test_the_feed_begins_though_its_script_comes_late(chromium_browser: Browser, named: Served) -> None:
    """htmx must not have begun without it."""

    def late(route: Route) -> None:
        time.sleep(1)
        route.continue_()

    with looking(chromium_browser, named) as page:
        page.route("**/hx-sse*", late)
        page.goto(f"{named.base}/")
        expect(page.locator("#pulse")).to_have_class("pulse is-live", timeout=10_000)


@pytest.mark.parametrize("answers", [[503], [429, 503], ["away"]])
def test_a_feed_that_is_refused_at_first_is_asked_for_again(
    chromium_browser: Browser, named: Served, answers: list[int | str]
) -> None:
    """hx-sse comes back only to a stream that was open once: a page of a bad moment would stay silent for ever."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        said = answers[len(asked) - 1] if len(asked) <= len(answers) else None
        if said is None:
            route.continue_()
        elif isinstance(said, int):
            route.fulfill(status=said, content_type="text/html", body="<p>not now</p>")
        else:
            route.abort()

    with looking(chromium_browser, named, excused=("Failed to load resource", "Failed to fetch")) as page:
        page.route("**/live?*", answer)
        page.goto(f"{named.base}/")
        expect(page.locator("#pulse")).to_have_class("pulse is-live", timeout=20_000)
        # Longer than the next try would take: there is one stream, not one more each time.
        page.wait_for_timeout(3_000)
        assert len(asked) == len(answers) + 1


@pytest.mark.parametrize(("lang", "scheme", "width"), WAYS)
def test_every_page_fits_and_is_quiet(
    chromium_browser: Browser, province_server: Served, lang: str, scheme: str, width: int
) -> None:
    PICTURES.mkdir(exist_ok=True)
    how: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with looking(chromium_browser, province_server, **how) as page:
        for name, path in PATHS.items():
            page.goto(f"{province_server.base}{path}{'&' if '?' in path else '?'}lang={lang}")
            expect(page.locator("main h1")).to_be_attached()
            for plot in page.locator(".plot").all():
                expect(plot.locator("svg")).to_be_attached()
            page.screenshot(path=str(PICTURES / f"{name}-{lang}-{scheme}-{width}.png"), full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def test_pages_still_fit_at_twice_the_size(chromium_browser: Browser, province_server: Served) -> None:
    """A window of 1280 by 720 at 200 % has room for 640 by 360."""
    how: dict[str, Any] = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}
    with looking(chromium_browser, province_server, **how) as page:
        for name, path in PATHS.items():
            page.goto(province_server.base + path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def test_everything_is_reached_by_keyboard_with_the_focus_to_be_seen(
    chromium_browser: Browser, province_server: Served
) -> None:
    with looking(chromium_browser, province_server) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        seen = set()
        for _ in range(25):
            page.keyboard.press("Tab")
            where = page.evaluate(
                "(() => { const e = document.activeElement; return [e.tagName + (e.name || e.getAttribute('href') || ''), "
                "getComputedStyle(e).outlineStyle] })()"
            )
            assert where[1] != "none", where
            seen.add(where[0])
        assert {"A/storage", "SELECTkind", "SELECTregion", "SUMMARY"} <= {name.split("?")[0] for name in seen}


def test_the_table_behind_a_chart_can_be_opened(chromium_browser: Browser, province_server: Served) -> None:
    with looking(chromium_browser, province_server) as page:
        page.goto(f"{province_server.base}/storage")
        table = page.locator("figure details.data table")
        expect(table).to_be_hidden()
        page.get_by_text("查看数据").first.click()
        expect(table).to_be_visible()


def test_reference_data_are_found_while_typing(chromium_browser: Browser, province_server: Served) -> None:
    with looking(chromium_browser, province_server) as page:
        page.goto(f"{province_server.base}/reference")
        page.locator("input[name=q]").press_sequentially("fkwy", delay=20)
        expect(page.locator("#found tbody tr").first).to_contain_text("废矿物油")
        expect(page.locator("input[name=q]")).to_be_focused()
        page.locator("select[name=list]").select_option("regions")
        page.locator("input[name=q]").fill("cq")
        expect(page.locator("#found tbody tr").first).to_contain_text("重庆市")
