"""The catalogue: its counts, its dates, the rule for codes, the cases of the trade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from models.catalogue import (
    CodeWarning,
    categories,
    category,
    category_of,
    city_of,
    code_warning,
    duties,
    duty,
    duty_ids,
    edition_on,
    exemption,
    exemptions,
    holidays,
    is_category_in_use,
    is_medical,
    is_well_formed,
    known_city,
    law,
    laws,
    prices,
    province_of,
    region,
    region_name,
    region_name_en,
    regions,
    stats,
    treatment_code,
    treatment_codes,
    waste_code,
    waste_codes,
)

TODAY = date(2026, 11, 22)


def test_the_list_of_2021_has_467_codes_in_46_categories() -> None:
    assert len(waste_codes()) == len({entry.code for entry in waste_codes()}) == 467
    assert len(categories()) == 46
    assert all(entry.category == category_of(entry.code) for entry in waste_codes())
    assert {entry.category for entry in waste_codes()} == {entry.category for entry in categories()}


def test_a_code_has_its_official_words() -> None:
    entry = waste_code("900-249-08", TODAY)
    assert entry is not None
    assert entry.category == "HW08"
    assert entry.name_zh.startswith("其他生产、销售、使用过程中产生的废矿物油")
    assert entry.hazard == "T,I"


@pytest.mark.parametrize(
    ("code", "hazard"),
    [
        ("841-001-01", "In"),
        ("841-002-01", "In"),
        ("841-003-01", "In"),
        ("841-004-01", "T/C/I/R"),
        ("841-005-01", "T"),
        ("900-047-49", "T/C/I/R"),
    ],
)
def test_medical_and_laboratory_waste_carry_their_hazards(code: str, hazard: str) -> None:
    entry = waste_code(code, TODAY)
    assert entry is not None
    assert entry.hazard == hazard
    assert is_medical(code) is (code[-2:] == "01")


@pytest.mark.parametrize("code", ["831-001-01", "314-001-34", "397-005-34", "900-040-49"])
def test_codes_of_the_2016_list_are_unlisted_now(code: str) -> None:
    assert waste_code(code, TODAY) is None
    assert code_warning(code, TODAY) is CodeWarning.UNLISTED


def test_a_code_is_judged_by_the_list_of_its_day() -> None:
    assert waste_code("841-001-01", date(2020, 12, 31)) is None
    assert waste_code("841-001-01", date(2021, 1, 1)) is not None
    assert [edition_on(date(year, 1, 1)) for year in (2020, 2021, 2024, 2025)] == [
        "2016",
        "2021",
        "2021",
        "2025",
    ]
    assert edition_on(date(2024, 12, 31)) == "2021"


def test_identified_but_unlisted_waste_has_a_code_in_each_category_in_use() -> None:
    codes = [f"900-000-{number:02d}" for number in range(100)]
    assert sum(waste_code(code, TODAY) is not None for code in codes) == 46
    entry = waste_code("900-000-17", TODAY)
    assert entry is not None
    assert entry.category == "HW17"
    assert code_warning("900-000-17", TODAY) is None


@pytest.mark.parametrize(
    ("code", "warning"),
    [
        ("900-249-08", None),
        ("111-111-08", CodeWarning.UNLISTED),
        ("900-000-41", CodeWarning.CATEGORY_NOT_IN_USE),
        ("321-001-44", CodeWarning.CATEGORY_NOT_IN_USE),
        ("900-001-51", CodeWarning.CATEGORY_NOT_IN_USE),
        ("900-001-00", CodeWarning.CATEGORY_NOT_IN_USE),
    ],
)
def test_a_doubtful_code_is_warned_about(code: str, warning: CodeWarning | None) -> None:
    assert code_warning(code, TODAY) is warning


def test_only_eight_digits_written_3_3_2_are_well_formed() -> None:
    assert is_well_formed("123-456-78")
    for code in ("12345678", "123-456-7", "123-456-789", "900-249-0８", "900-249-08\n", "HW08", ""):
        assert not is_well_formed(code)


def test_categories_41_to_44_and_those_over_50_are_not_in_use() -> None:
    unused = [number for number in range(100) if not is_category_in_use(f"HW{number:02d}")]
    assert unused == [0, 41, 42, 43, 44, *range(51, 100)]
    oil = category("HW08")
    assert oil is not None
    assert (oil.name_zh, oil.name_en) == ("废矿物油与含矿物油废物", "Waste mineral oil and oil-bearing waste")
    assert category("HW51") is None


def test_exemptions_are_found_by_row_and_end_with_the_edition() -> None:
    assert len(exemptions()) == 57
    assert {row.item_no for row in exemptions()} == set(range(1, 33))
    clinic = exemption("2021-02-1")
    assert clinic is not None
    assert (clinic.codes, clinic.stage_zh, clinic.valid_to) == (("HW01",), "收集", date(2024, 12, 31))
    ash = exemption("2021-12-2")
    assert ash is not None
    assert ash.codes == ("772-002-18",)
    tar = exemption("2021-10-1")
    assert tar is not None
    assert tar.codes == ("252-002-11", "252-017-11", "451-003-11")
    assert exemption("2025-01-1") is None


def test_unchecked_treatment_codes_are_disabled() -> None:
    assert len(treatment_codes()) == 29
    assert {code.code for code in treatment_codes() if not code.enabled} == {"C5", "S"}
    assert treatment_code("C5") is None
    assert treatment_code("S") is None
    assert treatment_code("D99") is None
    burning = treatment_code("D10")
    assert burning is not None
    assert burning.name_zh == "焚烧"


def test_every_province_and_city_is_there_once() -> None:
    assert len(regions()) == 373
    assert sum(found.level == "province" for found in regions()) == 31
    assert all(found.name_en for found in regions() if found.level == "province" or found.code[:2] == "33")


@pytest.mark.parametrize(
    ("code", "chinese", "english"),
    [
        ("33", "浙江省", "Zhejiang"),
        ("3301", "杭州市", "Hangzhou"),
        ("330100", "杭州市", "Hangzhou"),
        ("330106", "杭州市", "Hangzhou"),
        ("331021", "台州市", "Taizhou"),
        ("110105", "北京市", "Beijing"),
        ("1101", "北京市", "Beijing"),
        ("310115", "上海市", "Shanghai"),
        ("500230", "重庆市", "Chongqing"),
        ("419001", "河南省", "Henan"),
        ("659001", "新疆维吾尔自治区", "Xinjiang"),
        ("330000", "浙江省", "Zhejiang"),
        ("339900", "浙江省", "Zhejiang"),
        ("320100", "南京市", "南京市"),
        ("660100", "660100", "660100"),
        ("", "", ""),
    ],
)
def test_a_region_is_called_by_the_nearest_name_known(code: str, chinese: str, english: str) -> None:
    assert region_name(code) == chinese
    assert region_name_en(code) == english


@pytest.mark.parametrize(
    "code", ["330106", "330100", "110105", "310115", "500112", "500230", "419001", "469021"]
)
def test_six_digits_of_a_known_city_pass(code: str) -> None:
    assert known_city(code)


@pytest.mark.parametrize(
    "code", ["339901", "330000", "3301", "33010", "3301066", "33010a", "３３0106", "", "660101"]
)
def test_other_codes_are_no_known_city(code: str) -> None:
    assert not known_city(code)


def test_a_region_knows_its_parents_and_whether_it_is_a_real_city() -> None:
    assert (province_of("330106"), city_of("330106")) == ("33", "3301")
    hangzhou, grouping = region("3301"), region("110100")
    assert hangzhou is not None
    assert grouping is not None
    assert (hangzhou.parent, hangzhou.grouping, grouping.grouping) == ("330000", False, True)
    assert region("330106") is None


@pytest.mark.parametrize(
    ("on", "law_id", "article", "penalty_article"),
    [
        (date(2026, 8, 10), "SWL", "80 para 3", "112(4); detention 120(3)"),
        (date(2026, 8, 14), "SWL", "80 para 3", "112(4); detention 120(3)"),
        (date(2026, 8, 15), "CODE", "534 para 3", "1175(5); detention 1179(6)"),
        (date(2026, 8, 20), "CODE", "534 para 3", "1175(5); detention 1179(6)"),
    ],
)
def test_a_handover_is_cited_by_the_law_of_its_day(
    on: date, law_id: str, article: str, penalty_article: str
) -> None:
    row = duty("duty.handover_licensed", on)
    assert (row.law_id, row.article, row.penalty_article) == (law_id, article, penalty_article)


def test_every_duty_stands_in_both_laws_without_a_gap() -> None:
    assert len(duty_ids()) == 24
    for duty_id in duty_ids():
        old, new = duties(duty_id)
        assert (old.law_id, new.law_id) == ("SWL", "CODE")
        assert (old.valid_to, new.valid_from) == (date(2026, 8, 14), date(2026, 8, 15))
        assert old.text_zh
        assert old.text_en


def test_a_duty_is_said_in_chinese_and_english() -> None:
    row = duty("duty.storage_one_year", date(2026, 9, 1))
    assert (row.law_zh, row.article_zh) == ("生态环境法典", "第535条第3款")
    assert row.law_en == "Ecological and Environmental Code"
    assert duty("duty.manifest", date(2026, 9, 1)).penalty_article_zh == "第1175条第（7）项"
    for duty_id in duty_ids():
        for row in duties(duty_id):
            assert (row.penalty == "-") == (row.penalty_zh == "")
            assert (row.penalty_article == "-") == (row.penalty_article_zh == "")


def test_conduct_before_the_table_gets_its_oldest_row_and_an_unknown_duty_none() -> None:
    assert duty("duty.manifest", date(2019, 1, 1)).law_id == "SWL"
    with pytest.raises(KeyError):
        duty("duty.unheard_of", TODAY)


def test_laws_have_names_in_both_languages() -> None:
    assert law("MT").name_zh == "危险废物转移管理办法"
    assert all(text.name_zh and text.name_en for text in laws())
    assert len({text.law_id for text in laws()}) == len(laws())


def test_the_holidays_of_two_years_are_published() -> None:
    assert holidays().years == {2025, 2026}
    assert len(holidays().off) == 61
    assert len(holidays().work) == 11


def test_prices_are_exact_and_sourced() -> None:
    assert len(prices()) == 37
    assert all(
        price.source and price.source != "same" and price.low_fen <= price.high_fen for price in prices()
    )
    bed = next(price for price in prices() if price.place == "Zhejiang" and price.unit == "CNY/bed-day")
    assert (bed.low_fen, bed.high_fen, bed.year) == (250, 330, 2022)


def test_statistics_are_exact_and_hangzhou_balances() -> None:
    assert len(stats()) == 71
    assert all(stat.source and not stat.source.startswith("same") for stat in stats())
    hangzhou = {stat.item: stat.value for stat in stats() if stat.area == "Hangzhou"}
    closing = hangzhou["opening stock"] + hangzhou["HW generated"]
    closing -= hangzhou["handled inside the city"] + hangzhou["handled outside the city"]
    assert closing == Decimal("3.83")


def test_a_statistic_of_mass_converts_to_grams_and_a_count_does_not() -> None:
    generated = next(stat for stat in stats() if stat.area == "Hangzhou" and stat.item == "HW generated")
    assert generated.grams() == 891_300_000_000
    capacity = next(stat for stat in stats() if stat.unit == "t/day")
    assert capacity.grams() == 6_022_000_000
    with pytest.raises(ValueError, match='unit "count"'):
        next(stat for stat in stats() if stat.unit == "count").grams()
