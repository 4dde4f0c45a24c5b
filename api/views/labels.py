"""The label of a lot as judged so far, for the API and the page. Reads only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from api.views import subjects
from api.words import Lang, say
from models.interchange.label import Label, Size, label
from models.interchange.report import Register
from rules import storage
from rules.storage_lineage import containers_of
from rules.storage_subjects import Lot


def lot_named(connection: Connection, site: str, batch: str, code: str | None) -> Lot | None:
    """The lot of a batch code; of several wastes under one code the one asked for, else the first."""
    names = {f"lot:{batch}", *([f"lot:{batch}@{code}"] if code else [])}
    found = subjects.named(connection, storage, site, names)
    lots = [lot for _, lot in sorted(found.items()) if isinstance(lot, Lot)]
    return next((lot for lot in lots if code in (None, lot.code)), None)


def label_of(
    lot: Lot,
    site: str,
    batch: str,
    org: str,
    register: Register,
    *,
    volume_l: float | None,
    serial: str | None,
    size: Size | None,
) -> Label:
    """What is known of the lot on a label; NotThisForm for medical waste."""
    name = register.site_name(site) or register.org_name(org)
    return label(
        batch=batch,
        code=lot.code,
        since=lot.since,
        mass_g=lot.left if lot.weighed and lot.left > 0 else None,
        pieces=None if lot.weighed or lot.left <= 0 else lot.left,
        org=org,
        unit=f"{name} {org}".strip(),
        packed=_packed(containers_of(lot)),
        volume_l=volume_l,
        serial=serial,
        size=size,
    )


def _packed(told: dict[str, Any] | None) -> str:
    if told is None:
        return ""
    return f"{told['count']} {say(Lang.ZH, 'container_kind.' + told['container_kind'])}"
