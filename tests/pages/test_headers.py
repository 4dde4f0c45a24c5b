"""What every page, file and redirect says to the browser: nothing from elsewhere, nothing kept, nothing framed."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.pages import router
from api.pages.access import PageRoute
from api.pages.assets import STATIC
from models.facts import Role
from tests.api.house import House
from tests.pages.browsing import log_in

WANTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
OPEN = ("/login", "/forgotten", "/welcome?token=x", "/nothing-here")


def routes_of_pages() -> list[PageRoute]:
    """Every route of a page, taken from the application itself."""
    return [route for route in _routes(router) if isinstance(route, PageRoute)]


def paths_of_pages() -> list[str]:
    """Every page that an address without a name in it leads to."""
    found = [page.path for page in routes_of_pages() if "GET" in (page.methods or ())]
    return sorted({path for path in found if "{" not in path and path not in {"/live", "/login/once"}})


def _routes(router: object) -> list[object]:
    listed: list[object] = []
    for route in getattr(router, "routes", []):
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        listed += _routes(inner) if inner is not None else [route]
    return listed


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_page_has_its_headers(tmp_path: Path, scheme: str) -> None:
    house = House(tmp_path)
    client = TestClient(house.app(), base_url=f"{scheme}://testserver")
    log_in(client, house.tokens[Role.REGULATOR])
    paths = paths_of_pages()
    assert {"/", "/account", "/login", "/storage"} <= set(paths)
    for path in paths:
        answer = client.get(path, follow_redirects=False, headers={"accept": "text/html"})
        assert answer.status_code < 500, path
        for name, value in WANTED.items():
            assert set(answer.headers.get_list(name)) == {value}, (path, name)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert "camera=()" in answer.headers["permissions-policy"], path
        assert ("strict-transport-security" in answer.headers) is (scheme == "https"), path
        for elsewhere in ('src="http', 'src="//', 'href="//', "@import", "url(http"):
            assert elsewhere not in answer.text, path
    house.ledger.databases.dispose()


def test_files_are_what_they_say_and_load_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    client = TestClient(house.app(), base_url="http://testserver")
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        answer = client.get(f"/static/{path.relative_to(STATIC).as_posix()}")
        assert set(answer.headers.get_list("x-content-type-options")) == {"nosniff"}
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    for wish in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "vendor/../../app.py"):
        assert client.get(f"/static/{wish}").status_code in {404, 405}
    sheet = (STATIC / "page.css").read_text(encoding="utf-8")
    assert "http" not in sheet
    assert "@import" not in sheet
    house.ledger.databases.dispose()
