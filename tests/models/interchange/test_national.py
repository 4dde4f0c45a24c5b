"""Manifests in the national field names: round trips, units, conflicts, and nothing dropped without a word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.simulator import ProvinceSize, simulate
from models.exact import format_kg, parse_kg
from models.interchange import national, national_conflicts, national_fields, national_reading
from models.interchange.amounts import spelled, when
from models.interchange.national_document import Document
from models.interchange.national_fields import DETAIL, read_names, renamed
from models.interchange.report import InForce, NoteCode, with_ids
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    INFECTIOUS,
    KILN,
    MANIFEST,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    accepted,
    arrived,
    confirmed,
    day,
    departed,
    handed_over,
    issued,
    line,
    observed,
    refused,
)
from tests.models.interchange.registers import Listed

REGISTER = Listed(
    {
        PLATER: (PRODUCER_ORG, "一号电镀厂"),
        KILN: (FACILITY_ORG, "二号焚烧厂"),
        "330604-TRUCKS": (CARRIER_ORG, "三号运输"),
        "330106-TRUCKS": (COLLECTOR_ORG, "四号运输"),
    }
)
CARRIERS = [{"org": CARRIER_ORG, "transport_licence_no": "浙交运管330604001"}]


def in_force(*wires: dict[str, Any]) -> list[InForce]:
    return [InForce(seq, wire["kind"], "", wire["event_id"], wire) for seq, wire in enumerate(wires, start=1)]


def written(*wires: dict[str, Any]) -> dict[str, Any]:
    found = national.written(wires[0]["manifest_no"], in_force(*wires), REGISTER)
    assert found is not None
    return found.document


def read(document: Any) -> Document:
    return national_reading.read(document, "$", REGISTER)


def stated(document: Any) -> list[dict[str, Any]]:
    """The facts that follow, each taken by the door."""
    facts = with_ids(national.SOURCE, read(document).reading)
    for fact in facts:
        assert isinstance(read_fact(fact), Prepared), read_fact(fact)
    return facts


def notes(document: Any) -> list[tuple[str, str]]:
    return [(note.path, note.code.value) for note in read(document).reading.notes]


def whole() -> list[dict[str, Any]]:
    lines = [line(OIL, "12500.001"), line(SLUDGE, "7", 2)]
    return [
        issued(lines=lines, carriers=CARRIERS, at=day(1)),
        departed(lines=lines, transport_licence_no="浙交运管330604001", at=day(2)),
        handed_over(at=day(2, 12)),
        arrived(carrier_org=COLLECTOR_ORG, vehicle="浙A54321", at=day(2, 14)),
        accepted(lines=[line(OIL, "12500", method="R9"), line(SLUDGE, "7", 2)], at=day(2, 15)),
        confirmed(at=day(3)),
    ]


def test_a_whole_manifest_is_written_and_read_back_as_it_was() -> None:
    document = written(*whole())
    assert document == {
        "ldbh": MANIFEST,
        "ldkjsj": "2025-03-04 09:00:00",
        "wfycrq": "2025-03-05 09:00:00",
        "ysrq": "2025-03-05 09:00:00",
        "ddsj": "2025-03-05 14:00:00",
        "qrsj": "2025-03-06 09:00:00",
        "ysdwdm": CARRIER_ORG,
        "cph": "浙D12345",
        "ysdwdlyszh": "浙交运管330604001",
        "ycsxzqhdm": "330106",
        "wfycdwdm": PRODUCER_ORG,
        "wfycdwmc": "一号电镀厂",
        "wfycdwcdbh": PLATER,
        "yrsxzqhdm": "330604",
        "wfjsdwdm": FACILITY_ORG,
        "wfjsdwmc": "二号焚烧厂",
        "wfjsdwcdbh": KILN,
        "ysdwmc": "三号运输",
        "wfjsrq": "2025-03-05 15:00:00",
        "wfjsdwyj": "接受",
        "jjjl": [
            {
                "jcysdwdm": CARRIER_ORG,
                "jsysdwdm": COLLECTOR_ORG,
                "cph": "浙A54321",
                "jjsj": "2025-03-05 12:00:00",
            }
        ],
        "sfczzdcy": "否",
        "details": [
            {
                "xh": "1",
                "wxfwdm": OIL,
                "wxfwlb": "HW08",
                "wxfwmc": document["details"][0]["wxfwmc"],
                "lyczfs": "R9",
                "zysl": "12.500001",
                "jldw": "吨",
                "jssl": "12.5",
            },
            {
                "xh": "2",
                "wxfwdm": SLUDGE,
                "wxfwlb": "HW17",
                "wxfwmc": document["details"][1]["wxfwmc"],
                "zysl": "0.007",
                "jldw": "吨",
                "jssl": "0.007",
            },
        ],
    }
    assert notes(document) == []
    assert written(*stated(document)) == document
    ours = national.written(MANIFEST, in_force(*whole()), REGISTER)
    assert ours is not None
    assert national_conflicts.conflicts(read(document), ours) == []


@cache
def province() -> dict[str, list[InForce]]:
    """The manifests of a small simulated province, by number."""
    simulation = simulate(3, ProvinceSize(producers=60, hospitals=1, clinics=3), date(2025, 1, 6), 60)
    found: dict[str, list[InForce]] = {}
    for seq, said in enumerate(simulation.facts, start=1):
        wire = said.wire
        if number := wire.get("manifest_no"):
            fact = InForce(seq, wire["kind"], said.stated_by, wire["event_id"], wire)
            found.setdefault(number, []).append(fact)
    return found


def test_every_simulated_manifest_makes_the_round_trip_both_ways() -> None:
    tried = 0
    for number, facts in province().items():
        ours = national.written(number, facts, Listed())
        if ours is None or facts[0].kind == "waste-collected.v1":
            continue
        document = national_reading.read(ours.document, "$", Listed())
        assert national_conflicts.conflicts(document, ours) == []
        again = [
            InForce(seq, fact["kind"], "", fact["event_id"], fact)
            for seq, fact in enumerate(with_ids(national.SOURCE, document.reading), start=1)
        ]
        once_more = national.written(number, again, Listed())
        assert once_more is not None
        assert once_more.document == ours.document, number
        tried += 1
    assert tried > 50


def test_what_has_no_field_is_told_not_dropped() -> None:
    lines = [line(OIL, 5, lot="CS", place="P1", parents=["A"])]
    facts = [
        issued(lines=[line(OIL, 6)], contract_no="HT-1", trip_id="T1", on_paper=True, at=day(1)),
        departed(lines=lines, weighing="weighbridge", at=day(2)),
        observed(at=day(2, 10)),
    ]
    found = national.written(MANIFEST, in_force(*facts), REGISTER)
    assert found is not None
    assert [(note.path, note.value) for note in found.left] == [
        ("fact 1.contract_no", "HT-1"),
        ("fact 1.trip_id", "T1"),
        ("fact 1.on_paper", "True"),
        ("fact 1.lines.mass_kg", "6"),
        ("fact 2.weighing", "weighbridge"),
        ("fact 2.lines.lot", "CS"),
        ("fact 2.lines.parents", "['A']"),
        ("fact 2.lines.place", "P1"),
        ("fact 3", "transport-observed.v1"),
    ]


def theirs(**more: Any) -> dict[str, Any]:
    """A document as another system might send it: tonnes as numbers, days without times, the weak names alone."""
    detail = {"wxfwmc": "废矿物油", "wxfwlb": "HW08", "wxfwdm": OIL, "zysl": Decimal("12.5"), "jldw": "吨"}
    return {
        "ldbh": MANIFEST,
        "wfycrq": "2025-03-05",
        "ycsxzqhdm": "330106",
        "yrsxzqhdm": "330604",
        "wfycdwmc": "一号电镀厂",
        "wfjsdwdm": FACILITY_ORG,
        "ysdwmc": "三号运输",
        "cph": "浙 D12345",
        "details": [{**detail, **more.pop("detail", {})}],
        **more,
    }


def test_the_weak_names_alone_are_enough_where_the_register_knows_the_parties() -> None:
    facts = stated(theirs())
    assert [fact["kind"] for fact in facts] == ["manifest-issued.v1", "transport-departed.v1"]
    assert facts[1]["origin"] == PLATER
    assert facts[1]["vehicle"] == "浙D12345"
    assert facts[1]["lines"] == [{"line": 1, "waste_code": OIL, "mass_kg": "12500"}]
    assert {code for _, code in notes(theirs())} == {"time_not_given", "derived"}


def test_importing_twice_gives_the_same_ids_and_other_numbers_others() -> None:
    once, twice = stated(theirs()), stated(theirs())
    assert [fact["event_id"] for fact in once] == [fact["event_id"] for fact in twice]
    other = stated(theirs(ldbh="20253301000002"))
    assert not {fact["event_id"] for fact in once} & {fact["event_id"] for fact in other}
    assert all(fact["event_id"][14] == "7" for fact in once)


@pytest.mark.parametrize(
    ("amount", "unit", "kg", "codes"),
    [
        (Decimal("12.5"), "吨", "12500", []),
        ("12.5", "t", "12500", []),
        (12500, "千克", "12500", []),
        ("12500", "KG", "12500", []),
        ("12500", "公斤", "12500", []),
        ("12.5", "", "12500", ["unit_assumed"]),
        (12500, "吨", "12500000", ["unit_doubtful"]),
        (Decimal("60"), "吨", "60000", []),
        (Decimal("60.000001"), "吨", "60000.001", ["unit_doubtful"]),
        (Decimal("0.0000015"), "吨", "0.002", ["rounded"]),
        (Decimal("0.0000004"), "吨", None, ["no_amount"]),
        (Decimal("-1"), "吨", None, ["no_amount"]),
        ("1e3", "吨", None, ["no_amount"]),
        ("12,5", "吨", None, ["no_amount"]),
        (0, "吨", None, ["no_amount"]),
        (10**7, "吨", None, ["no_amount"]),
        (True, "吨", None, ["no_amount"]),
        (3, "立方米", None, ["no_density"]),
        (3, "斤", None, ["bad_value"]),
    ],
)
def test_units_are_read_exactly_and_doubts_are_told(
    amount: object, unit: str, kg: str | None, codes: list[str]
) -> None:
    document = theirs(detail={"zysl": amount, "jldw": unit})
    facts = stated(document)
    assert [fact["lines"][0]["mass_kg"] for fact in facts[:1]] == ([kg] if kg else [])
    found = [code for path, code in notes(document) if path.startswith("$.details[0].")]
    assert found == codes


def test_pieces_are_counted() -> None:
    document = theirs(
        detail={"wxfwdm": INFECTIOUS, "wxfwlb": "HW01", "zysl": 40, "jldw": "个", "jssl": 38},
        wfjsrq="2025-03-05",
        wfjsdwyj="接受",
    )
    facts = stated(document)
    assert facts[0]["lines"] == [{"line": 1, "waste_code": INFECTIOUS, "pieces": 40}]
    assert facts[2]["lines"] == [{"line": 1, "waste_code": INFECTIOUS, "pieces": 38}]
    assert written(*facts)["details"][0] | {"wxfwmc": ""} == {
        "xh": "1",
        "wxfwdm": INFECTIOUS,
        "wxfwlb": "HW01",
        "wxfwmc": "",
        "zysl": "40",
        "jldw": "个",
        "jssl": "38",
    }


@pytest.mark.parametrize(
    ("more", "kinds", "code"),
    [
        ({"wfjsrq": "2025-03-06", "wfjsdwyj": "接受"}, [], "no_amount"),  # How much is not said.
        ({"wfjsdwyj": "接受", "detail": {"jssl": "1"}}, [], "no_date"),
        (
            {"wfjsrq": "2025-03-06", "wfjsdwyj": "接受", "detail": {"jssl": "12.4"}},
            ["receipt-accepted.v1"],
            None,
        ),
        ({"wfjsrq": "2025-03-06", "wfjsdwyj": "拒收", "jjyy": "代码不符"}, ["receipt-refused.v1"], "derived"),
        ({"wfjsrq": "2025-03-06", "wfjsdwyj": "拒收"}, [], "no_place"),
        (
            {
                "wfjsrq": "2025-03-06",
                "wfjsdwyj": "部分接受",
                "jjyy": "x",
                "detail": {"jssl": "12", "jjsl": "0.5"},
            },
            ["receipt-accepted.v1", "receipt-refused.v1"],
            None,
        ),
        ({"cph": None}, [], "no_vehicle"),
        ({"wfycrq": "gestern"}, [], "bad_value"),
        ({"wfycdwmc": "无名"}, [], "no_party"),
        ({"wfycdwdz": "某路1号"}, [], "no_place"),
        ({"gps": [1, 2]}, [], "no_place"),
        ({"neu": "x"}, [], "no_place"),
        ({"detail": {"wxfwdm": "90024908"}}, [], "no_waste_code"),
        ({"detail": {"wxfwlb": "HW49"}}, [], "bad_value"),
    ],
)
def test_what_is_not_said_is_not_stated(more: dict[str, Any], kinds: list[str], code: str | None) -> None:
    document = theirs(**more)
    facts = [fact["kind"] for fact in stated(document) if fact["kind"].startswith("receipt-")]
    assert facts == kinds
    if code is not None:
        assert code in {found for _, found in notes(document)}


@pytest.mark.parametrize(
    "number", ["", None, "2025330100001", "202533010000011", "２０２５３３０１０００００１", 20253301000001]
)
def test_without_a_number_nothing_is_stated(number: object) -> None:
    document = theirs(ldbh=number)
    taken = number == int(MANIFEST)  # A number that stands there as a number is one.
    assert bool(stated(document)) == taken
    assert (("$.ldbh", "no_number") in notes(document)) != taken


@pytest.mark.parametrize(
    ("change", "field", "ours", "other"),
    [
        ({"wfycrq": "2025-03-06"}, "wfycrq", "2025-03-05 09:00:00", "2025-03-06"),
        ({"wfycrq": "2025-03-05 09:00:01"}, "wfycrq", "2025-03-05 09:00:00", "2025-03-05 09:00:01"),
        ({"cph": "浙A00001"}, "cph", "浙D12345", "浙A00001"),
        ({"wfjsdwcdbh": "330604-KILN02"}, "wfjsdwcdbh", KILN, "330604-KILN02"),
        ({"sfczzdcy": "1"}, "sfczzdcy", "否", "是"),
        ({"wfjsdwyj": "拒收"}, "wfjsdwyj", "接受", "拒收"),
        ({"detail": {"zysl": "12500", "jldw": "吨"}}, "details.zysl", "12.5", "12500"),
        ({"detail": {"zysl": "12.5", "jldw": "千克"}}, "details.zysl", "12.5", "0.0125"),
        ({"detail": {"wxfwdm": SLUDGE, "wxfwlb": "HW17"}}, "details.wxfwdm", OIL, SLUDGE),
    ],
)
def test_conflicts_are_told_field_by_field(change: dict[str, Any], field: str, ours: str, other: str) -> None:
    known = national.written(
        MANIFEST, in_force(departed(kg=12500, at=day(2)), accepted(kg=12500, at=day(3))), REGISTER
    )
    assert known is not None
    found = national_conflicts.conflicts(read(theirs(**change)), known)
    conflict = next(conflict for conflict in found if conflict.field == field)
    assert (conflict.ours, conflict.theirs) == (ours, other)
    assert conflict.seq in (1, 2)
    if field == "details.zysl":
        assert "1000" in conflict.hint


def test_what_agrees_is_no_conflict() -> None:
    known = national.written(MANIFEST, in_force(departed(kg=12500, at=day(2))), REGISTER)
    assert known is not None
    assert national_conflicts.conflicts(read(theirs()), known) == []


@pytest.mark.parametrize("kg", ["0.001", "12.5", "12500.001", "59999.999"])
def test_a_difference_of_two_percent_is_none_and_a_little_more_is(kg: str) -> None:
    loaded = parse_kg(kg)
    two_percent = loaded - loaded * 2 // 100
    for taken, said in ((loaded, "否"), (two_percent, "否"), (two_percent - 1, "是")):
        if taken > 0:
            receipt = accepted(kg=format_kg(taken), at=day(3))
            assert written(departed(kg=kg, at=day(2)), receipt)["sfczzdcy"] == said


def test_a_refused_rest_is_no_difference() -> None:
    facts = [departed(kg=10, at=day(2)), accepted(kg=8, at=day(3)), refused(kg=2, at=day(3))]
    document = written(*facts)
    assert (document["sfczzdcy"], document["wfjsdwyj"]) == ("否", "部分接受")
    assert (document["details"][0]["jssl"], document["details"][0]["jjsl"]) == ("0.008", "0.002")


def test_several_acceptances_are_one_amount() -> None:
    receipts = [accepted(lines=[line(OIL, kg)], at=day(3, 9 + nth)) for nth, kg in enumerate((4, 6))]
    document = written(departed(kg=10, at=day(2)), *receipts)
    assert (document["details"][0]["jssl"], document["sfczzdcy"]) == ("0.01", "否")
    assert document["wfjsrq"] == "2025-03-06 09:00:00"


def test_other_spellings_of_names_are_taken_by_setting() -> None:
    names = {"ldbh": "ldh", "zysl": "sl"}
    document = written(departed(kg=5, at=day(2)))
    other = renamed(document, names)
    assert other["ldh"] == MANIFEST
    assert other["details"][0]["sl"] == "0.005"  # type: ignore[index]
    assert read_names(other, names) == document


def test_the_table_says_of_each_name_how_sure_it_is_once() -> None:
    for table in (national_fields.MANIFEST, DETAIL):
        assert len({name.name for name in table}) == len(table)
        assert all(name.zh and name.surety for name in table)


def test_instants_are_spelled_and_read_alike() -> None:
    for at in (day(0), day(0, 0), day(0, 0) + 1, day(3, 23, 59) + 999_999):
        found = when(spelled(at))
        assert found is not None
        assert found.at == at
    assert when("2025-02-30") is None
    assert when("2025/3/5 08:00") is not None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from([name.name for name in (*national_fields.MANIFEST, *DETAIL)])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=6), st.dictionaries(NAMES, JSON, max_size=4))
def test_no_document_breaks_the_reader_and_every_fact_of_it_is_well_formed(
    top: dict[str, Any], detail: dict[str, Any]
) -> None:
    document = theirs(**{**top, "detail": detail})
    for fact in with_ids(national.SOURCE, read(document).reading):
        assert isinstance(read_fact(fact), Prepared), read_fact(fact)


@given(JSON)
def test_anything_else_is_told_to_be_no_manifest(value: Any) -> None:
    found = read(value).reading
    assert found.facts == []
    assert {note.code for note in found.notes} & {NoteCode.BAD_VALUE, NoteCode.NO_NUMBER}
