"""`honghu registers`: one line per fault, exit status, and never a traceback."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from honghu.cli.registers import app
from honghu.kernel.registers import parsing
from honghu.kernel.registers.models import RegisterVersion

EXAMPLE = Path(parsing.__file__).parent / "examples" / "straw-burning.yaml"
SOUND = EXAMPLE.read_text("utf-8")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_sound_file_passes_without_a_database() -> None:
    result = run("check", EXAMPLE)
    assert result.exit_code == 0
    assert result.stdout == f"{EXAMPLE}: sound: straw-burning v1, 6 states, 10 actions\n"


def test_an_exemption_is_told(tmp_path: Path) -> None:
    exempt = "{person: true, organisation: false, reason: {zh: 镇内清单, en: within a town}}"
    path = tmp_path / "town.yaml"
    path.write_text(SOUND.replace("{person: true, organisation: true}", exempt), "utf-8")
    assert "exempt: verify" in run("check", path).stdout


def test_each_fault_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SOUND.replace("to: registered", "to: registred"), "utf-8")
    result = run("check", EXAMPLE, path)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].endswith("10 actions")
    number = SOUND[: SOUND.index("to: registered")].count("\n") + 1
    assert lines[1:] == [
        f"{path}:{number}: unknown-state there is no state registred; did you mean registered?"
    ]


def test_an_unknown_command_is_found(tmp_path: Path) -> None:
    path = tmp_path / "command.yaml"
    path.write_text(SOUND.replace("document: order", "command: fires.extinguish"), "utf-8")
    result = run("check", path)
    assert result.exit_code == 1
    assert ": unknown-command there is no command fires.extinguish;" in result.stdout


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x01",
        b"- a list",
        b"a:\n\t- b",
        b"a: &x [1]\nb: [*x, *x]",
        b"x" * 300_000,
        b"[" * 5000,
        b"{" * 5000,
        b"register: \x07",
        b"!!python/object/apply:os.system [ls]",
        "register: 秸秆\nactions: 5\nstates: []\nfields: {1: 2}".encode(),
        b"? ? ? a",
        b"a: !\n",
    ],
)
def test_whatever_the_file_holds_there_is_no_traceback(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    result = run("check", path)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert all(line.startswith(f"{path}:") for line in result.stdout.splitlines())
    assert result.stdout.strip()


def test_missing_files_folders_and_odd_names(tmp_path: Path) -> None:
    result = run("check", tmp_path, tmp_path / "none.yaml", tmp_path / "b\udcffd.yaml")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.stdout.splitlines()) == 3


def test_the_diagram_is_svg(tmp_path: Path) -> None:
    result = run("diagram", EXAMPLE, "--language", "en")
    assert result.exit_code == 0
    root = ET.fromstring(result.stdout)  # noqa: S314 our own output
    assert "Straw-burning fires" in "".join(root.itertext())
    assert run("diagram", tmp_path).exit_code == 1


@pytest.mark.django_db
def test_files_are_published_all_or_none(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(SOUND, "utf-8")
    bad.write_text("register: x", "utf-8")
    assert run("publish", good, bad).exit_code == 1
    assert not RegisterVersion.objects.exists()
    assert run("publish", good).exit_code == 0
    assert RegisterVersion.objects.get().register == "straw-burning"
    other = tmp_path / "other.yaml"
    other.write_text(SOUND.replace("straw-burning\n", "stubble\n"), "utf-8")
    good.write_text(SOUND.replace("洪禁烧", "禁烧"), "utf-8")
    result = run("publish", other, good)
    assert result.exit_code == 1
    assert "nothing was published" in result.stderr
    assert RegisterVersion.objects.count() == 1
