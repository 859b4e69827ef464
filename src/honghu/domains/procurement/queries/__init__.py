"""Reads: notices with their spans, awards, contracts; releases and issues of other sources."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from honghu.base.problems import NotFound
from honghu.domains.procurement.models import (
    Award,
    IntakeIssue,
    Notice,
    PublishedRelease,
)
from honghu.domains.procurement.readers.ocds.merging import compile_releases
from honghu.domains.procurement.rules import KnownAward, UnreadableCorrectionError
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.rulesets.queries import get_rule

REASONS = (
    gettext_noop("blanks inside the number"),
    gettext_noop("another figure agrees"),
    gettext_noop("prices per unit together with other figures"),
    gettext_noop("capital numerals and digits differ"),
    gettext_noop("negative number"),
    gettext_noop("commas do not group the digits by three"),
    gettext_noop("prices per unit, no total"),
    gettext_noop("a rate of zero is a placeholder"),
    gettext_noop("foreign currency without an amount in yuan"),
    gettext_noop("fractions of a fen"),
    gettext_noop("a rate per thousand"),
    gettext_noop("digits are masked"),
    gettext_noop("capital numerals cannot be read"),
    gettext_noop("a rate together with other figures"),
    gettext_noop("a rate above 100 %"),
    gettext_noop("several figures in one cell"),
    gettext_noop("the label allows money and a rate"),
    gettext_noop("a rate without a percent sign, not above 1"),
    gettext_noop("0 is a placeholder"),
    gettext_noop("the check digit of the code is wrong"),
    gettext_noop("several rates are printed"),
    gettext_noop("a reduction of half or more: may be a discount rate"),
    gettext_noop("no amount is stated for every lot"),
    gettext_noop("the name is masked"),
    gettext_noop("not shaped like the name of an organisation"),
    gettext_noop("not ending like the name of an organisation"),
    gettext_noop("the award is by rate or unit price, yet an amount is printed"),
    gettext_noop("awarded by rate"),
    gettext_noop("unit prices only"),
    gettext_noop("not stated"),
    gettext_noop("an amount and a rate are both printed"),
    gettext_noop("candidates have no total"),
    gettext_noop("sum of the lots' amounts"),
    gettext_noop("an amount is in doubt"),
    gettext_noop("yuan unless another currency is printed"),
    gettext_noop("bid and item list agree"),
    gettext_noop("only the bid is printed"),
    gettext_noop("the lots' sum differs from the total in the summary"),
    gettext_noop("the lots' sum differs from the stated total"),
    gettext_noop("above the budget"),
    gettext_noop("the agency's fee is higher than the award"),
    gettext_noop("several winners without lot labels and no total to check them against"),
    gettext_noop("rows of the table could not be told apart"),
    gettext_noop("an amount seems to be corrected, but not in a form that can be read"),
    gettext_noop("no content of the correction is found"),
    gettext_noop("what is replaced is not clear"),
    gettext_noop("the name runs together with the cell before it"),
    gettext_noop("stated as nothing"),
    gettext_noop("too long for a number"),
    gettext_noop("several budgets are printed"),
    gettext_noop("no title and no section of a procurement result notice"),
    gettext_noop("a call for tenders"),
    gettext_noop("in the order of the title"),
    gettext_noop("several organisations in one cell and no word of a consortium"),
    gettext_noop("a consortium whose members are not named"),
    gettext_noop("no winner and no failed lot found"),
    gettext_noop("every lot failed"),
    gettext_noop("no unit is printed and no other figure agrees"),
    gettext_noop("digits run together with a neighbouring column"),
    gettext_noop("several amounts are printed for one lot"),
    gettext_noop("in doubt"),
    gettext_noop("glued digits, told apart by another figure"),
    gettext_noop("several amounts are printed"),
    gettext_noop("one agrees with others"),
    gettext_noop("no figure"),
    gettext_noop("not read"),
    gettext_noop("none read"),
    gettext_noop("the award was found by name and buyer only"),
    gettext_noop("the project has several awards"),
    gettext_noop("name the lot that is meant"),
    gettext_noop("confirmed by a person"),
    gettext_noop("an estimate or a ceiling, no exact figure"),
    gettext_noop("a discount in tenths (折)"),
    gettext_noop("the content of the correction is too long to be read"),
    gettext_noop("a sum in the result section was not read"),
    gettext_noop("a successor seems to be named, but not in a form that can be read"),
    gettext_noop("several amounts are corrected, and not each with the label of its lot"),
    gettext_noop("the result of a complaint, an inspection or an acceptance, no award"),
    gettext_noop("below 1000 yuan: 元 may be printed for 万元, or a unit price"),
    gettext_noop("below 1000 yuan though printed in 万元: may be a unit price"),
    gettext_noop("above 500 million yuan: 万元 may be printed for 元"),
    gettext_noop("original amount × exchange rate differs from the amount in yuan"),
    gettext_noop("original amount × exchange rate differs from the amount"),
)
"""Why a field was read as it was, as the reader says it; a longer reason joins several by "; "."""

UNREADABLE = {
    "too_large": gettext_noop("The file is too large for a notice."),
    "empty": gettext_noop("The file is empty."),
    "binary": gettext_noop("It is not a text file; save the page as .html or .txt."),
    "undecodable": gettext_noop("Its encoding is unknown; save the page again as UTF-8."),
}
"""Why a file cannot be taken as text, by the reader's code."""


