"""What procurement tells other modules about a notice that was filed."""

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Literal

FILED_BY = ("procurement-notice.receive", "procurement-notice.verify")
"""The register's actions after which a notice may have been filed; others react to these."""

Consequence = Literal["awarded", "contracted", "replaced", "revoked", "terminated", "none"]


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeTaken:
    """What became of a file: `new` is false for bytes that were taken before."""

    notice_id: uuid.UUID
    case_id: uuid.UUID | None
    kind: str
    status: str
    new: bool


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeFiled:
    """A notice took effect. `awards` are the awards that it made, `affected` those it changed."""

    notice_id: uuid.UUID
    kind: str
    consequence: Consequence
    awards: Sequence[uuid.UUID]
    affected: Sequence[uuid.UUID]
    contract_id: uuid.UUID | None
