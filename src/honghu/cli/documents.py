"""`honghu documents`: templates to change, fonts that PDF needs, number series."""

from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction
from django.utils import timezone

from honghu.base.problems import NotFound
from honghu.cli.terminal import refusals
from honghu.kernel.documents.commands import open_series, open_series_year
from honghu.kernel.documents.pdf import chinese_fonts, fonts_folder, read_layout
from honghu.kernel.documents.queries import (
    list_series,
    missing_numbers,
    read_template,
    series_years,
)
from honghu.kernel.documents.rendering import template_folders
from honghu.kernel.parties.queries import find_organisation

app = typer.Typer(
    no_args_is_help=True, help="Templates of official documents, fonts of PDF, number series."
)


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="default.docx, or a register's own (….docx).")],
    file: Annotated[
        Path, typer.Argument(help="Where to write it (.docx or .typ).", dir_okay=False)
    ],
) -> None:
    """Write a template to a file, to be changed: the Word one, or for .typ the layout of its PDF."""
    with refusals():
        content = read_layout(name) if file.suffix == ".typ" else read_template(name)
    file.write_bytes(content)
    typer.echo(f"{file}: change it and put it into {template_folders()[0]}")


@app.command()
def fonts() -> None:
    """Tell which Chinese fonts PDF can use on this machine; none is a fault."""
    found = chinese_fonts()
    for family in found:
        typer.echo(family)
    if not found:
        typer.echo(
            "honghu: there is no Chinese font, so no PDF can be made; install fonts-noto-cjk, "
            f"or put a font file into {fonts_folder()}",
            err=True,
        )
        raise typer.Exit(1)


@app.command()
def series() -> None:
    """List the number series with the last number of each year, and numbers without a document."""
    for one in list_series():
        years = series_years(one.id)
        told = ", ".join(f"{year}: {years[year]}" for year in sorted(years)) or "no number yet"
        typer.echo(f"{one.organ_name}  {one.code}  {one.organ_mark}  {told}")
        for year in years:
            if missing := missing_numbers(one.id, year):
                typer.echo(f"  {year}: without a document: {missing}", err=True)


@app.command("open-series")
def open_one(
    code: Annotated[str, typer.Argument(help="Kind of document, as registers call it (督办单).")],
    mark: Annotated[str, typer.Argument(help="Organ mark that numbers begin with (洪政督).")],
    organisation: Annotated[str, typer.Argument(help="Name of the issuing organisation.")],
    first: Annotated[int, typer.Option(help="First number of this year.")] = 1,
) -> None:
    """Let an organisation issue documents of a kind; the same series twice is once."""
    now = timezone.now()
    with refusals():
        found = find_organisation(name=organisation)
        if found is None:
            raise NotFound(f"there is no organisation {organisation}", remedy="enter it first")
        with transaction.atomic():
            opened = open_series(
                code=code, organ_mark=mark, organisation_id=found.id, organ_name=found.name, now=now
            )
            if first > 1:
                year = timezone.localdate(now).year
                open_series_year(series_id=opened, year=year, first_number=first)
    typer.echo(f"open: {code} {mark}")