def reason_text(why: str) -> str:
    """The reader's reason in the language of the page; an unknown one as it stands."""
    joint = pgettext("between reasons", "; ")
    return joint.join(_(part) for part in why.split("; ")) if why else ""


def doubt_text(doubt: str) -> str:
    """A doubt, `field: why`, with its reason in the language of the page."""
    field, _sign, why = doubt.partition(": ")
    return f"{field}: {reason_text(why)}"


def doubts_text(doubtful: Sequence[str]) -> str | None:
    """The doubts as the case keeps them: in the installation's language, one a line."""
    with translation.override(settings.LANGUAGE_CODE):
        return "\n".join(map(doubt_text, doubtful)) or None


def correction_problem(error: UnreadableCorrectionError) -> str:
    """What is wrong with a line of a person's corrections, in the language of the page."""
    if error.field is None:
        return _("Line {line}: write field = value.").format(line=error.line)
    return _("Line {line}: the notice has no field {field}.").format(
        line=error.line, field=error.field
    )


@dataclasses.dataclass(frozen=True, slots=True)
class AwardRow:
    """An award. `amount_fen` and `rate` are null where the notice does not state them."""

    id: uuid.UUID
    notice_id: uuid.UUID
    lot: str | None
    lot_name: str | None
    project_no: str | None
    plan_no: str | None
    project_name: str
    buyer_name: str
    supplier_name: str | None
    supplier_uscc: str | None
    amount_fen: int | None
    rate: Decimal | None
    rate_kind: str | None
    consortium_members: Sequence[str]
    published_date: dt.date | None
    status: str

    @property
    def is_active(self) -> bool:
        """Whether the award stands."""
        return self.status == Award.Status.ACTIVE


_CONTRACTS: Final = """
SELECT id, notice_id, award_id, contract_no, contract_name, supplier_name, buyer_name, amount_fen,
  signed_date, published_date, differences
FROM procurement_contract WHERE award_id = %s ORDER BY id DESC
"""


