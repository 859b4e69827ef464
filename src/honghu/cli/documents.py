"""`honghu documents`: templates to change, and the fonts that PDF needs."""

from pathlib import Path
from typing import Annotated

import typer

from honghu.base.problems import HonghuError
from honghu.kernel.documents.pdf import chinese_fonts, fonts_folder, read_layout
from honghu.kernel.documents.queries import read_template
from honghu.kernel.documents.rendering import template_folders

app = typer.Typer(no_args_is_help=True, help="Templates of official documents, fonts of PDF.")


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="default.docx, or a register's own (….docx).")],
    file: Annotated[
        Path, typer.Argument(help="Where to write it (.docx or .typ).", dir_okay=False)
    ],
) -> None:
    """Write a template to a file, to be changed: the Word one, or for .typ the layout of its PDF."""
    try:
        content = read_layout(name) if file.suffix == ".typ" else read_template(name)
    except HonghuError as refusal:
        typer.echo(f"honghu: {refusal}", err=True)
        raise typer.Exit(1) from refusal
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
