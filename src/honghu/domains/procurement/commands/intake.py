"""Taking procurement facts in from sources other than the single notice: folders, OCDS files.

A file is kept as a whole or not at all. What it states then goes, award by award and contract by
contract, through the same door as a notice (`take_notice`): evidence, a case, persons for doubts.
"""

import dataclasses
import datetime as dt
import hashlib
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError
from honghu.domains.procurement.commands.notices import take_notice
from honghu.domains.procurement.models import (
    Award,
    Contract,
    IntakeIssue,
    IntakeRun,
    SourcePart,
    SourceStatement,
)
from honghu.domains.procurement.readers.found import (
    Fault,
    Part,
    Source,
    Statement,
    UnreadableSourceError,
)
from honghu.domains.procurement.readers.ocds.statements import (
    IMPLAUSIBLE,
    STANDS_ALREADY,
    doubt_amounts,
)
from honghu.domains.procurement.readers.sources import find_source, sources
from honghu.domains.procurement.readers.values import LotReading
from honghu.domains.procurement.readers.values import Notice as ReadNotice
from honghu.kernel.parties.actor import Actor
from honghu.kernel.rulesets.queries import get_rule, reading_one_edition

BATCH: Final = 1000
_LOT_FIELD: Final = re.compile(r"lots\[(\d+)\]\.(\w+)")
_CHANGED: Final = gettext_noop(
    "A release with this id and date is here already, with another content; it was kept."
)
_NEW_DATE: Final = gettext_noop("A changed release needs a new id and date: ask the publisher.")
_REFUSED: Final = gettext_noop("It was not taken in: {reason}")
_SEE: Final = gettext_noop("Correct the cause and import the file again.")
# One JSON text for a batch: arrays as parameters are escaped element by element, which costs more
# than all the rest.
_LAND: Final = """
    INSERT INTO procurement_sourcepart (id, run_id, source, process, part_id, date, body)
    SELECT id, %s, %s, process, part_id, date, body
    FROM json_to_recordset(%s::json)
      AS sent (id uuid, process text, part_id text, date timestamptz, body text)
    ON CONFLICT (source, process, date, part_id) DO NOTHING
    RETURNING id
"""
_OTHERWISE: Final = """
    SELECT sent.id, stands.body
    FROM json_to_recordset(%s::json)
      AS sent (id uuid, process text, part_id text, date timestamptz, body text)
    JOIN procurement_sourcepart AS stands USING (process, part_id, date)
    WHERE stands.source = %s AND stands.id <> sent.id AND stands.body <> sent.body
"""


class UnableToReadSource(HonghuError):  # noqa: N818 named after what was attempted
    """The file belongs to no source, or cannot be read to its end; nothing of it was kept."""

    code = "source-unreadable"


@dataclasses.dataclass(frozen=True, slots=True)
class Intake:
    """What became of a file. Parts are OCDS releases; `known` were here before."""

    run_id: uuid.UUID
    source: str
    found: int
    added: int
    known: int
    issues: int


@dataclasses.dataclass(frozen=True, slots=True)
class Filing:
    """What became of statements: new notices, of which `review` wait for a person; or no change."""

    processes: int = 0
    notices: int = 0
    review: int = 0
    unchanged: int = 0
    refused: int = 0

    def __add__(self, other: "Filing") -> "Filing":
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Filing(*(mine + theirs for mine, theirs in pairs))


