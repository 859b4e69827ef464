"""What a page is known to be before any field is read: sections, labels, summary, title."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from honghu.domains.procurement.readers.labels import (
    Label,
    find_labels,
    next_line,
    paired_cells,
)
from honghu.domains.procurement.readers.names import looks_like_organisation
from honghu.domains.procurement.readers.page import Page, Piece
from honghu.domains.procurement.readers.sections import Section, find_sections, find_summary
from honghu.domains.procurement.readers.vocabulary import LABELS, compact


@dataclass(slots=True)
class Facts:
    """The indexed page that all field readers share."""

    page: Page
    sections: list[Section]
    labels: list[Label]
    summary: dict[str, Piece]
    title: str | None = None
    body: int = 0
    starts: list[int] = field(default_factory=list)
    nested: bool = False

    @classmethod
    def of(cls, page: Page) -> "Facts":
        """Index a page."""
        sections = find_sections(page)
        nested = second_notice(sections)
        if nested is not None:
            page = page.until(nested)
            sections = find_sections(page)
        labels = find_labels(page, [section.start for section in sections])
        summary = find_summary(page, sections)
        facts = cls(page, sections, labels, summary, nested=nested is not None)
        bare = [*_headings(page, sections), *_bare_lines(page), *paired_cells(page)]
        facts.labels = sorted([*labels, *bare], key=lambda label: label.start)
        facts.starts = [label.start for label in facts.labels]
        facts.body = max((piece.end for piece in summary.values()), default=0)
        return facts

    def within(self, start: int, end: int) -> list[Label]:
        """Labels between two offsets."""
        return self.labels[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def of_kind(self, *kinds: str) -> Iterator[Label]:
        """Labels of the given kinds, in page order."""
        return (label for label in self.labels if label.kind in kinds)

    def topics(self, *topics: str) -> Iterator[Section]:
        """Sections of the given topics, in page order."""
        return (section for section in self.sections if section.topic in topics)

    def section_at(self, offset: int) -> Section | None:
        """The innermost section around an offset."""
        inner = None
        for section in self.sections:
            if section.start <= offset < section.end:
                inner = section
        return inner

    def chapter_at(self, offset: int) -> Section | None:
        """The numbered section of the first level around an offset."""
        return next((s for s in self.sections if s.level == 1 and s.start <= offset < s.end), None)

    def value_of(self, label: Label) -> Piece:
        """The label's value, taken from the next line when its own line has none."""
        return label.value if label.value.text else next_line(self.page, label, self.labels)

    def lines(self, start: int, end: int) -> Iterator[Piece]:
        """Non-empty lines between two offsets."""
        place = start
        while place < end:
            stop = self.page.text.find("\n", place, end)
            stop = end if stop < 0 else stop
            line = self.page.piece(place, stop).strip()
            if line.text:
                yield line
            place = stop + 1


def _headings(page: Page, sections: list[Section]) -> Iterator[Label]:
    """Headings that are labels without a colon: the value is the line below."""
    for section in sections:
        word = compact(section.heading)
        if word not in LABELS or LABELS[word] == "stop":
            continue
        if page.text[section.body - 1 : section.body] in "：:":
            continue
        first = page.piece(section.body, section.end).strip()
        line = first.cut(0, first.text.find("\n")).strip() if "\n" in first.text else first
        yield Label(LABELS[word], word, "", "", section.start, line)


_BARE_KINDS = frozenset(
    {"project_no", "plan_no", "project_name", "contract_no", "contract_name", "signed_on"}
)
_PRICED = re.compile(r"[￥¥][ ]*\d|\d[ ]*(?:万?元|%|\uff05)")
_BARE = re.compile(r"(?m)^[ \t#]*([\u4e00-\u9fff（）() ]{4,16})[ \t]*\n(?=\s*([^\n]+))")


def _bare_lines(page: Page) -> Iterator[Label]:
    """A label alone on its line, without number and colon; the value stands below."""
    for found in _BARE.finditer(page.text):
        word = compact(found[1])
        kind = LABELS.get(word)
        named = kind == "supplier" and looks_like_organisation(found[2])
        priced = kind == "amount" and _PRICED.search(found[2]) is not None
        if kind in _BARE_KINDS or named or priced:
            line = page.piece(found.start(2), found.end(2)).strip()
            yield Label(LABELS[word], word, "", "", found.start(1), line)


def second_notice(sections: list[Section]) -> int | None:
    """Where a second notice begins inside the page: the numbering starts again with a project.

    Pages carry the notice twice, or another one inside the supplement; only the first is read.
    """
    result = False
    for section in sections:
        if section.level != 1:
            continue
        opening = section.topic in ("project_no", "basic", "project_name")
        if result and opening and section.number == "一":
            return section.start
        result = result or section.topic in ("result", "correction", "reason")
    return None


def innermost(sections: Iterable[Section]) -> list[Section]:
    """Without those that contain another one of the list."""
    listed = list(sections)
    return [
        outer
        for outer in listed
        if not any(
            inner is not outer and outer.start <= inner.start and inner.end <= outer.end
            for inner in listed
        )
    ]


def outermost(sections: Iterable[Section]) -> list[Section]:
    """Without those that lie inside another one of the list."""
    listed = list(sections)
    return [
        inner
        for inner in listed
        if not any(
            outer is not inner and outer.start <= inner.start and inner.end <= outer.end
            for outer in listed
        )
    ]
