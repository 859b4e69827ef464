"""What the documents say can be done: commands, links, files, variables, code."""

import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from honghu.site.cli import KERNEL_COMMANDS, build
from tests.architecture.tree import ROOT, SOURCE, committed, shown

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.as_posix()
)
RECORDS = ROOT / "docs" / "adr"
_FENCE = re.compile(r"^```(?P<language>[\w-]*)\n(?P<code>.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!!)!?\[[^\]]*\]\(([^)\s]+)\)")


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    for found in _FENCE.finditer(text):
        yield found["language"], found["code"]


def _code(text: str) -> str:
    """All that is set as code, one piece a line."""
    spans = _SPAN.findall(_FENCE.sub("", text))
    return "\n".join([code for _language, code in _blocks(text)] + spans)


def _anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as repository browsers make them."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.replace(" ", "-") for head in kept}


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    """The command line: the words of each group and command, in a row, to it."""

    def below(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, command in getattr(group, "commands", {}).items():
            yield " ".join((*words, name)), command
            yield from below(command, (*words, name))

    return dict(below(typer.main.get_command(build()), ()))


def _command(words: list[str], commands: dict[str, Any]) -> str:
    """As many of the words as name a command; what follows a group must be one of its own."""
    name = words[0]
    for word in words[1:]:
        if not hasattr(commands.get(name), "commands"):
            break
        name = f"{name} {word}"
    return name


def test_there_are_pages() -> None:
    assert len(PAGES) > 15


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", _code(page.read_text(encoding="utf-8"))))
    assert named <= targets, f"no such target in the Makefile: {sorted(named - targets)}"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_commands_and_their_options_exist(page: Path, commands: dict[str, Any]) -> None:
    wrong = []
    code = _code(page.read_text(encoding="utf-8"))
    for line in code.splitlines():
        for named in re.findall(
            r"(?<![\w/.-])(?:\S*bin/)?honghu ([a-z][a-z-]*(?: [a-z][a-z-]*)*)", line
        ):
            name = _command(named.split(), commands)
            command = commands.get(name)
            if command is None:
                wrong.append(f"honghu {name}")
                continue
            options = {option for each in command.params for option in each.opts}
            asked = set(re.findall(r"(?<!\S)(--[a-z-]+)", line)) - {"--help"}
            wrong += [f"honghu {name} {option}" for option in sorted(asked - options)]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _hash, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_files_named_in_text_exist(page: Path) -> None:
    """Paths that begin at the top of the repository, or below the package."""
    tops = "src|tests|docs|bench|tools|requirements"
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    gone = []
    for span in _SPAN.findall(text):
        named = re.findall(rf"^(?:{tops})/[\w./-]+", span)
        gone += [name for name in named if not (ROOT / name).exists()]
        below = re.fullmatch(r"(?:kernel|desk|web|site|base|domains)/[\w/]+\.py", span)
        if below and not (SOURCE / span).exists():
            gone.append(span)
    assert not gone


def _packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_the_tree_of_the_architecture_is_the_tree() -> None:
    """Its drawing names every package of ours, and the groups of the command line; no others."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = next(code for _language, code in _blocks(text) if code.startswith("src/honghu/\n"))
    found: dict[str, set[str]] = {"": set()}
    above = ""
    for line in drawn.splitlines()[1:]:
        if named := re.match(r"  ([a-z]+)/ ", line):
            above = named[1]
            found[""].add(above)
        elif named := re.match(r"    ([a-z]+)/ ", line):
            found.setdefault(above, set()).add(named[1])
    assert found[""] == _packages(SOURCE)
    assert found["domains"] == _packages(SOURCE / "domains")
    assert found["kernel"] == _packages(SOURCE / "kernel")
    tests = next(line for line in drawn.splitlines() if line.startswith("tests/ "))
    assert set(re.findall(r"(?:^tests/ +|· )([a-z]+)/", tests)) == _packages(ROOT / "tests")
    commands = next(line for line in drawn.splitlines() if line.startswith("  cli/ "))
    assert set(re.findall(r"(?:honghu|\|) ([a-z]+)", commands)) == set(KERNEL_COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_code_named_in_text_exists(page: Path) -> None:
    """Modules, and what is named in them, by their dotted names; programs as `python -m` runs them.

    `kernel.x` alone is a rule of the book.
    """
    text = page.read_text(encoding="utf-8")
    gone = [
        f"python -m {name}"
        for name in re.findall(r"\bpython -m ((?:bench|tests|honghu)[\w.]*)", _code(text))
        if importlib.util.find_spec(name) is None
    ]
    for span in _SPAN.findall(_FENCE.sub("", text)):
        named = re.fullmatch(
            r"(?:honghu\.)?(kernel(?:\.\w+){2,}|(?:desk|web|api|site|base|analytics)(?:\.\w+)+)",
            span,
        )
        if named and not _is_there(f"honghu.{named[1]}"):
            gone.append(span)
    assert not gone


def _is_there(dotted: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    try:
        pkgutil.resolve_name(dotted)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_python_in_documents_compiles(page: Path) -> None:
    for language, code in _blocks(page.read_text(encoding="utf-8")):
        if language == "python":
            compile(code, shown(page), "exec")


def test_every_variable_is_explained_and_read() -> None:
    """What the settings read from the environment is what operations.md tells, and no other."""
    settings = [SOURCE / "site" / "settings.py", SOURCE / "base" / "home.py"]
    read = {
        name
        for path in settings
        for name in re.findall(r'environ\.get\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    told = set(
        re.findall(r"`(HONGHU_[A-Z_]+|DATABASE_URL)`", (ROOT / "docs/operations.md").read_text())
    )
    assert len(read) > 10
    assert read == told


def test_readme_says_the_same_in_both_languages() -> None:
    """Same headings in number, same commands, same variables, same links (but to each other)."""
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    for pattern in (r"^#+ ", r"^\|", r"^!\[", r"\bmake [a-z]+\b(?: [A-Z]+=\d*)?", r"`[A-Z_]{6,}`"):
        of_english, of_chinese = (
            re.findall(pattern, text, re.MULTILINE) for text in (english, chinese)
        )
        assert len(of_english) == len(of_chinese), pattern
        assert set(of_english) == set(of_chinese), pattern
    links = [
        {target for target in _LINK.findall(text) if not target.startswith("README")}
        for text in (english, chinese)
    ]
    assert links[0] == links[1]


def test_decisions_are_numbered_and_listed() -> None:
    records = sorted(path.name for path in RECORDS.glob("*.md") if path.name != "README.md")
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (RECORDS / "README.md").read_text())
    assert records == sorted(listed)
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))


def test_pictures_are_small() -> None:
    large = [
        f"{shown(path)}: {path.stat().st_size:,} bytes"
        for path in committed()
        if path.suffix == ".png" and path.stat().st_size > 300_000
    ]
    assert not large
