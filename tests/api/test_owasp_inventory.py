"""OWASP API9: what answers is in the description (test_description), and nothing else does."""

from __future__ import annotations

import pytest

from models.facts import Role
from tests.api.house import Client

# Where frameworks, proxies and forgotten versions answer.
FORGOTTEN = (
    "/docs",
    "/redoc",
    "/docs/oauth2-redirect",
    "/openapi.yaml",
    "/swagger.json",
    "/v1",
    "/v1/",
    "/v0/facts",
    "/v2/facts",
    "/v1/facts/",
    "/v1/admin",
    "/v1/debug",
    "/v1/internal/metrics",
    "/debug/pprof",
    "/actuator/env",
    "/server-status",
    "/.git/config",
    "/.env",
    "/static/../pyproject.toml",
    "/graphql",
)


@pytest.mark.parametrize("path", FORGOTTEN)
async def test_nothing_answers_that_is_not_described(client: Client, path: str) -> None:
    answer = await client.get(path, Role.REGULATOR)
    assert answer.status_code == 404, answer.text[:200]
    assert path not in client.app.openapi()["paths"]


async def test_no_route_is_on_its_way_out_without_a_day(client: Client) -> None:
    for path, operations in client.app.openapi()["paths"].items():
        for method, operation in operations.items():
            assert not operation.get("deprecated") or "x-sunset" in operation, f"{method} {path}"
