"""`honghu mail`: mails that could not be sent, and sending them anew."""

import uuid
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.cli.terminal import refusals
from honghu.kernel.notifications.mailing import retry_mail
from honghu.kernel.notifications.queries import faulty_mails

app = typer.Typer(no_args_is_help=True, help="Mails that could not be sent.")


@app.command("list")
def list_all() -> None:
    """List mails that failed, a line each; status 1 if some were given up."""
    rows = faulty_mails()
    for row in rows:
        told = [
            str(row.id),
            row.address or row.person,
            f"{timezone.localtime(row.send_at):%Y-%m-%d %H:%M}",
            _("tried {count} times").format(count=row.attempts),
            _("given up") if row.status == "failed" else _("will be tried again"),
            row.fault,
        ]
        typer.echo("  ".join(told))
    if any(row.status == "failed" for row in rows):
        raise typer.Exit(1)


@app.command()
def retry(mail: Annotated[uuid.UUID, typer.Argument(help="The mail's id.")]) -> None:
    """Send a mail that was given up once more; the worker does so."""
    with refusals():
        retry_mail(mail, now=timezone.now())
    typer.echo(_("It will be sent."))
