"""Each direct dependency is explained and used; nothing is imported that is not declared."""

import ast
import functools
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, python_files, shown

PAGE = ROOT / "docs" / "dependencies.md"
FOLDERS = ("src", "tests", "bench", "tools")
OURS = frozenset({"honghu", *FOLDERS})
USED_BY_NAME = {
    "argon2-cffi": ("src/honghu/site/settings.py", "Argon2PasswordHasher"),
    "beancount": ("src/honghu/kernel/ledger/tests/test_export.py", "beancount.scripts.check"),
    "django-stubs": ("pyproject.toml", "mypy_django_plugin.main"),
    "editables": ("Makefile", "--no-build-isolation --editable"),
    "hatchling": ("pyproject.toml", 'build-backend = "hatchling.build"'),
    "import-linter": ("Makefile", "lint-imports"),
    "mypy": ("Makefile", "/mypy "),
    "pre-commit": (".pre-commit-config.yaml", "hooks:"),
    "pytest-django": ("pyproject.toml", "DJANGO_SETTINGS_MODULE"),
    "pytest-xdist": ("Makefile", "pytest -n "),
    "ruff": ("Makefile", "/ruff "),
    "schemathesis": ("Makefile", "schemathesis"),
    "types-pyyaml": ("src/honghu/kernel/registers/nodes.py", "import yaml"),
    "types-defusedxml": ("src/honghu/domains/rivers/readers.py", "from defusedxml"),
    "lxml-stubs": ("src/honghu/domains/statements/readers/camt.py", "from lxml import etree"),
    "uv": ("Makefile", "/uv "),
}
"""Dependencies that no Python file imports: where, and by which words, each is put to use."""


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return _normal(found[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def declared() -> Mapping[str, str]:
    """Direct dependencies: normal name to "runtime", or the extra that asks for it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    found = {_name(each): "runtime" for each in project["dependencies"]}
    for extra, requirements in project.get("optional-dependencies", {}).items():
        found |= {_name(each): extra for each in requirements if _name(each) not in found}
    return found


def rows() -> dict[str, list[str]]:
    """The tables of docs/dependencies.md: normal name to the other cells of its line."""
    found: dict[str, list[str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            name = _normal(cells[0].strip("`"))
            assert name not in found, f"{name} has two lines"
            found[name] = cells[1:]
    return found


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names that a file imports, and the strings by which settings name a package."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


@functools.cache
def imported() -> Mapping[str, str]:
    """Third-party top-level names that our Python files import: name to the first place."""
    found: dict[str, str] = {}
    files = [ROOT / "conftest.py"]
    for folder in FOLDERS:
        files += python_files(ROOT / folder)
    for path in files:
        for name, line in _imports(path):
            if name not in sys.stdlib_module_names and name not in OURS:
                found.setdefault(name, f"{shown(path)}:{line}")
    return found


def _named_in_settings() -> set[str]:
    """Packages that Django loads because settings name them (apps, middleware, hashers)."""
    settings = parsed(ROOT / "src" / "honghu" / "site" / "settings.py")
    return {
        node.value.partition(".")[0]
        for node in ast.walk(settings)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@functools.cache
def _packages() -> Mapping[str, set[str]]:
    """Import name to the distributions that bring it."""
    found = importlib.metadata.packages_distributions()
    return {name: {_normal(each) for each in brought} for name, brought in found.items()}


def test_every_dependency_has_its_line() -> None:
    missing, gone = sorted(declared().keys() - rows()), sorted(rows().keys() - declared())
    assert not missing, f"no line in docs/dependencies.md: {missing}"
    assert not gone, f"explained, but not declared in pyproject.toml: {gone}"


def test_every_line_says_what_for_what_else_and_the_licence() -> None:
    empty = [name for name, cells in rows().items() if not all(cells)]
    assert not empty


@pytest.mark.parametrize("name", sorted(declared()))
def test_licence_is_the_stated_one(name: str) -> None:
    """Words of the stated licence stand in the installed package's own metadata, if it has any."""
    metadata = importlib.metadata.metadata(name)
    own = [
        str(value)[:200]
        for key in ("License-Expression", "License", "Classifier")
        for value in metadata.get_all(key) or []
        if key != "Classifier" or str(value).startswith("License")
    ]
    told = " ".join(own)
    assert "AGPL" not in told
    assert "Affero" not in told
    stated = rows()[name][2]
    family = re.split(r"[-\s,;(]", stated)[0]
    if told.strip():
        assert re.search(rf"\b{family}\b", told.replace("Apache Software", "Apache-2.0")), told


def test_every_dependency_is_used() -> None:
    names = imported().keys() | _named_in_settings()
    used = {distribution for name in names for distribution in _packages().get(name, ())}
    for name, (place, words) in USED_BY_NAME.items():
        if words in (ROOT / place).read_text(encoding="utf-8"):
            used.add(name)
    unused = sorted(declared().keys() - used)
    assert not unused, f"declared in pyproject.toml, used nowhere: {unused}"


def test_nothing_undeclared_is_imported() -> None:
    undeclared = {
        f"{name} ({place}), of {sorted(_packages().get(name, {'nothing installed'}))}"
        for name, place in imported().items()
        if not _packages().get(name, set()) & declared().keys()
    }
    assert not undeclared, "\n".join(sorted(undeclared))


def test_shipped_code_needs_no_development_tool() -> None:
    """What `pip install honghu` brings is enough: only tests may import what the extra brings."""
    wrong = []
    for path in python_files():
        if "tests" in path.parts or path.name == "conftest.py":
            continue
        for name, line in _imports(path):
            kinds = {declared().get(each) for each in _packages().get(name, ())} - {None}
            if kinds == {"dev"}:
                wrong.append(f"{shown(path)}:{line} {name}")
    assert not wrong, "\n".join(wrong)
