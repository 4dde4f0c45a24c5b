"""A route on its way out says so in the description and on every answer."""

from __future__ import annotations

from datetime import date

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from api.answers.health import Alive
from api.described import DescribedRoute, ending

END = ending(date(2027, 1, 1), date(2028, 12, 31), "/v2/new")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_headers_tell_since_when_until_when_and_where_to_go(asynchronous: bool) -> None:
    router, app = APIRouter(route_class=DescribedRoute), FastAPI()

    def old() -> Alive:
        return {"status": "ok"}

    async def old_too() -> Alive:
        return {"status": "ok"}

    router.add_api_route("/old", old_too if asynchronous else old, **END)
    router.add_api_route("/new", old)
    app.include_router(router, prefix="/v1")
    asking = TestClient(app)
    answer = asking.get("/v1/old")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["deprecation"] == "@1798761600"
    assert answer.headers["sunset"] == "Sun, 31 Dec 2028 00:00:00 GMT"
    assert answer.headers["link"] == '</v2/new>; rel="successor-version"'
    assert not {"deprecation", "sunset", "link"} & asking.get("/v1/new").headers.keys()
    told = asking.get("/openapi.json").json()["paths"]["/v1/old"]["get"]
    assert (told["deprecated"], told["x-sunset"]) == (True, "2028-12-31")


def test_less_than_a_year_is_no_ending() -> None:
    with pytest.raises(ValueError, match="less than 12 months"):
        ending(date(2027, 1, 1), date(2027, 12, 31), "/v2/new")
    assert ending(date(2027, 1, 1), date(2028, 1, 1), "/v2/new")["deprecated"]
