"""Parameters that are not known are refused on every read; words and codes come in the language asked for."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.spoken import preferred
from models.facts import Role
from models.language import Lang
from models.problem_meanings import MEANINGS
from tests.api.house import Client, errors_of, problem_of
from tests.streams.ledgers import stored


def _reads(client: Client) -> list[str]:
    """The paths of all described reads, filled in with something."""
    found = []
    for path, operations in client.app.openapi()["paths"].items():
        if "get" in operations:
            filled = path
            for name in path.split("{")[1:]:
                filled = filled.replace("{" + name.partition("}")[0] + "}", "1")
            found.append(filled)
    return found


async def test_a_misspelt_parameter_is_refused_by_every_read(client: Client) -> None:
    paths = _reads(client)
    assert len(paths) > 20
    for path in paths:
        response = await client.get(path, conditon="open")
        problem = problem_of(response, 422)
        assert ("query.conditon", "unknown_parameter") in {
            (error["path"], error["code"]) for error in problem["errors"]
        }, path


async def test_the_nearest_name_is_suggested(client: Client) -> None:
    (error,) = problem_of(await client.get("/v1/alerts", conditon="open"), 422)["errors"]
    assert error["suggestion"] == "condition"
    assert '"condition"' in error["message"]


async def test_a_parameter_of_one_value_is_given_once(client: Client) -> None:
    headers = {"authorization": f"Bearer {client.tokens[Role.REGULATOR]}"}
    twice = await client.http.get("/v1/alerts?region=33&region=34", headers=headers)
    assert errors_of(twice) == [("query.region", "repeated_parameter")]
    many = await client.http.get("/v1/alerts?condition=open&condition=past", headers=headers)
    assert many.status_code == 200


async def test_every_route_that_is_described_is_watched(client: Client) -> None:
    routes = [context.original_route for context in iter_route_contexts(client.app.routes)]
    described = [route for route in routes if isinstance(route, APIRoute) and route.include_in_schema]
    assert len(described) > 20


# Languages


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", Lang.EN),
        ("zh", Lang.ZH),
        ("zh-CN,zh;q=0.9,en;q=0.8", Lang.ZH),
        ("en-GB,en;q=0.9,zh;q=0.8", Lang.EN),
        ("en;q=0.5, zh;q=0.8", Lang.ZH),
        ("EN;Q=0.5, ZH-hans", Lang.ZH),
        ("fr, de", Lang.EN),
        ("fr, zh;q=0.1", Lang.ZH),
        ("zh;q=0", Lang.EN),
        ("*", Lang.EN),
        ("zh;q=nonsense", Lang.EN),
        ("zh, en", Lang.ZH),
        ("en, zh", Lang.EN),
        ("," * 10_000 + "zh", Lang.EN),
    ],
)
def test_accept_language_is_weighed(header: str, lang: Lang) -> None:
    assert preferred(header) is lang


async def test_a_refusal_is_told_in_the_language_asked_for(client: Client) -> None:
    bad = {**stored(), "mass_kg": "1,250.5kg"}
    english = await client.post(bad)
    chinese = await client.post(bad, accept_language="zh-CN,zh;q=0.9")
    assert english.headers["content-language"] == "en"
    assert chinese.headers["content-language"] == "zh-CN"
    assert chinese.headers["vary"] == "Accept-Language"
    problem = problem_of(chinese, 422)
    assert problem["title"] == MEANINGS["bad_mass"].title.zh
    assert problem["detail"] == "问题 1 处；什么也没有写入"
    assert problem["help"] == "/errors/bad_mass"
    (error,) = problem["errors"]
    assert error["suggestion"] == "1250.5"
    assert error["message"].startswith("质量“1,250.5kg”不是")
    assert problem_of(english, 422)["errors"][0]["path"] == error["path"]


async def test_warnings_are_told_in_the_language_asked_for(client: Client) -> None:
    wire = stored(code="831-001-01")
    told = await client.post(wire, accept_language="zh")
    (warning,) = [
        found for found in told.json()["receipts"][0]["warnings"] if found["code"] == "waste_code.unlisted"
    ]
    assert warning["suggestion"] == "841-001-01"
    assert "2021 年起" in warning["message"]
    assert told.headers["content-language"] == "zh-CN"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/nothing", 404), ("/v1/alerts/zzz", 422), ("/v1/alerts?limit=0", 422), ("/v1/facts/0", 422)],
)
async def test_other_refusals_are_told_in_chinese_too(client: Client, path: str, status: int) -> None:
    headers = {"authorization": f"Bearer {client.tokens[Role.REGULATOR]}", "accept-language": "zh"}
    problem = problem_of(await client.http.get(path, headers=headers), status)
    told = [problem["title"], problem["detail"], *(error["message"] for error in problem.get("errors", []))]
    assert all(any("\u4e00" <= character <= "\u9fff" for character in text) for text in told)
    assert "should" not in " ".join(told)


# What the codes mean


@pytest.mark.parametrize("code", ["bad_mass", "waste_code.unlisted", "event_id_reused"])
async def test_a_code_is_explained_to_programs_and_people(client: Client, code: str) -> None:
    told: dict[str, Any] = (await client.http.get(f"/errors/{code}")).json()
    assert told["code"] == code
    assert told["status"] == (MEANINGS[code].status or None)
    assert told["messages"]
    for lang, title in (("zh", MEANINGS[code].title.zh), ("en", MEANINGS[code].title.en)):
        shown = await client.http.get(f"/errors/{code}?lang={lang}", headers={"accept": "text/html"})
        assert shown.status_code == 200
        assert title in shown.text


async def test_all_codes_are_listed(client: Client) -> None:
    listed = (await client.http.get("/errors")).json()["errors"]
    assert {entry["code"] for entry in listed} == MEANINGS.keys()
    shown = await client.http.get("/errors", headers={"accept": "text/html"})
    assert all(f'href="/errors/{code}"' in shown.text for code in MEANINGS)


async def test_an_unknown_code_is_not_there(client: Client) -> None:
    problem_of(await client.http.get("/errors/nothing"), 404)
    page = await client.http.get("/errors/nothing", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