@dataclasses.dataclass(frozen=True, slots=True)
class ContractRow:
    """A published contract; `differences` names what differs from its award (rule 2)."""

    id: uuid.UUID
    notice_id: uuid.UUID
    award_id: uuid.UUID | None
    contract_no: str | None
    contract_name: str | None
    supplier_name: str | None
    buyer_name: str | None
    amount_fen: int | None
    signed_date: dt.date | None
    published_date: dt.date | None
    differences: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice with every field as it was read."""

    id: uuid.UUID
    sha256: str
    filename: str
    kind: str
    status: str
    version: int
    project_no: str | None
    project_name: str | None
    buyer: str | None
    published_date: dt.date | None
    case_id: uuid.UUID | None
    reader_version: str
    readings: Mapping[str, Mapping[str, Any]]


def _award(row: Award) -> AwardRow:
    return AwardRow(
        row.id,
        row.notice_id,
        row.lot,
        row.lot_name,
        row.project_no,
        row.plan_no,
        row.project_name,
        row.buyer_name,
        row.supplier_name,
        row.supplier_uscc,
        row.amount_fen,
        row.rate,
        row.rate_kind,
        tuple(row.consortium_members),
        row.published_date,
        row.status,
    )


def get_award(award_id: uuid.UUID) -> AwardRow:
    """One award. Raises NotFound."""
    row = Award.objects.filter(pk=award_id).first()
    if row is None:
        message = f"there is no award {award_id}"
        raise NotFound(message)
    return _award(row)


def kindred_awards(award_id: uuid.UUID) -> list[uuid.UUID]:
    """All awards that corrections joined to this one, the earliest first; itself among them.

    Several awards may be replaced by one: then all of them are carried out by its contract.
    """
    last = award_id
    while later := Award.objects.filter(pk=last).values_list("replaced_by", flat=True).first():
        last = later
    known, layer = {last}, {last}
    while layer:
        layer = set(Award.objects.filter(replaced_by__in=layer).values_list("id", flat=True))
        known |= layer
    return sorted(known)


def first_award(award_id: uuid.UUID) -> uuid.UUID:
    """The award that stood first where corrections replaced awards by others; else the award itself.

    All of them are carried out by one contract, so what is lent or locked counts against the first.
    """
    return kindred_awards(award_id)[0]


def list_awards(*, limit: int = 100, before: uuid.UUID | None = None) -> list[AwardRow]:
    """The newest awards; `before` continues after the last id of a page."""
    rows = Award.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_award(row) for row in rows[:limit]]


def awards_of_notice(notice_id: uuid.UUID) -> list[AwardRow]:
    """The awards that a notice made, in the order of its lots."""
    return [_award(row) for row in Award.objects.filter(notice_id=notice_id).order_by("position")]


def contracts_of_award(award_id: uuid.UUID) -> list[ContractRow]:
    """The contracts that carry out an award, the newest first."""
    with prepared_cursor() as cursor:
        cursor.execute(_CONTRACTS, [award_id])
        return [ContractRow(*(*row[:-1], tuple(row[-1]))) for row in cursor.fetchall()]


def get_notice(notice_id: uuid.UUID) -> NoticeRow:
    """One notice with its readings. Raises NotFound."""
    row = Notice.objects.filter(pk=notice_id).first()
    if row is None:
        message = f"there is no notice {notice_id}"
        raise NotFound(message)
    return NoticeRow(
        row.id,
        row.sha256,
        row.filename,
        row.kind,
        row.status,
        row.version,
        row.project_no,
        row.project_name,
        row.buyer,
        row.published_date,
        row.case_id,
        row.reader_version,
        row.readings,
    )


def known_awards(
    *,
    numbers: Sequence[str],
    project_name: str | None,
) -> list[KnownAward]:
    """Standing awards that a later notice may concern: same numbers, or the same project name."""
    standing = Award.objects.filter(status=Award.Status.ACTIVE)
    found = standing.none()
    if numbers:
        found = standing.filter(project_no__in=numbers) | standing.filter(plan_no__in=numbers)
    rows = list(found)
    if not rows and project_name:
        rows = list(standing.filter(project_name=project_name))
    return [
        KnownAward(
            row.id,
            row.project_no,
            row.plan_no,
            row.project_name,
            row.buyer_name,
            row.lot,
            row.supplier_name,
            row.amount_fen,
        )
        for row in rows
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A published OCDS release; `id` is that of its notice and names it to `after`."""

    id: uuid.UUID
    ocid: str
    released_at: dt.datetime
    body: Mapping[str, Any]


