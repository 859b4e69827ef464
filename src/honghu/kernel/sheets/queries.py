"""Reads: an import with its counts, its rows by status, and the two workbooks about it."""

import io
import uuid

from django.db.models import Count
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.queries import get_register
from honghu.kernel.sheets.checking import Fault
from honghu.kernel.sheets.models import ImportRow, ImportRun
from honghu.kernel.sheets.rows import ImportRowView, RunRow
from honghu.kernel.sheets.targets import Target, import_target
from honghu.kernel.sheets.templates import write_faults, write_template

_MARKED_MAX = 20_000
"""Refused rows in one workbook: comments are held in memory while it is written."""


def get_import(run_id: uuid.UUID, *, actor: Actor) -> RunRow:
    """An import with its counts, for the person who brought it (and the system): two queries.

    Raises NotFound alike for none and for somebody else's: its rows may be personal.
    """
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or not (actor.is_system or run.person_id == actor.person_id):
        message = _("There is no such import, or it is not yours to see.")
        raise NotFound(message, remedy=_("Bring the list in anew."))
    counts = dict(run.rows.values_list("status").annotate(count=Count("id")))
    return RunRow(
        id=run.id,
        register=run.register,
        register_version=run.register_version,
        action=run.action,
        filename=run.filename,
        file_sha256=run.file_sha256,
        person_id=run.person_id,
        status=run.status,  # type: ignore[arg-type]  # the choices of the model
        checked_at=run.checked_at,
        **{status: counts.get(status, 0) for status in ImportRow.Status.values},
    )


def import_rows(run: RunRow, statuses: tuple[str, ...], *, limit: int) -> list[ImportRowView]:
    """Rows of an import that stand so, in the order of the file."""
    rows = ImportRow.objects.filter(run_id=run.id, status__in=statuses).order_by("number")
    return [
        ImportRowView(
            number=row.number,
            status=row.status,
            faults=tuple(Fault(**fault) for fault in row.faults or ()),
            cells=row.cells or {},
            case_id=row.case_id,
            case_number=row.case_number,
        )
        for row in rows[:limit]
    ]


def target_of(run: RunRow, *, actor: Actor) -> Target:
    """The opening into which an import goes. Raises what `import_target` raises."""
    register = get_register(run.register, run.register_version)
    return import_target(register, actor=actor, action=run.action)


def marked_workbook(run: RunRow, *, actor: Actor) -> bytes:
    """The faulty rows as a workbook to correct: cells marked, the fault as a comment."""
    rows = import_rows(run, ("faulty",), limit=_MARKED_MAX)
    buffer = io.BytesIO()
    write_faults(
        buffer, target_of(run, actor=actor), [(dict(row.cells), row.faults) for row in rows]
    )
    return buffer.getvalue()


def template_workbook(target: Target) -> bytes:
    """The empty workbook of a register."""
    buffer = io.BytesIO()
    write_template(buffer, target)
    return buffer.getvalue()
