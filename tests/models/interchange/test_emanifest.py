"""EPA e-Manifest documents: any of the schema becomes facts and notes, none breaks the reader, and masses are exact."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from models.exact import parse_kg
from models.interchange import emanifest
from models.interchange.emanifest_schema import Emanifest, problems_of
from models.interchange.foreign_numbers import number_of, tracking_number_of
from models.interchange.reading import read_decimals
from models.interchange.report import NoteCode, Reading, with_ids
from models.malformed import Malformed
from models.problems import Code
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    KILN,
    OIL,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
)
from tests.models.interchange.documents import documents_of
from tests.samples import SAMPLES, sample

MTN = "100030352ELC"
TABLES = emanifest.Tables.model_validate(
    {
        "sites": {
            "VATEST000004": {"site": PLATER, "org": PRODUCER_ORG},
            "VAD000532119": {"site": KILN, "org": FACILITY_ORG},
            "ALT": {"site": OTHER_KILN, "org": OTHER_FACILITY_ORG},
        },
        "carriers": {
            "VATEST000002": {"org": CARRIER_ORG, "vehicle": "浙D12345"},
            "VATEST000001": {"org": COLLECTOR_ORG, "vehicle": "浙A54321", "transport_licence_no": "T-1"},
            "NOVEHICLE": {"org": COLLECTOR_ORG},
        },
        "waste_codes": {"D001": OIL, "D003": SLUDGE, "caulk": SLUDGE, "UN1203": OIL, "STATE1": OIL},
        "methods": {"H040": "D10"},
        "numbers": {"CHANGE ME": "20263301000001"},
    }
)
PAPER = "DataImage5Copy"


def signed(on: str) -> dict[str, Any]:
    return {"paperSignatureInfo": {"printedName": "N", "signatureDate": f"2019-03-{on}T04:00:00.000+0000"}}


def waste(
    number: int = 1, amount: int = 100, unit: str = "K", codes: tuple[str, ...] = ("D001",), **more: Any
) -> dict[str, Any]:
    return {
        "lineNumber": number,
        "dotHazardous": False,
        "br": False,
        "pcb": False,
        "epaWaste": True,
        "quantity": {"quantity": amount, "unitOfMeasurement": {"code": unit}},
        "hazardousWaste": {"federalWasteCodes": [{"code": code} for code in codes]},
        **more,
    }


def document(**more: Any) -> dict[str, Any]:
    return {
        "manifestTrackingNumber": MTN,
        "status": "Signed",
        "submissionType": "FullElectronic",
        "generator": {"epaSiteId": "VATEST000004", **signed("13")},
        "transporters": [
            {"epaSiteId": "VATEST000001", "order": 2, **signed("15")},
            {"epaSiteId": "VATEST000002", "order": 1, **signed("14")},
        ],
        "designatedFacility": {"epaSiteId": "VAD000532119", **signed("17")},
        "wastes": [waste()],
        "rejection": False,
        **more,
    }


def read(value: dict[str, Any]) -> Reading:
    """A document of the schema; every fact of it is taken by the door."""
    assert problems_of(value, "$") == []
    reading = emanifest.read(value, "$", TABLES)
    for fact in with_ids(emanifest.SOURCE, reading):
        assert isinstance(read_fact(fact), Prepared), read_fact(fact)
    return reading


def kinds(reading: Reading) -> list[str]:
    return [fact["kind"].removesuffix(".v1") for fact in reading.facts]


def codes(reading: Reading) -> dict[str, NoteCode]:
    return {note.path: note.code for note in reading.notes}


def test_a_signed_manifest_is_a_whole_way() -> None:
    reading = read(document())
    assert reading.manifest_no == number_of(MTN)
    assert [(fact["kind"], fact["occurred_at"]) for fact in reading.facts] == [
        ("manifest-issued.v1", "2019-03-13T12:00:00+08:00"),
        ("transport-departed.v1", "2019-03-14T12:00:00+08:00"),
        ("transport-handed-over.v1", "2019-03-15T12:00:00+08:00"),
        ("transport-arrived.v1", "2019-03-17T12:00:00+08:00"),
        ("receipt-accepted.v1", "2019-03-17T12:00:00+08:00"),
    ]
    issued, departed, passed, arrived, _ = reading.facts
    assert [carrier["org"] for carrier in issued["carriers"]] == [CARRIER_ORG, COLLECTOR_ORG]
    assert (departed["carrier_org"], arrived["carrier_org"]) == (CARRIER_ORG, COLLECTOR_ORG)
    assert (passed["from_carrier_org"], passed["to_carrier_org"]) == (CARRIER_ORG, COLLECTOR_ORG)
    # Who signed has no place here, and is told.
    assert {note.code for note in reading.notes} == {NoteCode.NO_PLACE}
    assert "$.generator.paperSignatureInfo.printedName" in codes(reading)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"status": "Scheduled", "designatedFacility": {"epaSiteId": "VAD000532119"}},
            ["manifest-issued", "transport-departed", "transport-handed-over"],
        ),
        (
            {"transporters": [{"epaSiteId": "NOVEHICLE", **signed("14")}]},
            ["manifest-issued", "receipt-accepted"],
        ),
        ({"transporters": []}, ["receipt-accepted"]),
        ({"wastes": []}, ["transport-handed-over", "transport-arrived"]),
        ({"manifestTrackingNumber": "12345"}, []),
        ({"generator": {"epaSiteId": "XX"}}, []),
        (
            {
                "status": "Signed",
                "designatedFacility": {"epaSiteId": "VAD000532119"},
                "receivedDate": "2019-03-18T04:00:00Z",
            },
            [
                "manifest-issued",
                "transport-departed",
                "transport-handed-over",
                "transport-arrived",
                "receipt-accepted",
            ],
        ),
    ],
)
def test_what_is_not_told_is_not_stated(change: dict[str, Any], expected: list[str]) -> None:
    assert kinds(read(document(**change))) == expected


def rejected(kind: str | None, **more: Any) -> dict[str, Any]:
    info = {**({"rejectionType": kind} if kind else {}), **more}
    return document(rejection=True, rejectionInfo=info)


def test_a_full_rejection_is_refused_and_comes_back() -> None:
    info = {
        "rejectionComments": "not what was agreed",
        "alternateDesignatedFacilityType": "Generator",
        "newManifestTrackingNumbers": ["123456789JJK"],
        "generatorPaperSignature": signed("20")["paperSignatureInfo"],
    }
    reading = read(rejected("FullReject", **info))
    assert kinds(reading)[-2:] == ["receipt-refused", "transport-returned"]
    assert reading.facts[-2]["reason"] == "not what was agreed"
    assert reading.facts[-1]["onward_manifest_no"] == number_of("123456789JJK")


def test_a_full_rejection_goes_to_another_facility_that_signed() -> None:
    other = {"epaSiteId": "ALT", **signed("21")}
    reading = read(
        rejected("FullReject", alternateDesignatedFacilityType="Tsdf", alternateDesignatedFacility=other)
    )
    assert kinds(reading)[-2:] == ["receipt-refused", "receipt-accepted"]
    assert reading.facts[-1]["receiver"] == OTHER_KILN
    onward = read(
        rejected(
            "FullReject",
            alternateDesignatedFacilityType="Tsdf",
            alternateDesignatedFacility=other,
            newManifestTrackingNumbers=["123456789JJK"],
        )
    )
    assert kinds(onward)[-1] == "receipt-refused"  # The new manifest tells the rest.
    assert codes(onward)["$.rejectionInfo.newManifestTrackingNumbers[0]"] is NoteCode.NO_PLACE


@pytest.mark.parametrize("kind", ["PartialReject", None])
def test_of_a_partial_rejection_neither_part_is_stated(kind: str | None) -> None:
    reading = read(rejected(kind))
    assert kinds(reading)[-1] == "transport-arrived"
    assert codes(reading)["$.rejectionInfo.rejectionType"] is NoteCode.NOT_SAID_WHICH


@pytest.mark.parametrize("flag", ["wasteQuantity", "wasteType", "residue"])
def test_a_disputed_line_is_not_accepted_and_the_others_are(flag: str) -> None:
    disputed = waste(2, discrepancyResidueInfo={flag: True, "discrepancyComments": "6500 KG"})
    reading = read(document(wastes=[waste(), disputed]))
    assert [line["line"] for line in reading.facts[-1]["lines"]] == [1]
    assert codes(reading)["$.wastes[1].discrepancyResidueInfo"] is NoteCode.NOT_SAID_WHICH


def test_a_load_that_goes_on_names_what_it_was_refused_under() -> None:
    more = {
        "containsPreviousRejectOrResidue": True,
        "additionalInfo": {"originalManifestTrackingNumbers": ["123456789JJK"]},
    }
    reading = read(document(**more))
    assert reading.facts[0]["onward_of"] == reading.facts[1]["onward_of"] == number_of("123456789JJK")
    several = {"additionalInfo": {"originalManifestTrackingNumbers": ["123456789JJK", "123456789JJL"]}}
    assert "onward_of" not in read(document(**several)).facts[0]


@pytest.mark.parametrize(
    ("amount", "unit", "more", "grams"),
    [
        (1, "P", {}, Fraction(45359237, 100000)),
        (345, "P", {}, 345 * Fraction(45359237, 100000)),
        (1, "T", {}, 2000 * Fraction(45359237, 100000)),
        (1, "K", {}, Fraction(1000)),
        (3, "M", {}, Fraction(3_000_000)),
        (55, "G", {}, None),
        (55, "L", {}, None),
        (1, "Y", {}, None),
        (1, "N", {}, None),
        (0, "K", {}, None),
        (99_999_999_999, "M", {}, None),
        (
            10,
            "G",
            {"density": Decimal("7.5"), "densityUnitOfMeasurement": {"code": "1"}},
            75 * Fraction(45359237, 100000),
        ),
        (10, "L", {"density": Decimal("0.85"), "densityUnitOfMeasurement": {"code": "2"}}, Fraction(8500)),
        (10, "L", {"density": 1, "densityUnitOfMeasurement": {"description": "sg"}}, Fraction(10_000)),
        (1, "N", {"density": 2, "densityUnitOfMeasurement": {"code": "2"}}, Fraction(2_000_000)),
        (10, "L", {"density": 0, "densityUnitOfMeasurement": {"code": "2"}}, None),
        (10, "L", {"density": 1}, None),
    ],
)
def test_masses_are_exact_to_the_gram(
    amount: int, unit: str, more: dict[str, Any], grams: Fraction | None
) -> None:
    line = waste(1, amount, unit) | ({"brInfo": more} if more else {})
    reading = read(document(wastes=[line]))
    found = [parse_kg(line["mass_kg"]) for fact in reading.facts[:1] for line in fact.get("lines", [])]
    if grams is None:
        assert found == []
        assert codes(reading)["$.wastes[0].quantity.quantity"] in (NoteCode.NO_DENSITY, NoteCode.NO_AMOUNT)
    else:
        assert abs(found[0] - grams) <= Fraction(1, 2)
        rounded = codes(reading).get("$.wastes[0].quantity.quantity") is NoteCode.ROUNDED
        assert rounded == (found[0] != grams) or bool(more)


@given(st.integers(1, 10**8))
def test_any_pounds_are_rounded_half_up_to_the_gram(pounds: int) -> None:
    reading = emanifest.read(document(wastes=[waste(1, pounds, "P")]), "$", TABLES)
    if reading.facts and "lines" in reading.facts[0]:
        exact = pounds * Fraction(45359237, 100000)
        assert parse_kg(reading.facts[0]["lines"][0]["mass_kg"]) == (exact + Fraction(1, 2)).__floor__()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (waste(codes=("D001",)), OIL),
        (waste(codes=("D001", "D099")), OIL),
        (waste(codes=("D001", "D003")), None),
        (waste(codes=()), None),
        (waste(codes=(), wasteDescription="caulk"), SLUDGE),
        (waste(codes=(), dotInformation={"idNumber": {"code": "UN1203"}, "printedDotInformation": "x"}), OIL),
        (waste() | {"hazardousWaste": {"generatorStateWasteCodes": [{"code": "STATE1"}]}}, OIL),
    ],
)
def test_a_line_has_the_code_that_the_table_gives(line: dict[str, Any], code: str | None) -> None:
    reading = read(document(wastes=[line]))
    lines = [line["waste_code"] for fact in reading.facts[:1] for line in fact.get("lines", [])]
    assert lines == ([code] if code else [])
    if code is None:
        assert {NoteCode.NO_WASTE_CODE, NoteCode.AMBIGUOUS} & {note.code for note in reading.notes}
    elif "D099" in json.dumps(line):
        assert codes(reading)["$.wastes[0].hazardousWaste.federalWasteCodes[1].code"] is NoteCode.NO_PLACE


def test_every_value_is_in_a_fact_or_in_a_note() -> None:
    rich = document(
        broker={"epaSiteId": "BROKER", "name": "B"},
        importInfo={"portOfEntry": {"cityPort": "X"}},
        correctionInfo={"versionNumber": 2, "active": True},
        additionalInfo={"comments": [{"label": "Truck #", "description": "323 VED"}]},
        printedDocument={"name": "a.pdf", "size": 7, "mimeType": "APPLICATION_PDF"},
    )
    told = codes(read(rich))
    for path in (
        ".broker.epaSiteId",
        ".importInfo.portOfEntry.cityPort",
        ".correctionInfo.versionNumber",
        ".additionalInfo.comments[0].description",
        ".printedDocument.size",
    ):
        assert told[f"${path}"] is NoteCode.NO_PLACE


# Numbers


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("000000000AAA", "80000000000000"),
        ("000000000AAB", "80000000000001"),
        ("999999999ZZZ", "97575999999999"),
    ],
)
def test_the_ends_of_the_reserved_numbers(theirs: str, ours: str) -> None:
    assert number_of(theirs) == ours
    assert tracking_number_of(ours) == theirs


@given(st.from_regex(r"[0-9]{9}[A-Z]{3}", fullmatch=True))
def test_a_tracking_number_comes_back(number: str) -> None:
    ours = number_of(number)
    assert ours is not None
    assert len(ours) == 14
    assert ours[0] in "89"
    assert tracking_number_of(ours) == number


@pytest.mark.parametrize("number", ["", "20253301000001", "79999999999999", "97576000000000", "x", "٨" * 14])
def test_other_numbers_stand_for_themselves(number: str) -> None:
    assert tracking_number_of(number) is None
    assert number_of(number) is None


# Form


def _with_units(value: dict[str, Any]) -> dict[str, Any]:
    """A quantity comes with its unit: the one rule of the schema that goes over two fields."""
    for line in value.get("wastes", []):
        quantity = line.get("quantity", {})
        if "unitOfMeasurement" not in quantity:
            quantity.pop("quantity", None)
    return value


_DOCUMENTS = documents_of(Emanifest).map(_with_units)
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=_SLOW)
@given(_DOCUMENTS)
def test_no_document_of_the_schema_breaks_the_reader(value: dict[str, Any]) -> None:
    read(value)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=_SLOW)
@given(_DOCUMENTS)
def test_what_we_make_is_of_the_official_schema(value: dict[str, Any]) -> None:
    if SAMPLES.is_dir():
        assert list(_official().iter_errors(value)) == []


def _official() -> Draft4Validator:
    return Draft4Validator(json.loads(sample("emanifest", "emanifest-schema.json").read_bytes()))


@pytest.mark.parametrize(
    "name",
    [
        "emanifest-save-valid-Data-and-Image-Partial-reject-example",
        "emanifest-save-valid-Data-and-Image-example",
        "emanifest-save-valid-Full-Electronic-example",
        "emanifest-save-invalid-example",
        "emanifest-return-failure-example",
    ],
)
def test_the_samples_are_taken_or_refused_as_the_official_schema_does(name: str) -> None:
    value = read_decimals(sample("emanifest", f"{name}.json").read_bytes())
    problems = problems_of(value, "$")
    assert bool(problems) == bool(list(_official().iter_errors(value))) == ("-save-valid-" not in name)
    assert all(problem.path.startswith("$.") for problem in problems)
    if not problems:
        read(value)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in _places(item, (*path, name)))]


_JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**12,
    Decimal("1.5"),
    "",
    "x" * 600,
    "K",
    [],
    {},
    [{}],
    {"code": "K"},
    {"neu": 1},
    ["a"],
]


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_sample_is_taken_or_refused_as_the_official_schema_does(data: st.DataObject) -> None:
    names = ["Data-and-Image-Partial-reject", "Data-and-Image", "Full-Electronic"]
    path = sample("emanifest", f"emanifest-save-valid-{data.draw(st.sampled_from(names))}-example.json")
    value = copy.deepcopy(read_decimals(path.read_bytes()))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(value)[1:] or [()]))
        if not place:
            continue
        inner = value
        for name in place[:-1]:
            inner = inner[name]
        if data.draw(st.booleans()) and isinstance(inner, dict):
            del inner[place[-1]]
        else:
            inner[place[-1]] = copy.deepcopy(data.draw(st.sampled_from(_JUNK)))
    problems = problems_of(value, "$")
    assert bool(problems) == bool(list(_official().iter_errors(value)))
    if not problems:
        read(value)


@pytest.mark.parametrize(
    ("value", "path", "code"),
    [
        ({"neu": 1}, "$.neu", Code.UNKNOWN_FIELD),
        ({"wastes": [{}]}, "$.wastes[0].lineNumber", Code.MISSING),
        ({"rejection": "false"}, "$.rejection", Code.WRONG_TYPE),
        ({"status": "Lost"}, "$.status", Code.NOT_ONE_OF),
        ({"wastes": [waste(amount=-1)]}, "$.wastes[0].quantity.quantity", Code.OUT_OF_RANGE),
        ({"generator": {"name": "x" * 81}}, "$.generator.name", Code.WRONG_LENGTH),
        ({"broker": None}, "$", Code.WRONG_TYPE),
        ([], "$", Code.WRONG_TYPE),
    ],
)
def test_what_is_not_of_the_form_is_refused_with_its_path(value: Any, path: str, code: Code) -> None:
    assert (path, code) in [(problem.path, problem.code) for problem in problems_of(value, "$")]


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"1e999999999",
        b"1" * 5000,
        b'"\\ud800"',
        b'"a\\u0000"',
        b"[" * 40 + b"]" * 40,
        b"[" * 100_000,
    ],
)
def test_hostile_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_decimals(raw)


def test_decimals_are_read_exactly() -> None:
    assert read_decimals(b'{"a": 1.10, "b": [0.1, 12]}') == {"a": Decimal("1.10"), "b": [Decimal("0.1"), 12]}
