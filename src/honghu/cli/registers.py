"""`honghu registers`: check register files, publish them, draw their lifecycle."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from honghu.base.problems import HonghuError
from honghu.cli.migrating import migrate_register
from honghu.cli.sheets import export_list, import_list, write_blank
from honghu.kernel.modules.commands import (
    county_register_files,
    known_outside,
    publish_county_registers,
)
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.checker import check_files, load_register, name_of
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.diagrams import draw_register
from honghu.kernel.registers.faults import RegisterFaults
from honghu.kernel.registers.model import Register

app = typer.Typer(no_args_is_help=True, help="Check, publish and draw registers.")

app.command("import")(import_list)
app.command("export")(export_list)
app.command("template")(write_blank)
app.command("migrate")(migrate_register)

Files = Annotated[list[Path], typer.Argument(help="Register files (YAML).")]


@app.command()
def check(files: Files) -> None:
    """Prove register files sound, or say what is wrong on which line. Needs no database."""
    if _sound_registers(files) is None:
        raise typer.Exit(1)


@app.command()
def publish(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Register files (YAML); without any, those of the home folder."),
    ] = None,
) -> None:
    """Publish register files: all of them, or none if one is refused.

    Without files: those under registers/ in the home folder, each by itself.
    """
    if not files:
        _publish_county()
        return
    registers = _sound_registers(files)
    if registers is None:
        raise typer.Exit(1)
    now = timezone.now()
    try:
        with transaction.atomic():
            known = known_outside()
            for path in files:
                source = path.read_text("utf-8-sig")
                publish_register(source=source, actor=SYSTEM, now=now, known=known)
    except HonghuError as refusal:
        _say(f"{refusal.code} {refusal}; nothing was published", error=True)
        raise typer.Exit(1) from refusal
    for register in registers:
        _say(f"published: {register.code} v{register.version}")


def _publish_county() -> None:
    """Publish the home folder's registers and report on each; ends with 1 if one was refused."""
    if not county_register_files():
        folder = Path(settings.HONGHU_HOME) / "registers"
        _say(f"honghu: there is no register file; put one into {folder}, or name it", error=True)
        raise typer.Exit(1)
    files = publish_county_registers(actor=SYSTEM, now=timezone.now())
    for file in files:
        if file.register is not None:
            _say(f"{name_of(file.path)}: published: {file.register.code} v{file.register.version}")
        for fault in file.faults:
            _say(fault, error=True)
    if any(file.register is None for file in files):
        raise typer.Exit(1)


@app.command()
def diagram(
    file: Annotated[Path, typer.Argument(help="A register file (YAML).")],
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Write the lifecycle of a sound register file as SVG to standard output."""
    try:
        register = load_register(file, known_outside())
    except RegisterFaults as refusal:
        for fault in refusal.faults:
            _say(str(fault), error=True)
        raise typer.Exit(1) from refusal
    sys.stdout.buffer.write(draw_register(register, language=language).encode() + b"\n")


def _sound_registers(files: list[Path]) -> list[Register] | None:
    """Report on each file; return the registers, or None if one of them is not sound."""
    registers: list[Register] = []
    for path, register, faults in check_files(files, known_outside()):
        if register is None:
            for fault in faults:
                _say(str(fault))
            continue
        registers.append(register)
        _say(
            f"{name_of(path)}: sound: {register.code} v{register.version}, "
            f"{len(register.states)} states, {len(register.actions)} actions"
        )
        for action in register.actions.values():
            if action.differs_reason is not None and not action.differs_organisation:
                _say(f"  exempt: {action.code} may be verified within one organisation")
    return registers if len(registers) == len(files) else None


def _say(line: str, *, error: bool = False) -> None:
    """Print a line; what the terminal's encoding lacks is escaped rather than raised."""
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    typer.echo(line.encode(encoding, "backslashreplace").decode(encoding), err=error)
