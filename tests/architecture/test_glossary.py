"""One Chinese term has one English term, and the glossary names things that exist."""

import importlib
import re
from collections import defaultdict

from tests.architecture.glossary import KINDS, PAGE, refreshed, register_files, terms
from tests.architecture.tree import SOURCE

UNSETTLED: frozenset[str] = frozenset()
"""Roles whose registers still use two wordings; each leaves this set as its registers agree."""
NAMED = ("roles", "states", "registers")


def _rows() -> list[tuple[str, str, str]]:
    """The hand-written tables: Chinese, English, code."""
    page = PAGE.read_text(encoding="utf-8").partition("<!-- from the registers -->")[0]
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and not re.fullmatch(r"-+", cells[0]):
            found.append((cells[0], cells[1], cells[2]))
    return [row for row in found if row[0] != "中文"]


def test_a_chinese_title_has_one_english_title() -> None:
    """Within a kind: the same words mean the same thing in every register."""
    english: dict[tuple[str, str], set[str]] = defaultdict(set)
    for term in terms():
        english[term.kind, term.zh].add(term.en)
    differing = {key: words for key, words in english.items() if len(words) > 1}
    assert not differing


def test_an_english_name_of_a_role_state_or_register_has_one_chinese_name() -> None:
    chinese: dict[tuple[str, str], set[str]] = defaultdict(set)
    for term in terms():
        if term.kind in NAMED and term.code not in UNSETTLED:
            chinese[term.kind, term.en].add(term.zh)
    differing = {key: words for key, words in chinese.items() if len(words) > 1}
    assert not differing


def test_a_role_has_one_title_in_all_registers() -> None:
    """A role is a position that a person holds, so its name cannot depend on the list."""
    titles: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for term in terms():
        if term.kind == "roles":
            titles[term.code].add((term.zh, term.en))
    differing = {code for code, known in titles.items() if len(known) > 1}
    assert differing == UNSETTLED, {code: titles[code] for code in differing ^ UNSETTLED}


def test_kernel_terms_are_used_as_the_glossary_has_them() -> None:
    """A title that is the kernel's own word carries the kernel's translation of it."""
    kernel = {zh: en for zh, en, _code in _rows()}
    wrong = [
        f"{term.register} {term.kind}.{term.code}: {term.zh} is {term.en!r} here, {kernel[term.zh]!r} there"
        for term in terms()
        if term.zh in kernel and term.en.lower() != kernel[term.zh].lower()
    ]
    assert not wrong, "\n".join(wrong)


def test_hand_written_rows_are_consistent() -> None:
    rows = _rows()
    assert len(rows) > 40
    for column in (0, 1):
        words = [row[column].lower() for row in rows]
        twice = {word for word in words if words.count(word) > 1}
        assert not twice


def _exists(code: str, registers: str) -> bool:
    """`package.module:Name` or a module, a file of the package, or a word of register files."""
    if "/" in code:
        return (SOURCE / code).exists()
    if not re.fullmatch(r"[a-z_.]+(:[A-Za-z_.]+)?", code) or "." not in code:
        return re.search(rf"\b{re.escape(code)}", registers) is not None
    module, _colon, name = code.partition(":")
    target: object = importlib.import_module(f"honghu.{module}")
    for part in filter(None, name.split(".")):
        target = getattr(target, part, None)
    return target is not None


def test_every_code_that_the_glossary_names_exists() -> None:
    registers = "\n".join(path.read_text(encoding="utf-8") for path in register_files())
    codes = [code for _zh, _en, cell in _rows() for code in re.findall(r"`([^`]+)`", cell)]
    assert len(codes) > 40
    gone = [code for code in codes if not _exists(code, registers)]
    assert not gone


def test_the_generated_part_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert refreshed(page) == page, "run: python -m tests.architecture.glossary"


def test_there_are_registers_to_look_at() -> None:
    assert {term.kind for term in terms()} == {"registers", *KINDS}
