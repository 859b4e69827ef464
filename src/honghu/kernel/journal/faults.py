"""What verification finds wrong, and where: stable codes, tables, ids and positions."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DETAILED_MAX = 1000

# One text per code; the names in it are fields of the fault.
TEXTS: Mapping[str, str | Promise] = MappingProxyType(
    {
        "row_changed": _("the row, or its leaf's time, is not what was recorded"),
        "row_missing": _("the row that was recorded is gone"),
        "row_unrecorded": _("the row was never recorded in the journal"),
        "vouched_changed": _("the row is not what was recorded of it: %(detail)s"),
        "vouched_missing": _("the row that was recorded is gone"),
        "vouched_stray": _("nothing recorded the row %(detail)s"),
        "source_missing": _("no module reads the rows behind leaves of kind %(detail)s"),
        "leaf_changed": _("the leaf differs from its row and from its entry"),
        "leaf_kind_changed": _("the leaf's kind %(detail)s is not the kind of its row"),
        "leaf_missing": _("the entry has no leaf"),
        "leaf_unqueued": _("the leaf has no place in the log and none is coming"),
        "queue_stray": _("the queue holds a row that has no leaf"),
        "queue_repeated": _("the queue holds a leaf that has its place already"),
        "entry_changed": _("the entry differs from its leaf"),
        "entry_missing": _("entries of the log are gone"),
        "node_changed": _("the tree does not fit the entries below node %(detail)s"),
        "node_missing": _("the tree lacks node %(detail)s"),
        "node_stray": _("the tree has node %(detail)s beyond the end of the log"),
        "checkpoint_note": _("the checkpoint is not validly signed: %(detail)s"),
        "checkpoint_changed": _("the checkpoint's columns are not what its note says"),
        "checkpoint_root": _("the log was rewritten: its root is not the one that was signed"),
        "checkpoint_beyond": _("the log was cut off: the checkpoint covers more than there is"),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in `table`, at the row `leaf_id`, at log positions `first` to `last`."""

    code: str
    table: str
    leaf_id: uuid.UUID | None = None
    first: int | None = None
    last: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        return str(TEXTS[self.code]) % {"detail": self.detail}


@dataclass(slots=True)
class FaultList:
    """Counts every fault and keeps the first of them, so that a ruined log fits in memory."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Note a fault."""
        self.counts[fault.code] += 1
        if len(self.kept) < DETAILED_MAX:
            self.kept.append(fault)

    @property
    def has_room(self) -> bool:
        """Whether another fault would still be kept in detail."""
        return len(self.kept) < DETAILED_MAX
