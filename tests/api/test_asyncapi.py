"""The description of the topics: valid by the official schema, whole, and true of what is routed and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
from starlette.testclient import TestClient

from api.asyncapi import document, kinds_of
from models.facts import CORRECTING, FACT_TYPES
from models.topics import Concern
from rules.routes import UNROUTED, routes
from streams.topics import topic_names
from tests.api.house import House
from tests.pages.province import all_facts

ROOT = Path(__file__).parents[2]
OFFICIAL = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"


def test_it_is_valid_by_the_official_schema(assets: Path) -> None:
    assert assets.is_dir()
    assert OFFICIAL.is_file(), "npm ci --ignore-scripts brings it, as make assets does"
    official = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft7Validator(official)
    assert [
        f"{error.instance_path}: {error.message[:200]}" for error in validator.iter_errors(document())
    ] == []
    broken = {**document(), "channels": {"a": {"adress": "x"}}}
    assert not validator.is_valid(broken)


def test_every_topic_is_a_channel_and_every_kind_is_on_events() -> None:
    channels = document()["channels"]
    assert {channel["address"] for channel in channels.values()} == set(topic_names())
    assert channels["events"]["messages"].keys() == FACT_TYPES.keys()
    for concern in Concern:
        assert {"tick", *CORRECTING} <= channels[concern]["messages"].keys()
        assert not UNROUTED & channels[concern]["messages"].keys()


def test_every_reference_leads_somewhere() -> None:
    text = orjson.dumps(document()).decode()
    for reference in {part.split('"')[0] for part in text.split('"$ref":"')[1:]}:
        found: Any = document()
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_no_fact_goes_where_its_kind_is_not_described() -> None:
    """Of a whole province; a kind's channels are found from examples that say all that may be said."""
    told = {concern: set(kinds_of(concern)) for concern in Concern}
    for wire in all_facts():
        if wire["kind"] not in CORRECTING:
            for concern, _ in routes(wire["kind"], FACT_TYPES[wire["kind"]].model_validate(wire)):
                assert wire["kind"] in told[concern]


def test_it_is_served(house: House) -> None:
    answer = TestClient(house.app()).get("/asyncapi.json")
    assert answer.json() == document()
    assert answer.headers["etag"]
