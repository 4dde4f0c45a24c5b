"""`feilian users`: people who log in, for the operator at the command line: the first administrator comes from here."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.access import RegulatorKind
from models.errors import FeilianError
from models.exact import format_instant
from models.facts.base import Role
from models.people import Right
from models.settings import Settings
from streams import users as people
from streams.credential_log import AT_THE_CONSOLE
from streams.databases import Databases
from streams.keys import check_organisation
from streams.users import User, Wish

console = Console()
data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state."
)
base_option = click.option(
    "--base", default=None, help="Address at which the person reaches Feilian; FEILIAN_PUBLIC_URL else."
)


@click.group()
def users() -> None:
    """People who log in: invite, list, lock."""


@users.command("invite")
@click.argument("org")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("login")
@click.option("--name", default="", help="The person's name; the login where it is left out.")
@click.option("--right", type=click.Choice([right.value for right in Right]), default="administrator")
@click.option(
    "--also", multiple=True, type=click.Choice([role.value for role in Role]), help="Further roles."
)
@click.option("--kind", type=click.Choice([kind.value for kind in RegulatorKind]), help="Of a regulator.")
@click.option("--region", default="", help="Of a regulator: two, four or six digits; empty is the country.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
@base_option
@data_option
def invite(
    org: str,
    role: str,
    login: str,
    name: str,
    right: str,
    also: tuple[str, ...],
    kind: str | None,
    region: str,
    lang: str,
    base: str | None,
    data: Path | None,
) -> None:
    """Invite LOGIN (an e-mail address or a name) for ORG (18-character credit code) in ROLE; prints the link."""
    settings, databases = _opened(data)
    regulates = Role.REGULATOR.value in (role, *also)
    wish = Wish(
        login=login,
        name=name or login[: people.NAME_CHARS_MAX],
        org=org,
        roles=tuple(Role(named) for named in dict.fromkeys((role, *also))),
        right=Right(right),
        kind=RegulatorKind(kind or "environment") if regulates else None,
        region=region,
        lang=lang,
    )
    try:
        check_organisation(org)
        user, token = people.invite(databases, wish, AT_THE_CONSOLE, settings)
    except FeilianError as error:
        raise click.ClickException(str(error)) from error
    _tell_link(settings, base, user, token)


@users.command("link")
@click.argument("login")
@base_option
@data_option
def link(login: str, base: str | None, data: Path | None) -> None:
    """A new link for LOGIN to set a password by: an invitation that was missed, a password that was forgotten."""
    settings, databases = _opened(data)
    user = _known(databases, login)
    try:
        token = people.new_link(databases, user.user_id, user.org, AT_THE_CONSOLE, settings)
    except FeilianError as error:
        raise click.ClickException(str(error)) from error
    _tell_link(settings, base, user, token)


@users.command("list")
@click.argument("org", required=False)
@data_option
def show(org: str | None, data: Path | None) -> None:
    """All users, or those of ORG."""
    table = Table("login", "name", "organisation", "roles", "right", "state", "second factor", "last login")
    _, databases = _opened(data)
    for user in people.users_of(databases, org):
        factor = "on" if user.totp_since else "due" if user.needs_second_factor else ""
        last = format_instant(user.last_login_at) if user.last_login_at is not None else ""
        roles = " ".join(role.value for role in user.roles)
        table.add_row(user.login, user.name, user.org, roles, user.right, user.state, factor, last)
    console.print(table)


@users.command("lock")
@click.argument("login")
@data_option
def lock(login: str, data: Path | None) -> None:
    """LOGIN can log in no more, and all sessions end at once."""
    _change(people.lock, login, data, "locked")


@users.command("unlock")
@click.argument("login")
@data_option
def unlock(login: str, data: Path | None) -> None:
    """LOGIN may log in again."""
    _change(people.unlock, login, data, "unlocked")


@users.command("end")
@click.argument("login")
@data_option
def end(login: str, data: Path | None) -> None:
    """LOGIN has left for good; the name stays taken."""
    _change(people.end, login, data, "ended")


@users.command("reset-totp")
@click.argument("login")
@data_option
def reset_totp(login: str, data: Path | None) -> None:
    """LOGIN sets up the second factor anew at the next login."""
    _change(people.reset_totp, login, data, "second factor reset")


def _change(change: people.Change, login: str, data: Path | None, done: str) -> None:
    _, databases = _opened(data)
    user = _known(databases, login)
    try:
        change(databases, user.user_id, user.org, AT_THE_CONSOLE)
    except FeilianError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done}: {user.login}")


def _opened(data: Path | None) -> tuple[Settings, Databases]:
    from deploy.founding import opened

    settings = Settings() if data is None else Settings(data_dir=data)
    try:
        return settings, opened(settings).databases
    except FeilianError as error:
        raise click.ClickException(str(error)) from error


def _known(databases: Databases, login: str) -> User:
    user = people.find_user(databases, login=login)
    if user is None:
        raise click.ClickException(f'there is no user "{login}"')
    return user


def _tell_link(settings: Settings, base: str | None, user: User, token: str) -> None:
    at = (base or settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    click.echo(f"{at}/welcome?token={token}")
    click.echo(f"good once and for {settings.invite_hours} hours, for {user.name} alone", err=True)
