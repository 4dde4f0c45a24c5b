"""Labels of lots: who gets one, what stands on it, its sizes, and a QR code that reads back from the printed page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    INFECTIOUS,
    KILN,
    MANIFEST,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    accepted,
    day,
    departed,
    generated,
    line,
    site_registered,
)
from tests.pages.world import World, in_order

BATCH = "HWCS20250304007"
CODE = f"{PRODUCER_ORG}9002490820250304007"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("labels"))
    facts = [
        site_registered(PLATER, name="一号电镀厂", at=day(0)),
        site_registered(KILN, "facility", at=day(0)),
        site_registered(HOSPITAL, "health-facility", at=day(0)),
        generated(BATCH, kg="180.5", containers={"container_kind": "drum", "count": 2}, at=day(1)),
        generated("ODD", SLUDGE, 3, at=day(1)),
        generated("UNLISTED", "999-999-08", 3, at=day(1)),
        generated("BAG", INFECTIOUS, 3, site=HOSPITAL, at=day(1)),
        departed(lines=[line(SLUDGE, 1, lot="ODD")], at=day(2)),
        accepted(lines=[line(SLUDGE, 1)], at=day(3)),
    ]
    made.post(*in_order(facts))
    made.settle(day(5))
    yield made
    made.databases.dispose()


def ask(world: World, path: str, role: Role = Role.PRODUCER, org: str | None = None) -> Any:
    with TestClient(world.app(), base_url="http://test") as client:
        return client.get(path, headers={"authorization": f"Bearer {world.key(role, org)}"})


def test_a_label_says_what_is_known_and_leaves_the_rest_blank(world: World) -> None:
    fields = ask(world, f"/v1/sites/{PLATER}/lots/{BATCH}/label").json()
    assert fields["digital_code"] == CODE
    assert len(CODE) == 37
    assert (fields["hazards"], fields["maybe_hazards"]) == (["T"], ["I"])
    assert fields["unit"] == f"一号电镀厂 {PRODUCER_ORG}"
    assert (fields["made_on"], fields["mass"], fields["remark"]) == (
        "2025-03-04",
        "180.5 kg",
        f"批次 {BATCH}；2 桶",
    )
    assert fields["blank"] == ["cautions", "contact", "form", "harmful_components", "main_components"]


@pytest.mark.parametrize(
    ("query", "side", "copies"),
    [
        ("", 150, 1),
        ("?volume_l=50", 100, 1),
        ("?volume_l=50.01", 150, 1),
        ("?volume_l=450", 150, 1),
        ("?volume_l=450.01", 200, 2),
        ("?volume_l=1000&size=100", 100, 2),
    ],
)
def test_the_printed_page_has_its_size_and_its_code_reads_back(
    world: World, query: str, side: int, copies: int
) -> None:
    answer = ask(world, f"/v1/sites/{PLATER}/lots/{BATCH}/label.pdf{query}")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == copies
    for page in document:
        assert [round(points / 72 * 25.4) for points in page.get_size()] == [side, side]
        picture = page.render(scale=600 / side).to_pil()
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [CODE]
        text = page.get_textpage().get_text_range()
        assert "危险废物" in text
        assert CODE in text


def test_the_font_is_in_the_document_and_the_same_label_is_the_same_bytes(world: World) -> None:
    path = f"/v1/sites/{PLATER}/lots/{BATCH}/label.pdf"
    first, second = ask(world, path).content, ask(world, path).content
    assert b"FontFile2" in first
    assert first == second


def test_one_label_s_font_is_not_the_next_one_s(world: World) -> None:
    """Every character of each label reads back, whatever was printed before it."""
    for lot, words in ((BATCH, "废矿物油"), ("ODD", "表面处理废物"), (BATCH, "废矿物油"), ("ODD", "腐蚀性")):
        document = pypdfium2.PdfDocument(ask(world, f"/v1/sites/{PLATER}/lots/{lot}/label.pdf").content)
        assert words in document[0].get_textpage().get_text_range()


def test_the_picture_has_no_script_and_no_style(world: World) -> None:
    answer = ask(world, f"/v1/sites/{PLATER}/lots/{BATCH}/label.svg?size=200")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert b'width="200mm"' in answer.content
    assert b"style" not in answer.content
    assert b"<script" not in answer.content


def test_a_serial_that_nobody_gave_is_not_made_up(world: World) -> None:
    path = f"/v1/sites/{PLATER}/lots/ODD/label"
    fields = ask(world, path).json()
    assert fields["digital_code"] == ""
    assert "digital_code" in fields["blank"]
    document = pypdfium2.PdfDocument(ask(world, f"{path}.pdf").content)
    assert zxingcpp.read_barcodes(document[0].render(scale=4).to_pil()) == []
    given = ask(world, f"{path}?serial=042").json()["digital_code"]
    assert given == f"{PRODUCER_ORG}3360641720250304042"


def test_a_lot_of_a_manifest_s_line_has_a_label_too(world: World) -> None:
    fields = ask(world, f"/v1/sites/{KILN}/lots/{MANIFEST}/1/label", Role.FACILITY, FACILITY_ORG).json()
    assert (fields["code"], fields["mass"]) == (SLUDGE, "1 kg")


def test_an_unlisted_code_leaves_name_and_hazards_blank(world: World) -> None:
    fields = ask(world, f"/v1/sites/{PLATER}/lots/UNLISTED/label").json()
    assert (fields["name"], fields["hazards"], fields["maybe_hazards"]) == ("", [], [])
    assert "name" in fields["blank"]


def test_medical_waste_has_another_form(world: World) -> None:
    answer = ask(world, f"/v1/sites/{HOSPITAL}/lots/BAG/label", Role.REGULATOR)
    assert answer.status_code == 422
    assert answer.json()["code"] == "other_form"
    assert "HJ 421" in answer.json()["detail"]


@pytest.mark.parametrize("end", ["label", "label.pdf", "label.svg"])
def test_a_foreign_lot_is_as_unknown_as_none(world: World, end: str) -> None:
    answers = [
        ask(world, f"/v1/sites/{site}/lots/{lot}/{end}", Role.FACILITY, FACILITY_ORG)
        for site, lot in ((PLATER, BATCH), (PLATER, "NONE"), ("330106-NOWHERE", BATCH), (KILN, "NONE"))
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    assert ask(world, f"/v1/sites/{PLATER}/lots/{BATCH}/{end}", Role.REGULATOR).status_code == 200


@pytest.mark.parametrize("query", ["volume_l=0", "volume_l=x", "serial=1", "size=120", "code=1"])
def test_parameters_are_bounded(world: World, query: str) -> None:
    assert ask(world, f"/v1/sites/{PLATER}/lots/{BATCH}/label?{query}").status_code == 422
