"""Writes: check a list (dry run), accept it, and open its cases row by row.

The check writes rows beside the cases, never a case. Each accepted row opens its case through
`open_case` in a transaction of its own together with the mark that it is done: whoever comes back,
on whatever machine, goes on where the last one stopped, and nothing is opened twice.
"""

import datetime as dt
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError, NotFound
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.queries import find_case_by_number
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.queries import get_actor, list_organisations
from honghu.kernel.registers.model import Field, FieldType, Register
from honghu.kernel.sheets.cells import Names
from honghu.kernel.sheets.checking import CheckedRow, Fault, check_rows
from honghu.kernel.sheets.models import ImportRow, ImportRun
from honghu.kernel.sheets.queries import get_import
from honghu.kernel.sheets.reading import read_grid
from honghu.kernel.sheets.rows import RunRow
from honghu.kernel.sheets.targets import Target, import_target

_BATCH: Final = 1_000
REHEARSED_MAX: Final = 300
"""Rows that the dry run opens and takes back where the opening has a command of its own."""
_COPY: Final = (
    "COPY sheets_importrow (run_id, number, key, status, form, cells, faults, case_number) "
    "FROM STDIN"
)
# What says the same as a row that is a case already is left out, and shown with that case.
_REPEATED: Final = """
UPDATE sheets_importrow r SET status = 'repeated', form = NULL, case_id = o.case_id,
  case_number = o.case_number
FROM sheets_importrow o
WHERE r.run_id = %s AND r.status = 'good' AND o.key = r.key AND o.status = 'opened'
"""


class ImportHasFaults(Conflict):
    """A list with faults, accepted without saying that the good rows alone are meant."""

    code = "import-has-faults"


class ImportUnderWay(Conflict):
    """A run that was accepted already."""

    code = "import-under-way"


def check_import(
    source: Path | IO[bytes],
    *,
    filename: str,
    register: Register,
    actor: Actor,
    now: dt.datetime,
    action: str | None = None,
    again: bool = False,
    progress: Callable[[int], None] | None = None,
) -> RunRow:
    """The dry run: read a workbook, judge every row, keep the verdict; opens no case.

    `again` brings in rows although cases say the same already (the key then holds the file's
    hash, so that this file is still opened once only). Unaccepted checks of the same person for
    the same register are dropped. Raises WorkbookRefused, HeadsNotFound, MergedCells, NotYourTurn,
    ImportNotPossible.
    """
    target = import_target(register, actor=actor, action=action)
    digest = _digest(source)
    grid = read_grid(source)
    with transaction.atomic():
        _drop_checks(register.code, actor)
        run = ImportRun.objects.create(
            register=register.code,
            register_version=register.version,
            action=target.action.code,
            filename=Path(filename).name[:200],
            file_sha256=digest,
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            status=ImportRun.Status.CHECKED,
            checked_at=now,
        )
        names = _names(target, actor, now)
        rows = check_rows(grid, target, names, salt=digest if again else "")
        count = 0
        while batch := list(islice(rows, _BATCH)):
            _stage(run.id, batch)
            count += len(batch)
            if progress is not None:
                progress(count)
        with connection.cursor() as cursor:
            cursor.execute(_REPEATED, [run.id])
        checked = get_import(run.id, actor=actor)
        if target.action.command is not None and target.action.document is None:
            _rehearse(checked, target, actor, now)
    return get_import(run.id, actor=actor)


def _rehearse(run: RunRow, target: Target, actor: Actor, now: dt.datetime) -> None:
    """Open the first good rows and take it all back: what the opening's command refuses is told too.

    Only so many: a list of any length is judged by its fields within seconds, by commands it is not.
    """
    good = ImportRow.objects.filter(run_id=run.id, status=ImportRow.Status.GOOD)
    for row in good.order_by("number")[:REHEARSED_MAX]:
        try:
            with transaction.atomic():
                _open(run, row, actor, now)
                transaction.set_rollback(True)
        except IntegrityError:
            continue
        except HonghuError as refusal:
            form = row.form or {}
            shown = {code: _shown(field, form.get(code)) for code, field in target.fields.items()}
            ImportRow.objects.filter(pk=row.pk).update(form=None, cells=shown)
            _refuse(row, ImportRow.Status.FAULTY, refusal)


def _shown(field: Field, value: Any) -> str:
    """A typed value as the workbook to correct shows it and takes it again."""
    if value is None:
        return ""
    if field.type is FieldType.MONEY:
        return f"{Decimal(value).scaleb(-2):.2f}"
    if field.type is FieldType.PLACE:
        return f"{value['lon']},{value['lat']}"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _digest(source: Path | IO[bytes]) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # a file
    source.seek(0)
    return digest


def _drop_checks(register: str, actor: Actor) -> None:
    """Drop earlier checks that were never accepted: their rows may be personal."""
    stale = ImportRun.objects.filter(
        register=register, person_id=actor.person_id, status=ImportRun.Status.CHECKED
    )
    ImportRow.objects.filter(run__in=stale).delete()
    stale.delete()


def _names(target: Target, actor: Actor, now: dt.datetime) -> Names:
    """How names become identifiers: organisations read at once, cases as they come."""
    organisations: dict[str, str] = {}
    if any(field.type is FieldType.ORGANISATION for field in target.fields.values()):
        for row in list_organisations():
            organisations[row.name] = str(row.id)
            organisations[str(row.id)] = str(row.id)
    known: dict[str, str | None] = {}

    def find_case(number: str) -> str | None:
        if number not in known:
            try:
                known[number] = str(find_case_by_number(number, actor=actor, now=now).id)
            except NotFound:
                known[number] = None
        return known[number]

    return Names(organisations, find_case)