def take_source(path: Path, *, actor: Actor, now: dt.datetime, source: str | None = None) -> Intake:
    """Keep the parts that a file holds and list what does not fit; statements are not filed yet.

    All in one transaction, in memory bounded by the longest release. The same part again changes
    nothing. Raises UnableToReadSource, after noting the refusal as a run with one issue.
    """
    adapter = _adapter(path, source)
    run = IntakeRun(
        source=adapter.code, filename=path.name, actor_person_id=actor.person_id, started_at=now
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            issues = _land(run, adapter.read(path))
            run.save()
    except UnreadableSourceError as error:
        raise _refuse(run, error) from error
    except OSError as error:
        message = _("{file} cannot be read: {reason}").format(
            file=path.name, reason=error.strerror or str(error)
        )
        raise UnableToReadSource(message, remedy=_("Check the path and its rights.")) from error
    return Intake(run.id, run.source, run.found, run.added, run.known, issues)


def _adapter(path: Path, source: str | None) -> Source:
    if not path.exists():
        message = _("There is no file {file}.").format(file=path)
        raise UnableToReadSource(message, remedy=_("Check the path and its rights."))
    adapter = sources().get(source) if source else find_source(path)
    if adapter is None:
        message = _("No source knows files like {file}.").format(file=path.name)
        known = ", ".join(sources())
        raise UnableToReadSource(message, remedy=_("Name one of: {known}").format(known=known))
    return adapter


def _refuse(run: IntakeRun, error: UnreadableSourceError) -> UnableToReadSource:
    """Note that the file was refused, for whoever looks at the runs; the error to raise."""
    refused = IntakeRun(
        source=run.source,
        filename=run.filename,
        actor_person_id=run.actor_person_id,
        started_at=run.started_at,
        refused_code=error.code,
    )
    fault = Fault(
        error.code, error.what, error.remedy, place=error.place, values=error.values, refused=True
    )
    with transaction.atomic():
        refused.save(force_insert=True)
        _issue(refused, fault).save(force_insert=True)
    message = _("{file}, {place}: {what}").format(
        file=run.filename, place=error.place, what=_(error.what).format(**error.values)
    )
    return UnableToReadSource(message, remedy=_(error.remedy).format(**error.values))


def _land(run: IntakeRun, stream: Iterable[Part | Statement | Fault]) -> int:
    """Write parts and issues in batches; the number of issues."""
    issues = 0
    left_out = ""
    items = iter(stream)
    while batch := list(itertools.islice(items, BATCH)):
        parts = [each for each in batch if isinstance(each, Part)]
        faults = [each for each in batch if isinstance(each, Fault)]
        run.statements += sum(isinstance(each, Statement) for each in batch)
        run.found += len(parts)
        for fault in faults:
            # The faults of one release follow each other; it is one thing found.
            run.found += fault.refused and fault.place != left_out
            left_out = fault.place if fault.refused else left_out
        faults += _keep(run, parts)
        IntakeIssue.objects.bulk_create(_issue(run, fault) for fault in faults)
        issues += len(faults)
    run.found += run.statements
    return issues


def _keep(run: IntakeRun, parts: Sequence[Part]) -> list[Fault]:
    """Write the parts that are new; the faults of those that changed under the same name."""
    if not parts:
        return []
    by_id = {new_id(): part for part in parts}
    sent = json.dumps(
        [
            {
                "id": str(each),
                "process": part.process,
                "part_id": part.part_id,
                "date": part.date.isoformat(),
                "body": part.body,
            }
            for each, part in by_id.items()
        ],
        ensure_ascii=False,
    )
    with connection.cursor() as cursor:
        cursor.execute(_LAND, [run.id, run.source, sent])
        added = len(cursor.fetchall())
        run.added += added
        run.known += len(parts) - added
        if added == len(parts):
            return []
        cursor.execute(_OTHERWISE, [sent, run.source])
        otherwise = cursor.fetchall()
    # The same release written otherwise (other order, other blanks) is the same.
    changed = [
        by_id[each] for each, body in otherwise if json.loads(body) != json.loads(by_id[each].body)
    ]
    return [
        Fault("changed", _CHANGED, _NEW_DATE, place=part.place, process=part.process, refused=True)
        for part in changed
    ]


def _issue(run: IntakeRun, fault: Fault) -> IntakeIssue:
    return IntakeIssue(
        run=run,
        code=fault.code,
        process=fault.process,
        place=fault.place,
        path=fault.path,
        what=fault.what,
        remedy=fault.remedy,
        values=dict(fault.values),
        refused=fault.refused,
    )


def file_statements(
    path: Path, *, actor: Actor, now: dt.datetime, run_id: uuid.UUID
) -> Iterable[Filing]:
    """File what a source states at once (whole notices), one by one, each for itself."""
    run = IntakeRun.objects.get(pk=run_id)
    adapter = sources()[run.source]
    if run.statements:
        for each in adapter.read(path):
            if isinstance(each, Statement):
                yield _file(run, each.filename, None, each, actor=actor, now=now)


def merge_waiting(*, actor: Actor, now: dt.datetime) -> Iterable[Filing]:
    """Merge each process that has new parts and file what it states now, a transaction each.

    Stops after the last one; may be interrupted and run again, also twice at a time.
    """
    while True:
        with transaction.atomic(), reading_one_edition():
            waiting = (
                SourcePart.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("run")
                .filter(merged_at=None)
                .order_by("id")
                .first()
            )
            if waiting is None:
                return
            done = _merge(waiting, actor=actor, now=now)
        yield done


def _merge(waiting: SourcePart, *, actor: Actor, now: dt.datetime) -> Filing:
    rows = SourcePart.objects.select_for_update().filter(
        source=waiting.source, process=waiting.process
    )
    stored = list(rows.order_by("date", "part_id"))
    parts = [Part(row.process, row.part_id, row.date, row.body) for row in stored]
    run = waiting.run
    done = Filing(processes=1)
    for each in sources()[waiting.source].merge(waiting.process, parts):
        if isinstance(each, Fault):
            _issue(run, each).save(force_insert=True)
            done += Filing(refused=1)
        else:
            done += _file(run, each.address or "", waiting.process, each, actor=actor, now=now)
    rows.filter(merged_at=None).update(merged_at=now)
    return done


def _file(
    run: IntakeRun,
    place: str,
    process: str | None,
    statement: Statement,
    *,
    actor: Actor,
    now: dt.datetime,
) -> Filing:
    """File one statement, or note as an issue why it could not be."""
    try:
        with transaction.atomic():
            return _take(statement, process, actor=actor, now=now)
    except HonghuError as error:
        values = {"reason": str(error)}
        fault = Fault(
            error.code, _REFUSED, _SEE, place=place, process=process, values=values, refused=True
        )
        _issue(run, fault).save(force_insert=True)
        return Filing(refused=1)


def _take(statement: Statement, process: str | None, *, actor: Actor, now: dt.datetime) -> Filing:
    reading, address = statement.notice, statement.address
    digest, known = digest_facts(reading), None
    if address is not None:
        known = SourceStatement.objects.filter(address=address).first()
        if known is not None and known.digest == digest:
            return Filing(unchanged=1)
        reading = _gated(reading, process or address, now)
    taken = take_notice(
        content=statement.content,
        filename=statement.filename,
        actor=actor,
        now=now,
        source_url=address,
        reading=reading,
    )
    if address is not None:
        stated = SourceStatement(
            address=address,
            process=process or address,
            digest=digest,
            notice_id=taken.notice_id,
        )
        stated.save(force_insert=known is None, force_update=known is not None)
    if not taken.new:
        return Filing(unchanged=1)
    return Filing(notices=1, review=taken.status == "review")


def digest_facts(notice: ReadNotice) -> str:
    """The SHA-256 of what a statement says, whatever else its bytes hold."""
    facts = [[name, each.state, each.value] for name, each in notice.readings()]
    members = [list(lot.consortium_members) for lot in notice.lots]
    return hashlib.sha256(json.dumps([facts, members]).encode()).hexdigest()


def _gated(notice: ReadNotice, process: str, now: dt.datetime) -> ReadNotice:
    """Send to a person what another system states and no statute's form vouches for: amounts
    beyond the rule book's bounds, and awards or contracts that stand already from elsewhere."""
    on = timezone.localdate(now)
    low, high = (
        get_rule(f"procurement.award_amount_{end}", on=on, region=settings.HONGHU_REGION)
        for end in ("min", "max")
    )
    doubted = dict.fromkeys(
        doubt_amounts(notice, fen_min=low.as_money_fen(), fen_max=high.as_money_fen()), IMPLAUSIBLE
    )
    if notice.kind.value == "award":
        for index, lot in enumerate(notice.lots):
            if _award_stands(notice, lot, process):
                doubted[f"lots[{index}].supplier"] = STANDS_ALREADY
    if notice.kind.value == "contract" and _contract_stands(notice, process):
        doubted["contract_supplier"] = STANDS_ALREADY
    for name, why in doubted.items():
        notice = _doubt(notice, name, why)
    return notice


def _doubt(notice: ReadNotice, name: str, why: str) -> ReadNotice:
    """The notice with one field, as `lots[0].amount` or `contract_amount`, sent to a person."""
    in_lot = _LOT_FIELD.fullmatch(name)
    if in_lot is None:
        return dataclasses.replace(notice, **{name: getattr(notice, name).doubted(why)})
    index, field = int(in_lot[1]), in_lot[2]
    lots = list(notice.lots)
    reading = getattr(lots[index], field).doubted(why)
    lots[index] = dataclasses.replace(lots[index], **{field: reading})
    return dataclasses.replace(notice, lots=tuple(lots))


def _award_stands(notice: ReadNotice, lot: LotReading, process: str) -> bool:
    """Whether the same project awarded to the same supplier is known from another source."""
    if lot.status.certain != "awarded" or lot.supplier.certain is None:
        return False
    standing = Award.objects.filter(
        supplier_name=lot.supplier.certain, status=Award.Status.ACTIVE
    ).exclude(notice__statements__process=process)
    same = standing.filter(project_name=notice.project_name.certain or "")
    if notice.project_no.certain is not None:
        same |= standing.filter(project_no=notice.project_no.certain)
    return same.exists()


def _contract_stands(notice: ReadNotice, process: str) -> bool:
    """Whether a contract of the same supplier and project is known from another source."""
    if notice.contract_supplier.certain is None:
        return False
    standing = Contract.objects.filter(supplier_name=notice.contract_supplier.certain).exclude(
        notice__statements__process=process
    )
    same = standing.filter(project_name=notice.project_name.certain or "")
    if notice.project_no.certain is not None:
        same |= standing.filter(project_no=notice.project_no.certain)
    return same.exists()
