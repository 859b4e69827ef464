"""The frozen rows that case queries return; templates and APIs read nothing else."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from honghu.kernel.registers.model import Action, Register


class Light(StrEnum):
    """How a deadline stands."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"


def light_of(
    *, now: dt.datetime, due_at: dt.datetime | None, amber_at: dt.datetime | None, ended: bool
) -> Light:
    """Red after the due instant, amber after the amber instant, green before; none without one."""
    if ended or due_at is None:
        return Light.NONE
    if now > due_at:
        return Light.RED
    if amber_at is not None and now >= amber_at:
        return Light.AMBER
    return Light.GREEN


@dataclasses.dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: uuid.UUID
    register: str
    register_version: int
    number: str
    title: str
    state: str
    version: int
    facts: Mapping[str, Any]
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    due_at: dt.datetime | None
    due_provisional: bool
    light: Light
    state_title: str
    ended: bool


@dataclasses.dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list. `total` is exact, unless `more_than`: then there are more.

    `next` and `previous` are the places where the neighbouring pages begin, for `list_cases`: they
    stay right whatever is written meanwhile, and cost the same at any depth. Null at the ends.
    """

    rows: Sequence[CaseRow]
    total: int
    more_than: bool
    page: int
    page_size: int
    next: str | None = None
    previous: str | None = None

    @property
    def pages(self) -> int:
        """How many pages the counted rows fill."""
        return max(1, -(-self.total // self.page_size))


@dataclasses.dataclass(frozen=True, slots=True)
class StepRow:
    """A step in the timeline. `form` is null if it was erased.

    `register_version` is the version under which it was done (a migration: to which it led).
    """

    id: uuid.UUID
    sequence: int
    action: str
    action_title: str
    from_state: str
    to_state: str
    to_title: str
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    person: str
    organisation: str
    at: dt.datetime
    claimed_at: dt.datetime | None
    form: Mapping[str, Any] | None
    evidence: Sequence[str]
    position: int | None
    form_digest: str
    facts_digest: str
    register_version: int


@dataclasses.dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline of a case."""

    code: str
    rule: str
    duration: str
    started_at: dt.datetime
    due_at: dt.datetime
    provisional: bool
    status: str
    ended_at: dt.datetime | None
    light: Light


@dataclasses.dataclass(frozen=True, slots=True)
class Possibility:
    """An action that the state allows: whether this actor may do it, and if not why not."""

    action: Action
    title: str
    allowed: bool
    why_not: str
    remedy: str


@dataclasses.dataclass(frozen=True, slots=True)
class CaseDetail:
    """Everything that the case page shows of the kernel's own."""

    row: CaseRow
    register: Register
    parties: Mapping[str, Sequence[str]]
    counters: Mapping[str, int]
    parent: CaseRow | None
    children: Sequence[CaseRow]
    steps: Sequence[StepRow]
    deadlines: Sequence[DeadlineRow]
    possibilities: Sequence[Possibility]
    names: Mapping[str, str]
