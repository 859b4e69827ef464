"""`honghu tokens`: issue, list and revoke the keys by which machines use the API."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from honghu.base.problems import HonghuError
from honghu.kernel.parties import tokens

app = typer.Typer(no_args_is_help=True, help="Keys by which machines use the API.")


@contextmanager
def _refusals() -> Iterator[None]:
    """Show a refusal as one line and end with status 1, instead of a traceback."""
    try:
        yield
    except HonghuError as error:
        typer.echo(f"{error.code}: {error}", err=True)
        raise typer.Exit(1) from error


@app.command()
def issue(
    username: Annotated[str, typer.Argument(help="Sign-in name of the person it acts for.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "api",
    organisation: Annotated[
        uuid.UUID | None, typer.Option(help="For which organisation; else the first one served.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
    scope: Annotated[
        list[str] | None, typer.Option(help="read or write; repeatable. Both if not given.")
    ] = None,
) -> None:
    """Issue a token and print its secret, which is shown this once only."""
    now = timezone.now()
    with _refusals():
        issued = tokens.issue_token(
            username=username,
            label=label,
            now=now,
            expires_at=now + dt.timedelta(days=days),
            organisation_id=organisation,
            scopes=scope or tokens.SCOPES,
        )
    typer.echo(issued.secret)
    until = timezone.localtime(issued.expires_at)
    typer.echo(
        _("Token {id}, valid until {day}. Keep the secret: it is not shown again.").format(
            id=issued.id, day=f"{until:%Y-%m-%d %H:%M}"
        ),
        err=True,
    )


@app.command("list")
def list_all(
    username: Annotated[str | None, typer.Argument(help="Only this account's.")] = None,
) -> None:
    """List the tokens, the newest first; secrets are kept nowhere."""
    table = Table("ID", _("Account"), _("Organisation"), _("Label"), _("Scopes"), _("Expires"),
                  _("Revoked"), _("Last used"))  # fmt: skip
    for row in tokens.list_tokens(username=username):
        instants = (row.expires_at, row.revoked_at, row.last_used_at)
        shown = [f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "" for at in instants]
        table.add_row(
            str(row.id), row.username, row.organisation, row.label, " ".join(row.scopes), *shown
        )
    Console().print(table)


@app.command()
def revoke(token: Annotated[uuid.UUID, typer.Argument(help="The token's id.")]) -> None:
    """End a token at once."""
    with _refusals():
        tokens.revoke_token(token_id=token, now=timezone.now())
    typer.echo(_("Revoked."))
