"""Reading the documents of a register: number series, template, and what they say."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from honghu.kernel.registers.model import Document, Field, FieldType
from honghu.kernel.registers.nodes import Entry
from honghu.kernel.registers.reader import Part, Reader

PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""Where a paragraph prints a value."""
NUMBER: Final = "number"
"""The name under which a paragraph prints the number of its case."""
_KEYS: Final = frozenset(
    {"title", "series", "template", "text", "facts", "to", "boxes", "heading", "pairs"}
)


def read_document(
    reader: Reader,
    code: str,
    entry: Entry,
    values: Mapping[str, Field],
    templates: frozenset[str] | None,
) -> Document:
    """Read one document. `values` are the fields that it can print, `templates` the known files.

    A template may be named in two parts, as `form.river-log.docx`: the paper's own name, which a
    county may give a file, after the layout that is taken while it does not.
    """
    part = reader.part(entry.value, f"document {code}", _KEYS)
    part.require("series", "template")
    if templates is not None:
        name = part.string("template") or ""
        layout = f"{name.partition('.')[0]}.docx"
        part.one_known(
            "template", "template", templates | ({name} if layout in templates else set())
        )
    facts = part.node("facts")
    organisations = {c for c, field in values.items() if field.type is FieldType.ORGANISATION}
    return Document(
        code=code,
        title=part.title(),
        series=part.string("series") or "",
        template=part.string("template") or "",
        heading=next(iter(_paragraphs(part, "heading", values)), None),
        text=_paragraphs(part, "text", values),
        facts=None if facts is None else _known(part, "facts", {*values, NUMBER}),
        to=_known(part, "to", organisations),
        boxes=tuple(label for label, _line in part.strings("boxes")),
        pairs=part.flag("pairs"),
    )


def _paragraphs(part: Part, key: str, values: Mapping[str, Field]) -> tuple[str, ...]:
    """The paragraphs; a place that names nothing, or something personal, is a fault."""
    known = {code for code, field in values.items() if not field.personal} | {NUMBER}
    found = part.strings(key)
    for paragraph, line in found:
        for name in PLACE.findall(paragraph):
            part.reader.check_known(name, line, "field", known)
    return tuple(paragraph for paragraph, _line in found)


def _known(part: Part, key: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names in their order; unknown ones become faults."""
    names = frozenset(known)
    return tuple(
        name
        for name, line in part.strings(key)
        if part.reader.check_known(name, line, "field", names)
    )
