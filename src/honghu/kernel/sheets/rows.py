"""The frozen rows that queries and commands of imports hand out."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from honghu.kernel.sheets.checking import Fault

RunStatus = Literal["checked", "running", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """An import: how far it is, and how many rows stand how."""

    id: uuid.UUID
    register: str
    register_version: int
    action: str
    filename: str
    file_sha256: str
    person_id: uuid.UUID | None
    status: RunStatus
    checked_at: dt.datetime
    good: int
    faulty: int
    repeated: int
    opened: int
    refused: int

    @property
    def total(self) -> int:
        """All rows of the file that held anything."""
        return self.good + self.faulty + self.repeated + self.opened + self.refused

    @property
    def to_open(self) -> int:
        """Rows that were or will be opened by this run."""
        return self.good + self.opened + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRowView:
    """A row with its faults, or with the case that says the same already."""

    number: int
    status: str
    faults: tuple[Fault, ...]
    cells: Mapping[str, str]
    case_id: uuid.UUID | None
    case_number: str
