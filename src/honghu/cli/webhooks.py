"""`honghu webhooks`: subscriptions of organisations to what happens, their log, redelivery."""

import datetime as dt
import uuid
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.cli.terminal import acting, refusals
from honghu.kernel.webhooks import commands, queries

app = typer.Typer(no_args_is_help=True, help="Addresses that are told what happens.")

Username = Annotated[str, typer.Argument(help="Sign-in name of the person it acts for.")]
Webhook = Annotated[uuid.UUID, typer.Argument(help="The webhook's id.")]
Organisation = Annotated[
    uuid.UUID | None, typer.Option(help="For which organisation; else the first one served.")
]


@app.command()
def add(
    username: Username,
    url: Annotated[str, typer.Argument(help="An https address.")],
    topic: Annotated[list[str], typer.Option(help="register, register.action, or *; repeatable.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "webhook",
    organisation: Organisation = None,
) -> None:
    """Subscribe an address and print its signing secret, which is shown this once only."""
    with refusals():
        row, secret = commands.subscribe(
            url=url,
            topics=topic,
            label=label,
            actor=acting(username, organisation),
            now=timezone.now(),
        )
    typer.echo(secret)
    typer.echo(
        _("Webhook {id}. Keep the secret: it is not shown again.").format(id=row.id), err=True
    )


@app.command("list")
def list_all(username: Username, organisation: Organisation = None) -> None:
    """List the webhooks of an organisation, a line each."""
    with refusals():
        rows = queries.list_subscriptions(actor=acting(username, organisation))
    for row in rows:
        told = [str(row.id), row.label, row.url, "+".join(row.topics), row.status]
        if row.failures:
            told.append(_("{count} failures in a row").format(count=row.failures))
        typer.echo("  ".join(told))


@app.command()
def deliveries(
    username: Username,
    webhook: Webhook,
    status: Annotated[str | None, typer.Option(help="waiting, delivered or dead.")] = None,
    organisation: Organisation = None,
) -> None:
    """Print the newest deliveries with what came of their last attempt."""
    with refusals():
        rows = queries.list_deliveries(webhook, actor=acting(username, organisation), status=status)
    for row in rows:
        last = row.tries[0] if row.tries else None
        said = (str(last.status_code) if last.status_code else last.fault) if last else "-"
        at = f"{timezone.localtime(row.created_at):%Y-%m-%d %H:%M:%S}"
        typer.echo("  ".join([str(row.id), at, row.topic, row.status, str(row.attempts), said]))


@app.command()
def rotate(
    username: Username,
    webhook: Webhook,
    hours: Annotated[int, typer.Option(min=0, max=720, help="The old secret signs so long.")] = 24,
    organisation: Organisation = None,
) -> None:
    """Print a new signing secret; the one before it signs as well for some hours."""
    with refusals():
        secret = commands.rotate_secret(
            webhook,
            actor=acting(username, organisation),
            now=timezone.now(),
            overlap=dt.timedelta(hours=hours),
        )
    typer.echo(secret)


@app.command()
def resume(username: Username, webhook: Webhook, organisation: Organisation = None) -> None:
    """Send again at once after a pause or a suspension."""
    with refusals():
        commands.resume_subscription(
            webhook, actor=acting(username, organisation), now=timezone.now()
        )
    typer.echo(_("Resumed."))


@app.command()
def redeliver(
    username: Username,
    webhook: Webhook,
    delivery: Annotated[
        uuid.UUID | None, typer.Option(help="Only this one; else all that are dead.")
    ] = None,
    organisation: Organisation = None,
) -> None:
    """Deliver again what is dead, or one delivery whatever became of it."""
    with refusals():
        count = commands.redeliver(
            webhook,
            actor=acting(username, organisation),
            now=timezone.now(),
            delivery_id=delivery,
        )
    typer.echo(_("{count} deliveries wait again.").format(count=count))


@app.command()
def end(username: Username, webhook: Webhook, organisation: Organisation = None) -> None:
    """End a webhook; what waits for it is not delivered."""
    with refusals():
        commands.end_subscription(webhook, actor=acting(username, organisation), now=timezone.now())
    typer.echo(_("Ended."))
