"""Write the parts of docs/glossary.md that stand in the registers and in the chart of accounts.

    python -m tests.architecture.glossary

What is between the marks is replaced; everything else is written by hand.
"""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.architecture.tree import ROOT, SOURCE

PAGE = ROOT / "docs" / "glossary.md"
CHART = SOURCE / "kernel" / "ledger" / "chart.yaml"
KINDS = {"roles": "Roles", "states": "States", "actions": "Actions", "fields": "Facts"}


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """One title of a register: where it stands, and in both languages."""

    kind: str
    register: str
    code: str
    zh: str
    en: str


def register_files() -> list[Path]:
    """The register files that domains ship."""
    return sorted((SOURCE / "domains").glob("*/registers/*.yaml"))


def terms() -> Iterator[Term]:
    """Every title of registers, roles, states, actions and fields."""
    for path in register_files():
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        register = file["register"]
        yield Term("registers", register, register, file["title"]["zh"], file["title"]["en"])
        for kind in KINDS:
            for code, declared in (file.get(kind) or {}).items():
                title = declared.get("title")
                if title:
                    yield Term(kind, register, code, str(title["zh"]), str(title["en"]))


def generated() -> str:
    """The generated part of the page."""
    by_kind: dict[str, dict[tuple[str, str, str], list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    lines = ["### Registers", "", "| 中文 | English | Code |", "|---|---|---|"]
    for term in terms():
        if term.kind == "registers":
            lines.append(f"| {term.zh} | {term.en} | `{term.code}` |")
        else:
            by_kind[term.kind][term.zh, term.en, term.code].append(term.register)
    for kind, title in KINDS.items():
        lines += ["", f"### {title}", "", "| 中文 | English | Code | In |", "|---|---|---|---|"]
        for (zh, en, code), registers in sorted(
            by_kind[kind].items(), key=lambda each: (each[0][2], each[0][1])
        ):
            lines.append(f"| {zh} | {en} | `{code}` | {', '.join(registers)} |")
    lines += [
        "",
        "### Chart of accounts",
        "",
        "| 中文 | English | Kind | Code |",
        "|---|---|---|---|",
    ]
    for line in yaml.safe_load(CHART.read_text(encoding="utf-8"))["lines"]:
        lines.append(f"| {line['zh']} | {line['en']} | `{line['kind']}` | {line['code']} |")
    return "\n".join(lines)


_PART = re.compile(r"(<!-- from the registers -->\n).*(<!-- end -->)", re.DOTALL)


def refreshed(page: str) -> str:
    """The page with its generated part as it should be."""
    if not _PART.search(page):
        message = f"{PAGE} has lost the marks between which the generated part stands"
        raise ValueError(message)
    return _PART.sub(lambda found: f"{found[1]}\n{generated()}\n\n{found[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
