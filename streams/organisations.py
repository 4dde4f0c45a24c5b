"""The directory of organisations: credit codes and names. Used by the API, the pages and `feilian orgs`."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from models.problems import Code
from models.tables_keys import Organisation
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.keys import NAME_CHARS_MAX, WishRefused, check_organisation


def put_organisation(databases: Databases, org: str, name: str) -> None:
    """Note an organisation, or its new name. A wrong check digit passes, since such codes exist (DOMAIN 5)."""
    check_organisation(org)
    if not 0 < len(name) <= NAME_CHARS_MAX or not name.isprintable():
        raise WishRefused(Code.WRONG_LENGTH, "name", f"a name has 1 to {NAME_CHARS_MAX} printable characters")
    with guarded(), databases.ledger.begin() as connection:
        renamed = connection.execute(update(Organisation).where(Organisation.org == org).values(name=name))
        if not renamed.rowcount:
            connection.execute(insert(Organisation).values(org=org, name=name, added_at=local_now()))


def name_of(databases: Databases, org: str) -> str | None:
    """The name, where it is known."""
    with guarded(), reading(databases.ledger) as connection:
        return connection.execute(
            select(Organisation.name).where(Organisation.org == org)
        ).scalar_one_or_none()


def list_organisations(databases: Databases) -> list[tuple[str, str]]:
    """Credit codes and names, by code."""
    with guarded(), reading(databases.ledger) as connection:
        rows = connection.execute(select(Organisation.org, Organisation.name).order_by(Organisation.org))
        return [(org, name) for org, name in rows]
