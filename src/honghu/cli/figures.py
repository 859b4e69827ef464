"""`honghu figures`: what is counted, what it comes to on a day, and the rows behind it."""

import datetime as dt
from typing import Annotated

import typer
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from honghu.analytics.definitions import definition_of, digest
from honghu.analytics.figure import Figure, Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import all_figures, get_figure
from honghu.analytics.wording import value_text
from honghu.cli.terminal import refusals

app = typer.Typer(no_args_is_help=True, help="Figures: what they count, values, rows.")
_ROWS_SHOWN = 1_000


@app.command("list")
def list_figures() -> None:
    """List every declared figure with what it counts."""
    table = Table()
    for head in (_("Code"), _("Figure"), _("What is counted")):
        table.add_column(head)
    language = translation.get_language() or "zh-hans"
    for code, figure in sorted(all_figures().items()):
        table.add_row(
            code, figure.title.in_language(language), figure.definition.in_language(language)
        )
    Console().print(table)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="The figure's code.")],
    at: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day that counts; default: until now."),
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day that counts; default: all."),
    ] = None,
    *,
    rows: Annotated[bool, typer.Option("--rows", help="Show the rows behind the value.")] = False,
) -> None:
    """Compute a figure and show its value, definition and proof."""
    zone = timezone.get_default_timezone()
    end = (at + dt.timedelta(days=1)).replace(tzinfo=zone) if at else timezone.now()
    scope = Scope(end=end, start=since.replace(tzinfo=zone) if since else None)
    with refusals():
        figure = get_figure(code)
        _show(figure, scope)
    if rows:
        _show_rows(figure, scope)


def _show(figure: Figure, scope: Scope) -> None:
    language = translation.get_language() or "zh-hans"
    measured = measure(figure, scope)
    value = value_text(measured.value, figure.unit, figure.unit_words).in_language(language)
    typer.echo(f"{figure.title.in_language(language)}: {value}")
    typer.echo(figure.definition.in_language(language))
    lines = {
        _("Numerator"): measured.numerator,
        _("Denominator"): measured.denominator,
        _("Rows"): measured.row_count,
        _("Hash of the rows"): measured.row_set_sha256,
        _("Definition"): digest(definition_of(figure, scope)),
    }
    for label, told in lines.items():
        if told is not None:
            typer.echo(f"  {label}: {told}")


def _show_rows(figure: Figure, scope: Scope) -> None:
    table = Table()
    for head in (_("Time"), _("Case"), _("Counts"), _("Of"), _("Key")):
        table.add_column(head)
    found = figure_rows(figure, scope, limit=_ROWS_SHOWN)
    for row in found:
        table.add_row(
            f"{timezone.localtime(row.at):%Y-%m-%d %H:%M}",
            f"{row.case_number or ''} {row.case_title or ''}".strip(),
            "" if row.numerator is None else f"{row.numerator:f}",
            "" if row.denominator is None else f"{row.denominator:f}",
            row.key,
        )
    Console().print(table)
    if len(found) == _ROWS_SHOWN:
        typer.echo(_("Only the first %(count)d rows are shown.") % {"count": _ROWS_SHOWN})
