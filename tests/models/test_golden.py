"""Each fact has a golden JSON schema and a real example: a shipped version never changes unnoticed."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models import examples
from models.canonical import canonical
from models.facts import CORRECTING, FACT_TYPES
from rules.routes import UNROUTED, routes

GOLDEN = Path(__file__).parent / "golden"


def golden(kind: str, what: str) -> Any:
    """The golden schema, or the example, of a kind."""
    if what == "example":
        return examples.example(kind)
    return json.loads((GOLDEN / f"{kind}.{what}.json").read_text(encoding="utf-8"))


def test_every_kind_has_its_two_files_and_no_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{kind}.schema.json" for kind in FACT_TYPES}
    found = {path.name for path in resources.files(examples).iterdir() if path.name.endswith(".json")}
    assert found == {f"{kind}.json" for kind in FACT_TYPES}
    with pytest.raises(KeyError):
        examples.example("waste-vanished.v1")


@pytest.mark.parametrize("kind", sorted(FACT_TYPES))
def test_the_schema_is_the_golden_one(kind: str) -> None:
    assert FACT_TYPES[kind].model_json_schema(by_alias=True) == golden(kind, "schema")


@pytest.mark.parametrize("kind", sorted(FACT_TYPES))
def test_the_example_is_accepted_by_model_and_schema_and_comes_back_as_it_was(kind: str) -> None:
    example = golden(kind, "example")
    jsonschema.Draft202012Validator(golden(kind, "schema")).validate(example)
    fact = FACT_TYPES[kind].model_validate(example)
    again = json.loads(fact.model_dump_json(exclude_none=True, exclude_defaults=False))
    assert FACT_TYPES[kind].model_validate(again) == fact
    assert canonical(example).startswith(b"{")


@pytest.mark.parametrize("kind", sorted(set(FACT_TYPES) - UNROUTED - CORRECTING))
def test_a_judged_fact_goes_somewhere(kind: str) -> None:
    assert routes(kind, FACT_TYPES[kind].model_validate(golden(kind, "example")))


@pytest.mark.parametrize("kind", sorted(FACT_TYPES))
def test_an_unknown_field_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"Extra inputs"):
        FACT_TYPES[kind].model_validate({**golden(kind, "example"), "colour": "red"})
