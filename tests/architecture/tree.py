"""The files of the repository, as its own tests look at them."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "honghu"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@functools.cache
def committed() -> tuple[Path, ...]:
    """Every file that git keeps and that still exists; without git, every file outside `.*`."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607 whichever git the developer uses
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [str(path) for path in found if not path.parts[0].startswith(".")]
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


def python_files(folder: Path = SOURCE) -> Iterator[Path]:
    """Python files below a folder, migrations included."""
    return (path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts)


def text_of(path: Path) -> str | None:
    """A file's text; null for what is no text (pictures)."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def shown(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path: Path) -> ast.Module:
    """A Python file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def public_definitions(path: Path) -> Iterator[tuple[str, Definition]]:
    """The functions and classes of a module, and the methods of its classes, that carry no `_`."""
    for node in parsed(path).body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner
