"""`honghu registers check` on what is shipped, and on a file that was spoilt."""

from pathlib import Path

from typer.testing import CliRunner

from honghu.cli.registers import app
from honghu.kernel.modules.registry import modules
from honghu.kernel.modules.tests.spoiling import KINDS, Sheet
from honghu.kernel.registers.checker import load_register

FILES = [path for module in modules() for path in module.register_files]


def test_the_command_accepts_what_is_shipped_and_names_file_line_and_remedy(
    tmp_path: Path,
) -> None:
    sound = CliRunner().invoke(app, ["check", *map(str, FILES)])
    assert sound.exit_code == 0
    assert sound.stdout.count(": sound: ") == len(FILES)
    text = FILES[-1].read_text("utf-8")
    spoilt = KINDS["a rule that no file has"][1](Sheet(text, load_register(text)))
    assert spoilt is not None
    path = tmp_path / "spoilt.yaml"
    path.write_text(spoilt.text, "utf-8")
    refused = CliRunner().invoke(app, ["check", str(path)])
    assert refused.exit_code == 1
    assert refused.stdout.startswith(f"{path}:{min(spoilt.lines)}: unknown-rule ")
    assert "did you mean" in refused.stdout
