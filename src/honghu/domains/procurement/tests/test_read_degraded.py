"""No wrong amount is stated, however badly a notice arrives: the shipped samples, degraded."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from honghu.domains import procurement
from honghu.domains.procurement.readers import read_notice
from honghu.domains.procurement.readers.evaluation import Evaluation, cases, score_notice
from honghu.domains.procurement.readers.markup import is_html, page_from_source

SAMPLES = cases(Path(procurement.__file__).parent / "samples")
Degradation = Callable[[str], str]
HIDDEN = "<!-- <p>中标（成交）金额：99999元</p> -->"
_FULL = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
_FULL_MARKS = {ord(char): ord(char) + 0xFEE0 for char in "0123456789,."}


def plain(source: str) -> str:
    """The reading text of a page, its cells separated by tabs."""
    return page_from_source(source).text


def on_text(change: Degradation) -> Degradation:
    """A change of the words between the tags, or of the whole of a plain text."""

    def changed(source: str) -> str:
        if not is_html(source):
            return change(source)
        return re.sub(r">([^<]+)<", lambda found: f">{change(found[1])}<", source)

    return changed


def grouped(mark: str) -> Degradation:
    """Thousands set apart by the given mark."""

    def group(found: re.Match[str]) -> str:
        return f"{int(found[1]):,}".replace(",", mark) + (found[2] or "")

    return lambda source: re.sub(
        r"(?<![\d.\-A-Za-z])(\d{5,9})(\.\d+)?(?=[ （(]{0,2}元|\n|\t)", group, plain(source)
    )


def unseen(mark: str) -> Degradation:
    """A mark that nobody sees behind every fifth character, digits included."""

    def scattered(text: str) -> str:
        rng = random.Random(len(text))  # noqa: S311 - repeatable noise, no secret
        return "".join(char + (mark if rng.random() < 0.2 else "") for char in text)

    return on_text(scattered)


def sections_reversed(source: str) -> str:
    head, *parts = re.split(r"(?m)^(?=[ \t#]*[一二三四五六七八九十]{1,3}、)", plain(source))
    return head + "\n".join(reversed(parts))


def paragraphs(source: str) -> str:
    lines = "".join(f"<p>{line}</p>" for line in source.split("\n"))
    return source if is_html(source) else f"<html><body>{lines}</body></html>"


# What leaves every figure readable: the amounts must all be stated as before.
HARMLESS: dict[str, Degradation] = {
    "lines joined by blanks": lambda source: re.sub(r"\s*\n\s*", " ", source),
    "full-width digits": on_text(lambda text: text.translate(_FULL)),
    "no-break spaces": on_text(lambda text: text.replace(" ", "\xa0")),
    "zero-width spaces": unseen("\u200b"),
    "soft hyphens": unseen("\u00ad"),
    "comments": lambda source: re.sub(
        "(?<=：)(?=[^<>]*<)", HIDDEN if is_html(source) else "", source
    ),
    "paragraphs": paragraphs,
    "cells as bars": lambda source: plain(source).replace("\t", " | "),
    "windows line ends": lambda source: source.replace("\n", "\r\n"),
}
# What may hide figures: those that are still stated must be right.
HARMFUL: dict[str, Degradation] = {
    "lines joined by nothing": lambda source: re.sub(r"\s*\n\s*", "", plain(source)),
    "no blank at all": lambda source: re.sub(r"\s+", "", plain(source)),
    "tags stripped": lambda source: re.sub(r"<[^>]+>", "", source),
    "tags as blanks": lambda source: re.sub(r"<[^>]+>", " ", source),
    "tables without tags": lambda source: re.sub(r"</?(?:table|tbody|tr|td|th)[^>]*>", "", source),
    "cells glued": lambda source: plain(source).replace("\t", ""),
    "cells by blanks": lambda source: plain(source).replace("\t", " "),
    "cells by lines": lambda source: plain(source).replace("\t", "\n"),
    "full-width marks": on_text(lambda text: text.translate(_FULL_MARKS)),
    "letters for digits": lambda source: re.sub(r"(?<=\d)0(?=[\d,.元万])", "O", plain(source)),
    "thousands by blanks": grouped(" "),
    "thousands by thin blanks": grouped("\u2009"),
    "thousands by apostrophes": grouped("'"),
    "thousands by full-width commas": grouped("，"),
    "thousands by points": grouped("."),
    "printed twice": lambda source: source + "\n" + source,
    "printed twice in one line": lambda source: re.sub(r"\s*\n\s*", "", plain(source)) * 2,
    "sections reversed": sections_reversed,
    "lines of forty": lambda source: re.sub(r"([^\n]{38})(?=[^\n])", r"\1\n", plain(source)),
    "figures torn": lambda source: re.sub(r"(?<=\d)(?=\d{3}(?:\.\d+)?[^\d.])", "\n", source),
    "no colon": lambda source: re.sub("[：:]", " ", plain(source)),
    "no unit": lambda source: re.sub("[（(]?万?元[）)]?", "", plain(source)),
}


def degraded(change: Degradation) -> tuple[list[dict[str, object]], int]:
    """Wrong amounts over all samples, and how many amounts are stated for certain."""
    evaluation, stated = Evaluation(), 0
    for notice_path, truth_path in SAMPLES:
        content = change(notice_path.read_text(encoding="utf-8")).encode()
        notice = read_notice(content, name=notice_path.name)
        score_notice(evaluation, notice, json.loads(truth_path.read_text(encoding="utf-8")))
        stated += sum(lot.amount.certain is not None for lot in notice.lots)
    return evaluation.wrong_amounts, stated


_, STATED = degraded(lambda source: source)


@pytest.mark.parametrize("change", HARMFUL.values(), ids=HARMFUL.keys())
def test_nothing_wrong_is_stated(change: Degradation):
    wrong, _ = degraded(change)
    assert wrong == []


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_nothing_is_lost_where_nothing_is_hidden(change: Degradation):
    assert degraded(change) == ([], STATED)
