"""Reading what a case is called, and the way that it usually goes."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from honghu.kernel.lifecycles.model import START, State, Text
from honghu.kernel.registers.model import Action, Field, FieldType
from honghu.kernel.registers.papers import PLACE
from honghu.kernel.registers.reader import Part

SAID: Final = frozenset(
    {
        FieldType.TEXT,
        FieldType.INTEGER,
        FieldType.DATE,
        FieldType.CHOICE,
        FieldType.USCC,
    }
)
"""The types whose values are short enough for a heading, and known without asking anywhere."""


def read_heading(part: Part, fields: Mapping[str, Field]) -> Text | None:
    """What a case is called; a place that names no such field is a fault."""
    heading = part.text("heading")
    if heading is None:
        return None
    known = {code for code, each in fields.items() if each.type in SAID and not each.personal}
    for text in (heading.zh, heading.en):
        for name in PLACE.findall(text):
            part.reader.check_known(name, part.line_of("heading"), "field", known)
    return heading


def read_path(
    part: Part, states: Mapping[str, State], actions: Mapping[str, Action]
) -> tuple[str, ...]:
    """The states through which a case usually goes; a step that no action makes is a fault."""
    path = [
        name
        for name, line in part.strings("path")
        if part.reader.check_known(name, line, "state", states)
    ]
    for origin, target in pairwise([START, *path]):
        if not any(
            origin in action.origins and target in action.targets.values()
            for action in actions.values()
        ):
            part.reader.fault(
                part.line_of("path"),
                "broken-path",
                f"no action leads from {origin} to {target}",
                "name the states of `path:` in the order in which a case goes through them",
            )
    return tuple(path)
