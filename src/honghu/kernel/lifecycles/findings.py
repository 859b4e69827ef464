"""What a proof found: one reason each why a lifecycle is unsound."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from honghu.kernel.lifecycles.model import Edge

Subject: TypeAlias = Literal["lifecycle", "state", "action"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that makes a lifecycle unsound: where, what, and what to do about it."""

    code: str
    subject: Subject
    name: str
    message: str
    remedy: str


def describe_way(way: Iterable[Edge]) -> str:
    """Spell a way out: "start --open--> registered --close(passed)--> closed"."""
    parts: list[str] = []
    for edge in way:
        label = edge.action.code + (f"({edge.result})" if edge.result else "")
        parts += [] if parts else [edge.origin]
        parts += [f"--{label}-->", edge.target]
    return " ".join(parts)
