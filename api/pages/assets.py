"""Scripts and styles: our own from api/static, others from api/static/vendor where `make assets` put them."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.staticfiles import StaticFiles

STATIC: Final = Path(__file__).parents[1] / "static"
_FILES: Final = StaticFiles(directory=STATIC, check_dir=False)
# A picture that is opened by itself runs nothing either, and nobody else's page shows our files.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
_FOREVER: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


class Script(NamedTuple):
    """A script's address and its hash as browsers check it."""

    src: str
    integrity: str


@lru_cache(maxsize=64)
def _version(path: Path, changed_ns: int) -> str:
    """Ten digits of the content's hash; `changed_ns` makes an edited file a new question."""
    return sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of one of our own files, with its content's hash, so that it can be kept for ever."""
    path = STATIC / name
    return f"/static/{name}?v={_version(path, path.stat().st_mtime_ns)}"


def vendor(name: str) -> Script | None:
    """A script from npm by its file name; None where assets were not built."""
    integrity = _manifest().get(name)
    if integrity is None:
        return None
    version = sha256(integrity.encode()).hexdigest()[:10]
    return Script(f"/static/vendor/{name}?v={version}", integrity)


def _manifest() -> dict[str, str]:
    path = STATIC / "vendor" / "manifest.json"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_bytes())
    return found


@router.get("/static/{name:path}")
async def static(name: str, request: Request) -> Response:
    """A file under api/static; hashed addresses are kept by the browser for ever."""
    response = await _FILES.get_response(name, request.scope)
    response.headers.update(_HEADERS)
    if "v" in request.query_params:
        response.headers["Cache-Control"] = _FOREVER
    return response


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """Browsers ask for it unasked."""
    response = await _FILES.get_response("mark.svg", request.scope)
    response.headers.update(_HEADERS)
    return response
