"""`honghu registers migrate`: what it prints, how it ends, and what it says of a map that is wrong."""

from pathlib import Path

from typer.testing import CliRunner

from honghu.cli.registers import app
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.tests.straw import NOW, settle_straw
from honghu.kernel.cases.tests.test_migrating import CODE, SECOND
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register


def test_the_command_line_migrates_and_tells_what_is_wrong(db: None, tmp_path: Path) -> None:
    straw = settle_straw()
    straw.issued()
    straw.open()
    publish_register(source=SECOND, actor=SYSTEM, now=NOW)
    file = tmp_path / "map.yaml"
    arguments = ["migrate", CODE, "--to", "2", "--map", str(file)]
    file.write_text("from: 1\nstates: {issued: ordered}\nfields: {area: area_burnt}\n", "utf-8")
    dry = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert dry.exit_code == 1
    assert "1 cases would move, 1 refused" in dry.output
    assert "refused, state-not-mapped: 1" in dry.output
    assert not Case.objects.filter(register_version=2).exists()
    assert "1 cases moved, 1 refused" in CliRunner().invoke(app, arguments).output
    file.write_text("from: 1\nstates: {registered: registered}\nfields: {area: area_burnt}\n")
    last = CliRunner().invoke(app, arguments)
    assert (last.exit_code, Case.objects.filter(register_version=2).count()) == (0, 2)
    for text, said in (
        ("from: one", "whole number"), ("- x", "write `from:`"), ("from: 1\nstate: {}", "no key"),
        ("from: 1\nstates: {issued: }", "each old state"), ("from: [", "no YAML"),
    ):  # fmt: skip
        file.write_text(text)
        refused = CliRunner().invoke(app, arguments)
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output


def test_without_a_map_every_code_is_kept_and_what_is_no_longer_known_stays(db: None) -> None:
    straw = settle_straw()
    straw.issued()
    straw.open()
    publish_register(source=SECOND, actor=SYSTEM, now=NOW)
    bare = CliRunner().invoke(app, ["migrate", CODE, "--to", "2"])
    assert (bare.exit_code, "--from" in bare.output) == (1, True)
    moved = CliRunner().invoke(app, ["migrate", CODE, "--from", "1", "--to", "2"])
    assert "refused, field-unknown" in moved.output, moved.output
    assert not Case.objects.filter(register_version=2).exists()
