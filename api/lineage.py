"""GET /v1/sites/{site}/lineage: where a batch of a site came from and where it went, step by step (HJ 1259 6.3)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from api.answers.manifests import LineageAnswer
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import parts_of
from api.problems import not_found
from api.questions import note_site
from api.views.lineage import across
from api.wire import instant
from streams.databases import beyond, guarded, reading

router = APIRouter(prefix="/v1", route_class=DescribedRoute)


@router.get("/sites/{site}/lineage", response_model=LineageAnswer)
def lineage(
    request: Request,
    reach: Asker,
    site: Annotated[str, Path(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")],
    lot: Annotated[str | None, Query(pattern="^[0-9A-Za-z_/-]{1,80}$", description="A batch code.")] = None,
    manifest_no: Annotated[str | None, Query(pattern="^[0-9]{14}$", description="What it carried.")] = None,
) -> dict[str, Any]:
    """The lots and documents that matter of a batch (or of a manifest's load) came from and went to, both ways.

    Over manifests it goes on into the sites of the other ends (`hops`, `elsewhere`), as far as they may be seen. For
    the site's own organisation and readers of all. A batch code that stands for two wastes is asked for as `<batch>`;
    the second one's lot is reached through its steps.
    """
    parts = parts_of(request)
    start = f"leaving:{manifest_no}" if manifest_no is not None else f"lot:{lot or ''}"
    if not reach.site(site):
        raise not_found(f'site "{site}"')
    with (
        beyond(),
        guarded(),
        reading(parts.databases.state) as connection,
    ):  # `across` tells what may be seen.
        found = across(connection, parts.ledger, site, start, reach.site)
    if found is None:
        raise not_found(f'"{start}"')
    for seen in (site, *(part["site"] for part in found["elsewhere"])):
        note_site(parts, reach, seen, len(found["steps"]))
    return {**found, **_timed(found), "elsewhere": [{**part, **_timed(part)} for part in found["elsewhere"]]}


def _timed(part: dict[str, Any]) -> dict[str, Any]:
    """Instants as the wire has them."""
    return {
        "lots": [{**row, "stored_at": instant(row["stored_at"])} for row in part["lots"]],
        "steps": [{**row, "at": instant(row["at"])} for row in part["steps"]],
    }
