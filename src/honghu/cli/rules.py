"""`honghu rules`: publish rule files and calendar years, list what holds on a day."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from honghu.base.problems import HonghuError
from honghu.cli.terminal import fail, refusals
from honghu.kernel.cases.extensions import recount_provisional
from honghu.kernel.clocks.calendar import days_from_csv
from honghu.kernel.rulesets.commands import publish_all_rules, publish_calendar_year
from honghu.kernel.rulesets.queries import list_rules

app = typer.Typer(name="rules", help="The rule book and the calendar.", no_args_is_help=True)


@app.command()
def publish() -> None:
    """Publish the rule files of the modules and of the home folder; what stands is left alone."""
    with refusals():
        found = publish_all_rules(now=timezone.now(), approved_by=None)
    typer.echo(f"{found.new} new, {found.unchanged} unchanged")


@app.command()
def calendar(
    year: Annotated[int, typer.Argument(help="The year that was published.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV: date,kind")],
    source: Annotated[str, typer.Option(help="The notice by which it was published.")],
) -> None:
    """Publish a year's working days; provisional due times are counted anew."""
    now = timezone.now()
    try:
        days = days_from_csv(file.read_text(encoding="utf-8-sig"))
        rows = [(day, str(kind)) for day, kind in days.items()]
        publish_calendar_year(year, rows, source=source, now=now, approved_by=None)
    except (HonghuError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")
    typer.echo(f"{year}: {len(rows)} days; {recount_provisional(now=now)} due times moved")


@app.command("list")
def list_all(
    on: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if not given.")
    ] = None,
) -> None:
    """List the rules that hold on a day, with their sources."""
    day = on.date() if on is not None else timezone.localdate()
    table = Table("rule", "value", "unit", "from", "source")
    for rule in list_rules(on=day, region=settings.HONGHU_REGION):
        table.add_row(
            rule.name, rule.as_text(), rule.unit, rule.effective_from.isoformat(), rule.source
        )
    Console().print(table)
