"""`honghu map`: the ground of maps, from GeoJSON files."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.base.spots import read_box
from honghu.cli.terminal import refusals
from honghu.kernel.modules.registry import all_layers
from honghu.kernel.shapes.commands import take_shapes
from honghu.kernel.shapes.geojson import read_shapes

app = typer.Typer(no_args_is_help=True, help="Waters, sections and grids below the maps.")


@app.command("take")
def take(
    layer: Annotated[str, typer.Argument(help="The layer: waters, sections, grids.")],
    file: Annotated[
        Path, typer.Argument(help="Lines or areas (GeoJSON).", exists=True, dir_okay=False)
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; keep nothing.")] = False,
) -> None:
    """Take the lines or areas of a file into a layer, each by its code; all of them or none."""
    with refusals():
        known = sorted(each.code for each in all_layers())
        if layer not in known:
            message = _("There is no such layer.")
            raise NotFound(
                message, remedy=_("Ask for one of {names}.").format(names=", ".join(known))
            )
        shapes = read_shapes(file.read_bytes(), bounds=read_box(settings.HONGHU_COUNTY_BOX))
        if dry_run:
            typer.echo(_("{count} shapes can be taken.").format(count=len(shapes)))
            return
        taken, replaced = take_shapes(layer, shapes, source=file.name, now=timezone.now())
    typer.echo(
        _("{taken} shapes taken, {replaced} of them in the place of earlier ones.").format(
            taken=taken, replaced=replaced
        )
    )


@app.command("list")
def list_layers() -> None:
    """List the layers that maps are drawn upon."""
    for layer in all_layers():
        typer.echo(f"{layer.code}  {layer.title.zh}  {layer.title.en}")
