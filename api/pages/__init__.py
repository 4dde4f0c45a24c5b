"""The dashboards: pages for people, rendered here and kept alive by htmx. `router` is included by api.app."""

from fastapi import APIRouter

from api.pages import (
    account,
    alert,
    assets,
    capacity,
    corrections,
    forgotten,
    hooks,
    label,
    lineage,
    live,
    login,
    mail_links,
    manifest,
    oidc,
    organisation,
    organisation_keys,
    oversight,
    overview,
    past,
    reference,
    settlement,
    site,
    storage,
    uploads,
)

router = APIRouter(include_in_schema=False)
for _page in (
    uploads,
    assets,
    login,
    oidc,
    forgotten,
    account,
    organisation,
    organisation_keys,
    corrections,
    hooks,
    past,
    overview,
    live,
    mail_links,
    alert,
    manifest,
    storage,
    oversight,
    site,
    label,
    lineage,
    capacity,
    settlement,
    reference,
):
    router.include_router(_page.router)
