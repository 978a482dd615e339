"""`oneid account` and `oneid key`: who may sign in, and which programs may ask."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import QueryError
from core.project import open_project
from pipelines.cli.options import HERE, ProjectOption

if TYPE_CHECKING:
    from serving.ground import Ground

account = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")
key = typer.Typer(no_args_is_help=True, help="Which programs may ask the REST API.")
_WHO = "command line"


class RoleName(StrEnum):
    """The roles, as the command line takes them."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    STEWARD = "steward"
    ADMIN = "admin"


class ScopeName(StrEnum):
    """The scopes, as the command line takes them."""

    CUSTOMERS = "customers"
    RESOLVE = "resolve"
    CHANGES = "changes"
    EXPORTS = "exports"
    WEBHOOKS = "webhooks"


AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
PasswordFromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@account.command("add")
def add_account(
    name: AccountName,
    role: Annotated[RoleName, typer.Option(help="What it may do.")] = RoleName.VIEWER,
    project: ProjectOption = HERE,
    password_stdin: PasswordFromInput = False,
) -> None:
    """Let somebody sign in. A viewer sees personal data masked; a steward decides.

    `oneid account add mei --role steward`
    """
    from serving.roles import Role

    with _ground(project) as ground:
        ground.accounts.add(name, Role(role), _password(password_stdin), _WHO)
    typer.echo(f"account {name} was added as {role}")


@account.command("list")
def list_accounts(project: ProjectOption = HERE) -> None:
    """Every account, its role, and whether it may sign in."""
    with _ground(project) as ground:
        for each in ground.accounts.all():
            state = f"disabled {_minute(each.disabled_at)}" if each.disabled_at else "may sign in"
            if not each.disabled_at and each.locked_until:
                state = f"locked until {_minute(each.locked_until)}"
            typer.echo(f"{each.name:<24} {each.role:<8} {state}")


@account.command("disable")
def disable_account(name: AccountName, project: ProjectOption = HERE) -> None:
    """Let an account sign in no more, and end its sessions."""
    with _ground(project) as ground:
        ground.accounts.disable(name, _WHO)
    typer.echo(f"account {name} was disabled")


@account.command("password")
def set_password(
    name: AccountName, project: ProjectOption = HERE, password_stdin: PasswordFromInput = False
) -> None:
    """Give an account another password, unlock it, and end its sessions."""
    with _ground(project) as ground:
        ground.accounts.set_password(name, _password(password_stdin), _WHO)
    typer.echo(f"account {name} has another password")


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.")],
    scope: Annotated[list[ScopeName], typer.Option(help="What it opens; may be repeated.")],
    role: Annotated[RoleName, typer.Option(help="What it may see.")] = RoleName.VIEWER,
    days: Annotated[int, typer.Option(min=1, help="Days until it expires.")] = 365,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests allowed in a minute.")] = 600,
    project: ProjectOption = HERE,
) -> None:
    """Issue a key; it is shown once. A viewer's key gets personal data masked.

    `oneid key add crm --scope customers --scope changes --role analyst`
    """
    from serving.roles import Role, Scope

    scopes = [Scope(each) for each in scope]
    with _ground(project) as ground:
        lasts = timedelta(days=days)
        secret = ground.keys.issue(name, Role(role), scopes, _WHO, per_minute, lasts)
    typer.echo(secret)
    typer.echo("keep it: it is not shown again; send it as Authorization: Bearer <key>", err=True)


@key.command("list")
def list_keys(project: ProjectOption = HERE) -> None:
    """Every key ever issued, without its secret."""
    with _ground(project) as ground:
        for each in ground.keys.all():
            state = f"until {_minute(each.expires_at)}" if each.expires_at else "for ever"
            if each.revoked_at:
                state = f"revoked {_minute(each.revoked_at)}"
            scopes = ",".join(sorted(each.scopes))
            typer.echo(f"{each.name:<24} {each.role:<8} {scopes}  {each.per_minute}/min  {state}")


@key.command("revoke")
def revoke_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's name.")],
    project: ProjectOption = HERE,
) -> None:
    """Make a key open nothing any more."""
    with _ground(project) as ground:
        ground.keys.revoke(name, _WHO)
    typer.echo(f"key {name} was revoked")


@contextmanager
def _ground(root: Path) -> Iterator["Ground"]:
    from serving.ground import Ground
    from serving.settings import ServingSettings

    ground = Ground(open_project(root), ServingSettings())
    try:
        yield ground
    finally:
        ground.close()


def _password(from_input: bool) -> str:
    """The password, from standard input or from whoever types it twice."""
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise QueryError("no terminal to ask for the password at; give --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
