"""`honghu bulletin`: build, publish and verify the county's bulletin."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from honghu.analytics.bulletins.building import parse_month
from honghu.analytics.bulletins.commands import (
    build_bulletin,
    preview_bulletin,
    publish_bulletin,
)
from honghu.analytics.bulletins.printed import bulletin_pdf, bulletin_word, mark_text
from honghu.analytics.bulletins.proof import bulletin_file
from honghu.analytics.bulletins.queries import get_bulletin
from honghu.analytics.bulletins.template import DEFAULT
from honghu.analytics.bulletins.verifier import describe, verify_bulletin
from honghu.analytics.commands import EDITOR, PUBLISHER
from honghu.analytics.wording import frozen_text
from honghu.cli.terminal import person_of, refusals
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import get_actor, get_actors

app = typer.Typer(no_args_is_help=True, help="Bulletins: build, publish, verify.")

_Person = Annotated[
    str | None, typer.Option("--as", help="Sign-in name of the person who does this.")
]
_Language = Annotated[str | None, typer.Option(help="zh-hans or en; else that of LANG.")]
_Out = Annotated[
    Path | None, typer.Option(help="Folder for the Word, PDF and JSON files.", file_okay=False)
]


@app.command()
def build(
    month: Annotated[str, typer.Argument(help="The month, like 2023-06.")],
    language: _Language = None,
    out: _Out = None,
    person: _Person = None,
    template: Annotated[str, typer.Option(help="Name of the template.")] = DEFAULT,
) -> None:
    """Measure every figure of a month; with --as the bulletin is kept as a draft."""
    now = timezone.now()
    with refusals(), translation.override(language or translation.get_language() or "zh-hans"):
        wanted, made = parse_month(month), None
        if person is not None:
            made = build_bulletin(wanted, actor=_actor(person), now=now, template=template)
        content = made.content if made else preview_bulletin(wanted, now=now, template=template)
        show(content, Console())
        if out is not None:
            _write(content, out, status="draft", name=f"bulletin-{month}")
        if made is not None:
            typer.echo(_("Draft %(id)s is kept; another person publishes it.") % {"id": made.id})


@app.command()
def publish(
    bulletin: Annotated[uuid.UUID, typer.Argument(help="The draft's id.")],
    person: Annotated[str, typer.Option("--as", help="Sign-in name of who publishes.")],
    out: _Out = None,
) -> None:
    """Publish a draft that somebody else has built, and write its file for readers."""
    now = timezone.now()
    with refusals():
        publish_bulletin(bulletin, actor=_actor(person), now=now)
        while sequence(now=now):
            pass
        sign_checkpoint(now=now, signer=load_signer())
        row = get_bulletin(bulletin)
        if out is not None:
            name = f"bulletin-{row.period}"
            _write(row.content, out, status=row.status, name=name)
            text = json.dumps(bulletin_file(row), ensure_ascii=False, indent=1)
            (out / f"{name}.json").write_text(text, "utf-8")
    typer.echo(_("Published: %(title)s.") % {"title": row.title.in_language(_language())})


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The bulletin's JSON file.", dir_okay=False)],
    key: Annotated[
        str | None, typer.Option(help="Public key of the journal; else that of this installation.")
    ] = None,
) -> None:
    """Verify a bulletin's file; no database is asked."""
    try:
        content = file.read_bytes()
    except OSError as error:
        typer.echo(f"honghu: {file}: {error.strerror}", err=True)
        raise typer.Exit(2) from error
    verdict = verify_bulletin(content, key or load_signer().verifier.vkey)
    typer.echo("\n".join(describe(verdict)))
    raise typer.Exit(0 if verdict.valid else 1)


def show(content: Mapping[str, Any], console: Console) -> None:
    """Print a bulletin: sentences, then every figure with its value and rows."""
    language = _language()
    console.print(content["title"]["en" if language == "en" else "zh"], style="bold")
    for section in content["sections"]:
        table = Table(title=section["title"]["en" if language == "en" else "zh"], expand=False)
        for head in (_("Figure"), _("Value"), _("Rows"), _("Code")):
            table.add_column(head)
        for sentence in section["sentences"]:
            console.print(sentence["en" if language == "en" else "zh"])
        for key in section["table"]:
            frozen = content["figures"][key]
            title = frozen["title"]["en" if language == "en" else "zh"]
            rows = "—" if frozen["row_count"] is None else str(frozen["row_count"])
            value = frozen_text(frozen).in_language(language)
            table.add_row(title + mark_text(frozen), value, rows, key)
        if section["table"]:
            console.print(table)


def _write(content: Mapping[str, Any], out: Path, *, status: str, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    made_at = dt.datetime.fromisoformat(content["built_at"])
    for language in ("zh-hans", "en"):
        short = language[:2]
        pdf = bulletin_pdf(content, language, status=status, made_at=made_at)
        (out / f"{name}-{short}.pdf").write_bytes(pdf)
        word = bulletin_word(content, language, status=status)
        (out / f"{name}-{short}.docx").write_bytes(word)


def _actor(username: str) -> Actor:
    person = person_of(username)
    hats = get_actors(person_id=person, on=timezone.localdate())
    able = [hat for hat in hats if hat.roles & {EDITOR, PUBLISHER}]
    return (able or [get_actor(person_id=person, on=timezone.localdate())])[0]


def _language() -> str:
    return "en" if (translation.get_language() or "").startswith("en") else "zh"
