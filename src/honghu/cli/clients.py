"""`honghu clients`: machines that ask for short-lived tokens of the API by OAuth 2.0."""

import datetime as dt
import uuid
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.cli.terminal import refusals
from honghu.kernel.parties import clients, tokens

app = typer.Typer(no_args_is_help=True, help="Machines that ask for tokens by OAuth 2.0.")


@app.command()
def register(
    username: Annotated[str, typer.Argument(help="Sign-in name of the person it acts for.")],
    label: Annotated[str, typer.Option(help="What the machine is.")] = "api",
    organisation: Annotated[
        uuid.UUID | None, typer.Option(help="For which organisation; else the first one served.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write, role:CODE; repeatable. read and write if none."),
    ] = None,
) -> None:
    """Register a machine and print its secret, which is shown this once only."""
    with refusals():
        issued = clients.register_client(
            username=username,
            label=label,
            now=timezone.now(),
            organisation_id=organisation,
            scopes=scope or tokens.SCOPES,
        )
    _show(issued)


@app.command()
def rotate(
    client: Annotated[uuid.UUID, typer.Argument(help="The client's id.")],
    hours: Annotated[
        int, typer.Option(min=0, max=720, help="The old secret is good so long.")
    ] = 24,
) -> None:
    """Print a new secret of a client; the one before it is good for some hours."""
    with refusals():
        issued = clients.rotate_client_secret(
            client, now=timezone.now(), overlap=dt.timedelta(hours=hours)
        )
    _show(issued)


def _show(issued: clients.IssuedClient) -> None:
    typer.echo(issued.secret)
    typer.echo(
        _("Client {id}. Keep the secret: it is not shown again.").format(id=issued.id), err=True
    )


@app.command("list")
def list_all(
    username: Annotated[str | None, typer.Argument(help="Only this account's.")] = None,
) -> None:
    """List the clients, the newest first, a line each; secrets are kept nowhere."""
    for row in clients.list_clients(username=username):
        told = [str(row.id), row.username, row.organisation, row.label, "+".join(row.scopes)]
        if row.revoked_at is not None:
            day = f"{timezone.localtime(row.revoked_at):%Y-%m-%d %H:%M}"
            told.append(_("revoked {day}").format(day=day))
        typer.echo("  ".join(told))


@app.command()
def revoke(
    client: Annotated[uuid.UUID, typer.Argument(help="The client's id.")],
) -> None:
    """End a client and all its tokens at once."""
    with refusals():
        clients.revoke_client(client, now=timezone.now())
    typer.echo(_("Revoked."))
