"""`honghu tokens`: issue, list and revoke the keys by which machines use the API."""

import datetime as dt
import uuid
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.cli.terminal import refusals
from honghu.kernel.parties import tokens

app = typer.Typer(no_args_is_help=True, help="Keys by which machines use the API.")


@app.command()
def issue(
    username: Annotated[str, typer.Argument(help="Sign-in name of the person it acts for.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "api",
    organisation: Annotated[
        uuid.UUID | None, typer.Option(help="For which organisation; else the first one served.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write, role:CODE; repeatable. read and write if none."),
    ] = None,
) -> None:
    """Issue a token and print its secret, which is shown this once only."""
    now = timezone.now()
    with refusals():
        issued = tokens.issue_token(
            username=username,
            label=label,
            now=now,
            expires_at=now + dt.timedelta(days=days),
            organisation_id=organisation,
            scopes=scope or tokens.SCOPES,
        )
    typer.echo(issued.secret)
    typer.echo(
        _("Token {id}, valid until {day}. Keep the secret: it is not shown again.").format(
            id=issued.id, day=_day(issued.expires_at)
        ),
        err=True,
    )


@app.command("list")
def list_all(
    username: Annotated[str | None, typer.Argument(help="Only this account's.")] = None,
) -> None:
    """List the tokens, the newest first, a line each; secrets are kept nowhere."""
    for row in tokens.list_tokens(username=username):
        told = [
            str(row.id),
            row.username,
            row.organisation,
            row.label,
            "+".join(row.scopes),
            _("expires {day}").format(day=_day(row.expires_at)),
        ]
        if row.revoked_at is not None:
            told.append(_("revoked {day}").format(day=_day(row.revoked_at)))
        if row.last_used_at is not None:
            told.append(_("last used {day}").format(day=_day(row.last_used_at)))
        # Lines and not a table: an id that a narrow terminal cuts could not be revoked.
        typer.echo("  ".join(told))


def _day(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@app.command()
def revoke(token: Annotated[uuid.UUID, typer.Argument(help="The token's id.")]) -> None:
    """End a token at once."""
    with refusals():
        tokens.revoke_token(token_id=token, now=timezone.now())
    typer.echo(_("Revoked."))
