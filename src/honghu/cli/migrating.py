"""`honghu registers migrate`: move running cases to another version of their register."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from honghu.cli.terminal import acting, fail, refusals
from honghu.kernel.cases.migrating import MigrationReport, count_cases_of_version, migrate_cases
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register
from honghu.kernel.registers.versions import VersionMap, map_by_code

_MAX_BYTES = 64 * 1024
_SHOWN = 50
_KEYS = frozenset({"from", "states", "fields", "guard", "why"})


def migrate_register(
    register: Annotated[str, typer.Argument(help="Code of the register.")],
    *,
    to: Annotated[int, typer.Option("--to", min=1, help="The version to move to.")],
    map_file: Annotated[
        Path | None,
        typer.Option("--map", exists=True, dir_okay=False, help="The map (YAML)."),
    ] = None,
    from_version: Annotated[
        int | None,
        typer.Option("--from", min=1, help="Without a map: the version whose codes are kept."),
    ] = None,
    user: Annotated[
        str | None, typer.Option("--as", help="Sign-in name of the person who acts.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge only; move nothing.")] = False,
) -> None:
    """Move the open cases of one version to another by a map; refused ones stay, with reasons.

    Without a map every state and field keeps its code. May be repeated: what has moved is left
    alone. Ends with 1 if any case was refused.
    """
    described: dict[str, Any] = {"from": from_version, "why": ""}
    if map_file is not None:
        described = _read_map(map_file)
    if described["from"] is None or from_version not in {None, described["from"]}:
        fail("give the map, or with --from the version whose states and fields keep their codes")
    with refusals():
        actor = SYSTEM if user is None else acting(user)
        if map_file is None:
            wanted = map_by_code(get_register(register, from_version), get_register(register, to))
        else:
            wanted = VersionMap(described["states"], described["fields"], described["guard"])
        total = count_cases_of_version(register, described["from"])
        # On the error stream, so that the output stays what can be read on.
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("judge" if dry_run else "move", total=total)
            report = migrate_cases(
                register,
                described["from"],
                to,
                wanted,
                actor=actor,
                now=timezone.now(),
                why=described["why"],
                dry_run=dry_run,
                progress=lambda done: bar.update(task, completed=done),
            )
    _print(report)
    if report.refused:
        raise typer.Exit(1)


def _print(report: MigrationReport) -> None:
    verb = "would move" if report.dry_run else "moved"
    typer.echo(f"{report.count} cases {verb}, {len(report.refused)} refused")
    for (origin, target), count in sorted(report.moved.items()):
        typer.echo(f"  {origin} → {target}: {count}")
    for code, count in sorted(report.reasons.items()):
        typer.echo(f"  refused, {code}: {count}")
    for case in report.refused[:_SHOWN]:
        for reason in case.reasons:
            typer.echo(f"  {case.number} ({case.state}): {reason.message}", err=True)
    if len(report.refused) > _SHOWN:
        typer.echo(f"  … {len(report.refused) - _SHOWN} more cases", err=True)


def _read_map(path: Path) -> dict[str, Any]:
    """The map's keys with their defaults; ends the program with place and remedy if it is wrong."""
    with path.open("rb") as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        fail(f"{path}: the map is larger than {_MAX_BYTES // 1024} KiB")
    try:
        found = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        fail(f"{path}: no YAML: {error}")
    if not isinstance(found, dict):
        fail(f"{path}: write `from:` and `states:`; see docs/howto/change-a-register.md")
    unknown = sorted(str(key) for key in found.keys() - _KEYS)
    if unknown:
        fail(f"{path}: {unknown[0]} is no key of a map; use {', '.join(sorted(_KEYS))}")
    if type(found.get("from")) is not int:
        fail(f"{path}: write `from: <version>`, the whole number of the version to move from")
    states = _codes(path, found, "states")
    if None in states.values() or not states:
        fail(f"{path}: under `states:` write each old state with its new one")
    for key in ("guard", "why"):
        if not isinstance(found.get(key, ""), str):
            fail(f"{path}: {key} must be a text")
    return {
        "from": found["from"],
        "states": states,
        "fields": _codes(path, found, "fields"),
        "guard": found.get("guard"),
        "why": found.get("why", ""),
    }


def _codes(path: Path, found: dict[str, Any], key: str) -> dict[str, Any]:
    """A mapping of codes to codes or null."""
    given = found.get(key) or {}
    if not isinstance(given, dict) or not all(
        isinstance(origin, str) and (target is None or isinstance(target, str))
        for origin, target in given.items()
    ):
        fail(f"{path}: under `{key}:` write `old: new`, both codes")
    return given