def list_releases(*, limit: int = 100, after: uuid.UUID | None = None) -> list[ReleaseRow]:
    """Published releases, the earliest first; `after` continues after the last id of a page.

    Raises NotFound if there is no release `after`.
    """
    rows = PublishedRelease.objects.order_by("released_at", "notice_id")
    if after is not None:
        last = PublishedRelease.objects.filter(pk=after).first()
        if last is None:
            message = _("There is no release {after}.").format(after=after)
            raise NotFound(message, remedy=_("Begin again without `after`."))
        rows = rows.filter(
            models.Q(released_at__gt=last.released_at)
            | models.Q(released_at=last.released_at, notice_id__gt=after)
        )
    return [ReleaseRow(row.notice_id, row.ocid, row.released_at, row.body) for row in rows[:limit]]


def get_record(ocid: str) -> dict[str, Any]:
    """The OCDS record of a process: its releases and what they come to. Raises NotFound."""
    releases = PublishedRelease.objects.filter(ocid=ocid).order_by("released_at", "notice_id")
    rows = [(row.released_at, row.body) for row in releases]
    if not rows:
        message = _("There is no process {ocid}.").format(ocid=ocid)
        raise NotFound(message, remedy=_("See the releases for the processes there are."))
    return {
        "ocid": ocid,
        "releases": [body for _moment, body in rows],
        "compiledRelease": compile_releases(rows),
    }


LOTS_EXTENSION = (
    "https://raw.githubusercontent.com/open-contracting-extensions/"
    "ocds_lots_extension/v1.1.5/extension.json"
)


def package_of(
    uri: str,
    *,
    now: dt.datetime,
    releases: Sequence[Mapping[str, Any]] | None = None,
    records: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """An OCDS 1.1 release package, or a record package; `uri` is where it is read.

    It is dated by the newest release in it, so that the same content is the same package; an empty
    one by `now`.
    """
    items = [*(releases or ()), *(row["compiledRelease"] for row in records or ())]
    dates = [str(each["date"]) for each in items]
    region = settings.HONGHU_REGION
    publisher = get_rule("procurement.publisher", on=timezone.localdate(now), region=region)
    package: dict[str, Any] = {
        "uri": uri,
        "version": "1.1",
        "extensions": [LOTS_EXTENSION],
        "publisher": {"name": publisher.as_text()},
        "publishedDate": max(dates, default=now.isoformat()),
    }
    return package | ({"records": records} if releases is None else {"releases": releases})


def list_ocids(*, limit: int = 100, after: str = "") -> list[str]:
    """The processes with releases, by ocid; `after` continues after the last of a page."""
    found = PublishedRelease.objects.filter(ocid__gt=after).order_by("ocid")
    return list(found.values_list("ocid", flat=True).distinct()[:limit])


@dataclasses.dataclass(frozen=True, slots=True)
class IssueRow:
    """What did not fit in a file, in the language of the reader. `refused`: it was left out."""

    run_id: uuid.UUID
    filename: str
    read_at: dt.datetime
    code: str
    process: str | None
    place: str
    path: str
    what: str
    remedy: str
    refused: bool


def list_issues(
    *, run_id: uuid.UUID | None = None, process: str | None = None, limit: int = 100
) -> list[IssueRow]:
    """The issues of a run or of a process, or all of them, the newest first."""
    rows = IntakeIssue.objects.select_related("run").order_by("-id")
    if run_id is not None:
        rows = rows.filter(run_id=run_id)
    if process is not None:
        rows = rows.filter(process=process)
    return [
        IssueRow(
            row.run_id,
            row.run.filename,
            row.run.started_at,
            row.code,
            row.process,
            row.place,
            row.path,
            _(row.what).format(**row.values),
            _(row.remedy).format(**row.values),
            row.refused,
        )
        for row in rows[:limit]
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeOnDay:
    """A notice that took effect, for counts: what it is, when it was published, its bytes' hash."""

    sha256: str
    kind: str
    published_date: dt.date


def notices_published(*, from_date: dt.date, to_date: dt.date, kind: str) -> list[NoticeOnDay]:
    """The notices of a kind that were published in a span of days, both included."""
    rows = Notice.objects.filter(
        kind=kind, published_date__range=(from_date, to_date), status=Notice.Status.FILED
    ).order_by("published_date", "id")
    return [
        NoticeOnDay(row.sha256, row.kind, row.published_date)
        for row in rows
        if row.published_date is not None
    ]