def _stage(run_id: uuid.UUID, rows: Iterable[CheckedRow]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            good = row.form is not None
            copy.write_row(
                (
                    run_id,
                    row.number,
                    row.key,
                    ImportRow.Status.GOOD.value if good else ImportRow.Status.FAULTY.value,
                    json.dumps(dict(row.form or {}), ensure_ascii=False) if good else None,
                    None if good else _json(dict(row.cells)),
                    None if good else _json([asdict(fault) for fault in row.faults]),
                    "",
                )
            )


def _json(value: object) -> str:
    # PostgreSQL's text holds no NUL, escaped or not.
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\ufffd")


def accept_import(
    run_id: uuid.UUID, *, actor: Actor, now: dt.datetime, partial: bool = False
) -> RunRow:
    """Let the good rows of a checked list become cases; `partial` although others are faulty.

    Raises NotFound, ImportHasFaults, ImportUnderWay. `continue_import` does the work.
    """
    run = get_import(run_id, actor=actor)
    if run.faulty and not partial:
        raise ImportHasFaults(
            _("{count} rows have faults; nothing was brought in.").format(count=run.faulty),
            remedy=_("Correct them, or accept the good rows alone."),
        )
    moved = ImportRun.objects.filter(pk=run_id, status=ImportRun.Status.CHECKED).update(
        status=ImportRun.Status.RUNNING, accepted_at=now
    )
    if not moved:
        raise ImportUnderWay(
            _("This list has been accepted already."), remedy=_("Look at how far it is.")
        )
    return get_import(run_id, actor=actor)


def continue_import(
    run_id: uuid.UUID,
    *,
    actor: Actor,
    now: dt.datetime,
    seconds: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> RunRow:
    """Open cases for rows of an accepted list, for so many seconds or to its end.

    Several may do so at once: each row is taken by one. A row that is refused now, though it was
    good when it was checked, is kept with the reason and stops nothing. Raises NotFound.
    """
    run = get_import(run_id, actor=actor)
    if run.status != ImportRun.Status.RUNNING.value:
        return run
    until = None if seconds is None else time.monotonic() + seconds
    done = run.opened
    while until is None or time.monotonic() < until:
        if not _open_next(run, actor, now):
            break
        done += 1
        if progress is not None:
            progress(done)
    if not ImportRow.objects.filter(run_id=run_id, status=ImportRow.Status.GOOD).exists():
        ImportRun.objects.filter(pk=run_id, status=ImportRun.Status.RUNNING).update(
            status=ImportRun.Status.FINISHED, finished_at=now
        )
    return get_import(run_id, actor=actor)


def continue_imports(*, now: dt.datetime, seconds: float) -> int:
    """Go on with every accepted list for so many seconds each, as the person who accepted it.

    For the worker: an import goes on when nobody looks. Returns how many cases were opened. A list
    whose person holds no position any more waits.
    """
    opened = 0
    for run in ImportRun.objects.filter(status=ImportRun.Status.RUNNING).order_by("accepted_at"):
        if run.person_id is None:
            actor = SYSTEM
        else:
            try:
                actor = get_actor(
                    person_id=run.person_id,
                    on=timezone.localdate(now),
                    organisation_id=run.organisation_id,
                )
            except HonghuError:
                continue
        before = get_import(run.id, actor=actor).opened
        opened += continue_import(run.id, actor=actor, now=now, seconds=seconds).opened - before
    return opened


def _open_next(run: RunRow, actor: Actor, now: dt.datetime) -> bool:
    """Take one row and open its case; false where no row is free."""
    with transaction.atomic():
        row = (
            ImportRow.objects.select_for_update(skip_locked=True)
            .filter(run_id=run.id, status=ImportRow.Status.GOOD)
            .order_by("number")
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                _open(run, row, actor, now)
        except IntegrityError:
            if not _is_repeated(row):
                raise
        except HonghuError as refusal:
            _refuse(row, ImportRow.Status.REFUSED, refusal)
    return True


def _refuse(row: ImportRow, status: ImportRow.Status, refusal: HonghuError) -> None:
    """Keep why a row was refused: each named field, else the refusal as a whole."""
    said = " ".join(filter(None, [refusal.message, refusal.remedy]))
    faults = [Fault(str(row.number), code, text) for code, text in refusal.fields.items()]
    faults = faults or [Fault(str(row.number), "", said)]
    ImportRow.objects.filter(pk=row.pk).update(
        status=status, faults=[asdict(fault) for fault in faults]
    )


def _open(run: RunRow, row: ImportRow, actor: Actor, now: dt.datetime) -> None:
    # The mark first: it is refused where another run, or another person, has opened the same.
    ImportRow.objects.filter(pk=row.pk).update(status=ImportRow.Status.OPENED, form=None)
    # Typed values are read again as they are: the form's own reading is idempotent.
    form = {code: value for code, value in (row.form or {}).items() if value is not None}
    done = open_case(
        run.register,
        action=run.action,
        actor=actor,
        now=now,
        idempotency_key=f"sheet:{row.key}",
        form=form,
    )
    ImportRow.objects.filter(pk=row.pk).update(case_id=done.case_id, case_number=done.number)


def _is_repeated(row: ImportRow) -> bool:
    """Note which case says the same as a row; false where none does."""
    other = ImportRow.objects.filter(key=row.key, status=ImportRow.Status.OPENED).first()
    if other is None:
        return False
    ImportRow.objects.filter(pk=row.pk).update(
        status=ImportRow.Status.REPEATED,
        form=None,
        case_id=other.case_id,
        case_number=other.case_number,
    )
    return True
