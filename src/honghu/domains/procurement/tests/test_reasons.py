"""Every reason that the reader gives has words for the page."""

import ast
from pathlib import Path

import pytest
from django.utils import translation

from honghu.domains.procurement import readers
from honghu.domains.procurement.queries import REASONS, reason_text
from honghu.domains.procurement.readers import read_notice

SAMPLES = Path(readers.__file__).parents[1] / "samples"
NOTICES = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".txt", ".html"})


@pytest.mark.parametrize("path", NOTICES, ids=lambda path: path.name)
def test_reasons_of_the_samples_are_known(path: Path) -> None:
    notice = read_notice(path.read_bytes(), name=path.name)
    whys = [each.why or "" for _name, each in notice.readings()]
    given = {part for why in whys for part in why.split("; ") if part}
    assert given
    assert given <= set(REASONS)


def test_reasons_named_as_such_in_the_reader_are_known() -> None:
    given = {
        part
        for path in sorted(Path(readers.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg == "why"
        and isinstance(node.value, ast.Constant)
        for part in str(node.value.value).split("; ")
        if part
    }
    assert given
    assert given <= set(REASONS)


def test_several_reasons_are_joined_and_an_unknown_one_stands() -> None:
    with translation.override("en"):
        assert reason_text("in doubt; new to us") == "in doubt; new to us"
    assert reason_text("") == ""
