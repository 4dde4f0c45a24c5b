"""The page of a lot's label: linked from its site, in both languages, and printed in its real size with a readable code."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import HOSPITAL, INFECTIOUS, PLATER, PRODUCER_ORG, SLUDGE, day, generated, site_registered
from tests.pages.browsing import login_link
from tests.pages.conftest import logged_in, served
from tests.pages.world import World, in_order

BATCH = "HWCS20250304007"
PAGE = f"/sites/{PLATER}/lots/{BATCH}/label"


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("label-pages"))
    facts = [
        site_registered(PLATER, name="一号电镀厂", at=day(0)),
        site_registered(HOSPITAL, "health-facility", at=day(0)),
        generated(BATCH, kg="180.5", at=day(1)),
        generated("ODD", SLUDGE, 3, at=day(1)),
        generated("BAG", INFECTIOUS, 3, site=HOSPITAL, at=day(1)),
    ]
    made.post(*in_order(facts))
    made.settle(day(5))
    yield made
    made.databases.dispose()


@pytest.fixture(scope="module")
def plater(labels: World) -> TestClient:
    return logged_in(labels, Role.PRODUCER)


@pytest.mark.parametrize(("lang", "words"), [("zh", "需手工填写"), ("en", "To be written by hand")])
def test_the_page_shows_the_label_and_says_what_is_left_to_write(
    plater: TestClient, lang: str, words: str
) -> None:
    text = plater.get(f"{PAGE}?lang={lang}&volume_l=1000&serial=042").text
    assert words in text
    assert f"/v1/sites/{PLATER}/lots/{BATCH}/label.svg?volume_l=1000&amp;serial=042" in text
    assert "side-200" in text
    assert "style=" not in text


def test_the_site_s_page_leads_to_it(plater: TestClient) -> None:
    assert f'href="{PAGE}?code=900-249-08"' in plater.get(f"/sites/{PLATER}").text
    assert f'href="{PAGE}"' in plater.get(f"/sites/{PLATER}/lineage?lot={BATCH}").text


def test_a_missing_serial_is_asked_for(plater: TestClient) -> None:
    assert "数字识别码缺少流水号" in plater.get(f"/sites/{PLATER}/lots/ODD/label?lang=zh").text


def test_medical_waste_is_told_to_have_another_form(labels: World) -> None:
    regulator = logged_in(labels, Role.REGULATOR)
    answer = regulator.get(f"/sites/{HOSPITAL}/lots/BAG/label")
    assert answer.status_code == 200
    assert "HJ 421" in answer.text
    assert "<img class=" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/sites/{HOSPITAL}/lots/BAG/label",
        f"/sites/{PLATER}/lots/NONE/label",
        f"/sites/{PLATER}/lots/%3Cscript%3E/label",
        "/sites/330106-NOWHERE/lots/X/label",
    ],
)
def test_what_is_not_theirs_is_not_there(plater: TestClient, path: str) -> None:
    assert plater.get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["volume_l=x", "volume_l=-1", "volume_l=0", "serial=abc", "size=7", "volume_l=" + "9" * 400]
)
def test_nonsense_in_the_form_counts_as_nothing(plater: TestClient, query: str) -> None:
    answer = plater.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert "side-150" in answer.text


def test_the_page_prints_the_label_in_its_size_and_nothing_else(
    labels: World, chromium_browser: Browser
) -> None:
    with served(labels) as server:
        context = chromium_browser.new_context()
        page = context.new_page()
        page.goto(login_link(server.base, labels.databases, labels.key(Role.PRODUCER)))
        page.goto(f"{server.base}{PAGE}?size=100")
        page.wait_for_function("document.querySelector('.label-picture').naturalWidth > 0")
        printed = page.pdf(format="A4", print_background=True)
        context.close()
    document = pypdfium2.PdfDocument(printed)
    assert len(document) == 1
    scale = 3
    picture = document[0].render(scale=scale).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == f"{PRODUCER_ORG}9002490820250304007"
    orange = [x for x in range(picture.width) if _is_orange(picture.getpixel((x, 100)))]
    assert abs((max(orange) - min(orange)) / scale / 72 * 25.4 - 100) < 1
    assert "需手工填写" not in document[0].get_textpage().get_text_range()


def _is_orange(pixel: tuple[int, int, int]) -> bool:
    return pixel[0] > 240 and 120 < pixel[1] < 180 and pixel[2] < 40
