"""`honghu oversight`: keep the days that are over, compare what is kept with the cases, count anew."""

import typer
from django.utils import timezone

from honghu.analytics.kept import count_differences, keep_days, rebuild
from honghu.kernel.registers.queries import latest_registers

app = typer.Typer(no_args_is_help=True, help="What the supervisor's dashboard keeps.")


@app.command()
def keep() -> None:
    """Keep the days that are over and not kept yet; `honghu work` does it once a day."""
    count = keep_days(latest_registers(), now=timezone.now())
    typer.echo(f"kept: {count} registers")


@app.command()
def verify() -> None:
    """Count everything that is kept again from the cases; ends with 1 if a row differs."""
    days, answers = count_differences(latest_registers())
    if days or answers:
        typer.echo(
            f"honghu: {days} rows of days and {answers} rows of open cases differ from the cases; "
            "run `honghu oversight rebuild`",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo("what is kept is what the cases give")


@app.command("rebuild")
def count_anew() -> None:
    """Throw away what is kept and count it anew from the cases."""
    count = rebuild(latest_registers(), now=timezone.now())
    typer.echo(f"counted anew: {count} registers")
