"""`feilian keys`, `feilian delegations` and `feilian orgs`: credentials from the command line of the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from models.access import KEY_DAYS, KEY_DAYS_MAX, ROTATION_DAYS_MAX, RegulatorKind, Scope
from models.credit import credit_code_ok
from models.errors import FeilianError
from models.exact import format_instant
from models.facts.base import Role
from models.settings import Settings
from streams.databases import Databases
from streams.keys import KeyInfo

console = Console()
data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state."
)
_SCOPE = click.Choice([scope.value for scope in Scope])
_ROLE = click.Choice([role.value for role in Role])
_days = click.option(
    "--days", type=click.IntRange(1, KEY_DAYS_MAX), default=KEY_DAYS, show_default=True, help="How long."
)


class Spoken(click.Group):
    """A group whose commands say in a line what Feilian refuses on purpose."""

    def invoke(self, ctx: click.Context) -> Any:
        """Errors of ours are no traces."""
        try:
            return super().invoke(ctx)
        except FeilianError as error:
            raise click.ClickException(str(error)) from error


def _databases(data: Path | None) -> Databases:
    from deploy.founding import opened
    from deploy.migrations import upgrade

    settings = Settings(data_dir=data) if data is not None else Settings()
    databases = opened(settings).databases
    upgrade(databases)
    return databases


def _doubted(org: str) -> None:
    """Codes whose check fails have really been issued, so that is said and not refused (DOMAIN 5)."""
    if not credit_code_ok(org):
        click.echo(f"warning: the check character of {org} does not hold", err=True)


@click.group(cls=Spoken)
def keys() -> None:
    """Bearer keys of organisations."""


@keys.command("create")
@click.argument("org")
@click.argument("role", type=_ROLE)
@click.option("--name", default="", help="What the key is for.")
@click.option("--scope", "scopes", type=_SCOPE, multiple=True, help="What it is good for; several times.")
@_days
@click.option("--allow", multiple=True, help="An address range (CIDR) it may be used from; several times.")
@click.option("--kind", type=click.Choice([kind.value for kind in RegulatorKind]), help="Of a regulator.")
@click.option("--region", default="", help="Of a regulator: two, four or six digits.")
@data_option
def create(
    org: str,
    role: str,
    name: str,
    scopes: tuple[str, ...],
    days: int,
    allow: tuple[str, ...],
    kind: str | None,
    region: str,
    data: Path | None,
) -> None:
    """A new key for ORG (18-character credit code) in ROLE; its token is shown this once."""
    from streams.keys import create_key

    _, token = create_key(
        _databases(data),
        org,
        Role(role),
        name or role,
        scopes=[Scope(scope) for scope in scopes] if scopes else None,
        days=days,
        allow=allow,
        regulator=RegulatorKind(kind) if kind else None,
        region=region,
    )
    _doubted(org)
    click.echo(token)


@keys.command("list")
@click.option("--org", default=None, help="Only of this organisation.")
@data_option
def listed(org: str | None, data: Path | None) -> None:
    """Keys, without their secrets."""
    from streams.keys import list_keys

    table = Table("key", "organisation", "role", "name", "scopes", "expires", "last used", "revoked")
    for info in list_keys(_databases(data), org):
        holder = info.holder
        table.add_row(
            holder.key_id,
            holder.org,
            holder.role.value,
            holder.name,
            " ".join(sorted(holder.scopes)),
            format_instant(info.expires_at),
            _when(info.last_used_at),
            _when(info.revoked_at),
        )
    console.print(table)


@keys.command("show")
@click.argument("key_id")
@data_option
def show(key_id: str, data: Path | None) -> None:
    """All about one key but its secret."""
    from streams.keys import find_key

    info = find_key(_databases(data), key_id)
    if info is None:
        raise click.ClickException(f'there is no key "{key_id}"')
    for name, value in _all_about(info).items():
        click.echo(f"{name:13} {value}")


@keys.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, ROTATION_DAYS_MAX),
    default=ROTATION_DAYS_MAX,
    show_default=True,
    help="How long the old key lives on.",
)
@_days
@data_option
def rotate(key_id: str, overlap_days: int, days: int, data: Path | None) -> None:
    """A successor with the same rights; its token is shown this once."""
    from streams.keys import rotate_key

    _, token = rotate_key(_databases(data), key_id, overlap_days=overlap_days, days=days)
    click.echo(token)


@keys.command("revoke")
@click.argument("key_id")
@data_option
def revoke(key_id: str, data: Path | None) -> None:
    """Revoke a key; doors forget it within seconds."""
    from streams.keys import revoke_key

    if not revoke_key(_databases(data), key_id):
        raise click.ClickException(f'there is no live key "{key_id}"')
    click.echo(f"revoked {key_id}")


@click.group(cls=Spoken)
def delegations() -> None:
    """委托: who may act for whom."""


@delegations.command("give")
@click.argument("org")
@click.argument("delegate")
@click.argument("role", type=_ROLE)
@click.option("--scope", "scopes", type=_SCOPE, multiple=True, help="What for; several times.")
@_days
@data_option
def give_delegation(
    org: str, delegate: str, role: str, scopes: tuple[str, ...], days: int, data: Path | None
) -> None:
    """ORG lets DELEGATE act for it in ROLE."""
    from streams.delegations import give

    wished = [Scope(scope) for scope in scopes] if scopes else None
    made = give(_databases(data), org, delegate, Role(role), created_by="cli", scopes=wished, days=days)
    _doubted(delegate)
    click.echo(made.delegation_id)


@delegations.command("list")
@click.option("--org", default=None, help="Only given by or to this organisation.")
@data_option
def list_delegated(org: str | None, data: Path | None) -> None:
    """Delegations, those that are over too."""
    from streams.delegations import list_delegations

    table = Table("delegation", "organisation", "delegate", "role", "scopes", "from", "until", "revoked")
    for one in list_delegations(_databases(data), party=org):
        table.add_row(
            one.delegation_id,
            one.org,
            one.delegate,
            one.role.value,
            " ".join(sorted(one.scopes)),
            format_instant(one.valid_from),
            format_instant(one.expires_at),
            _when(one.revoked_at),
        )
    console.print(table)


@delegations.command("revoke")
@click.argument("delegation_id")
@data_option
def revoke_delegated(delegation_id: str, data: Path | None) -> None:
    """End a delegation; doors forget it within seconds."""
    from streams.delegations import revoke_delegation

    if not revoke_delegation(_databases(data), delegation_id):
        raise click.ClickException(f'there is no delegation "{delegation_id}" to revoke')
    click.echo(f"revoked {delegation_id}")


@click.group(cls=Spoken)
def orgs() -> None:
    """Organisations by name."""


@orgs.command("add")
@click.argument("org")
@click.argument("name")
@data_option
def add(org: str, name: str, data: Path | None) -> None:
    """Note the NAME of ORG, or its new one."""
    from streams.organisations import put_organisation

    put_organisation(_databases(data), org, name)
    _doubted(org)
    click.echo(org)


@orgs.command("list")
@data_option
def list_orgs(data: Path | None) -> None:
    """All that are noted."""
    from streams.organisations import list_organisations

    table = Table("organisation", "name")
    for org, name in list_organisations(_databases(data)):
        table.add_row(org, name)
    console.print(table)


def _when(us: int | None) -> str:
    return format_instant(us) if us is not None else ""


def _all_about(info: KeyInfo) -> dict[str, str]:
    holder = info.holder
    return {
        "key": holder.key_id,
        "lineage": info.lineage,
        "organisation": holder.org,
        "role": holder.role.value,
        "name": holder.name,
        "scopes": " ".join(sorted(holder.scopes)),
        "regulator": holder.regulator or "",
        "region": holder.region,
        "allow": " ".join(info.allow),
        "created": format_instant(info.created_at),
        "expires": format_instant(info.expires_at),
        "last used": _when(info.last_used_at),
        "revoked": _when(info.revoked_at),
    }
