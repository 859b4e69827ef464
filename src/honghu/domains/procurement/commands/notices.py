"""Writes: take a notice in, let persons decide its doubts, give it effect."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError, Invalid
from honghu.domains.procurement.commands.filing import give_effect
from honghu.domains.procurement.commands.values import day_of, link_of, value_of
from honghu.domains.procurement.events import NoticeTaken
from honghu.domains.procurement.models import Award, Notice
from honghu.domains.procurement.queries import (
    UNREADABLE,
    correction_problem,
    doubt_text,
    doubts_text,
    reason_text,
)
from honghu.domains.procurement.readers import Notice as ReadNotice
from honghu.domains.procurement.readers import UnreadableNoticeError, is_of_pages, read_notice
from honghu.domains.procurement.readers.ocds.statements import STANDS_ALREADY
from honghu.domains.procurement.rules import (
    UnreadableCorrectionError,
    doubts,
    known_number,
    parse_corrections,
)
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import Actor

REGISTER = "procurement-notice"


class UnableToReadNotice(HonghuError):  # noqa: N818 named after what was attempted
    """The file is no procurement notice, or not one that can be read."""

    code = "not-a-notice"


class NoticeSuperseded(Conflict):
    """A newer version of the notice took effect while this one waited for a person."""

    code = "notice-superseded"


def take_notice(
    *,
    content: bytes,
    filename: str,
    actor: Actor,
    now: dt.datetime,
    source_url: str | None = None,
    reading: ReadNotice | None = None,
) -> NoticeTaken:
    """Read a notice and file it, or send what is in doubt to a person.

    The same bytes again change nothing. Other bytes from the same `source_url` are a new version.
    `reading` is given where a source has read these bytes already.
    Raises UnableToReadNotice for what is no notice, and evidence's own errors for a file that is
    too large or of a forbidden kind; then nothing is written.
    """
    try:
        read = reading or read_notice(content, name=filename)
    except UnreadableNoticeError as error:
        problem = _(UNREADABLE[error.code])
        message = _("%(file)s: %(problem)s") % {"file": filename, "problem": problem}
        raise UnableToReadNotice(
            message, remedy=_("Send the page of the notice itself.")
        ) from error
    kind = read.kind.value
    if kind in (None, "unknown"):
        message = _("{file} is no procurement notice: {why}").format(
            file=filename, why=reason_text("; ".join(read.reasons))
        )
        raise UnableToReadNotice(message, remedy=_("Send the page of the notice itself."))
    known = Notice.objects.filter(sha256=read.sha256).first()
    if known is not None:
        return NoticeTaken(known.id, known.case_id, known.kind, known.status, new=False)
    stored = store_evidence(content=content, filename=filename, actor=actor, now=now, kind="notice")
    try:
        return _receive(read, str(kind), filename, source_url, stored.sha256, actor=actor, now=now)
    except IntegrityError:
        # Somebody else has taken the same bytes in at the same moment.
        known = Notice.objects.filter(sha256=read.sha256).first()
        if known is None:
            raise
        return NoticeTaken(known.id, known.case_id, known.kind, known.status, new=False)


def _receive(
    read: ReadNotice,
    kind: str,
    filename: str,
    source_url: str | None,
    sha256: str,
    *,
    actor: Actor,
    now: dt.datetime,
) -> NoticeTaken:
    """File the notice as read, in one transaction."""
    with transaction.atomic():
        notice = _insert(read, kind, filename, source_url, now)
        doubtful = _doubts(notice)
        done = open_case(
            REGISTER,
            action="receive",
            actor=actor,
            now=now,
            idempotency_key=f"notice:{read.sha256}",
            form={
                "notice": str(notice.id),
                "kind": notice.kind,
                "project_name": notice.project_name,
                "project_no": notice.project_no,
                "buyer": notice.buyer,
                "published_on": notice.published_date and notice.published_date.isoformat(),
                "doubts": doubts_text(doubtful),
                "result": "review" if doubtful else "filed",
            },
            evidence={"notice": [sha256]},
        )
    notice.refresh_from_db()
    return NoticeTaken(notice.id, done.case_id, notice.kind, notice.status, new=True)


def _insert(
    read: ReadNotice, kind: str, filename: str, source_url: str | None, now: dt.datetime
) -> Notice:
    earlier = None
    if source_url is not None:
        earlier = Notice.objects.filter(source_url=source_url, superseded_by=None).first()
    readings = {
        name: {
            "state": reading.state,
            "value": reading.value,
            "span": list(reading.span) if reading.span else None,
            "why": reading.why,
        }
        for name, reading in read.readings()
    }
    return Notice.objects.create(
        sha256=read.sha256,
        filename=filename,
        source_url=source_url,
        kind=kind,
        status=Notice.Status.REVIEW,
        version=earlier.version + 1 if earlier else 1,
        supersedes=earlier,
        reader_version=read.reader_version,
        readings=readings,
        lot_count=len(read.lots),
        members=[list(lot.consortium_members) for lot in read.lots],
        project_no=known_number(read.project_no.value),
        plan_no=known_number(read.plan_no.value),
        project_name=read.project_name.value,
        buyer=read.buyer.value,
        published_date=day_of(read.publish_date.value),
        received_at=now,
    )


def _doubts(notice: Notice) -> list[str]:
    """Fields in doubt, and the two things that only a person may settle: a supplier that nobody
    read, and a link to an award that rests on names alone."""
    found = doubts(notice.readings, notice.kind)
    if notice.kind == "award":
        found += [
            f"lots[{i}].supplier: not read"
            for i in range(notice.lot_count)
            if value_of(notice, f"lots[{i}].status") == "awarded"
            and value_of(notice, f"lots[{i}].supplier") is None
            and f"lots[{i}].supplier" not in {each.split(":")[0] for each in found}
        ]
        if notice.lot_count == 0:
            found.append("lots: none read")
        found += [
            f"lots[{i}].supplier: {STANDS_ALREADY}"
            for i in range(notice.lot_count)
            if _known_elsewhere(notice, value_of(notice, f"lots[{i}].supplier"))
        ]
    if notice.kind in {"correction", "termination"}:
        link = link_of(notice)
        if not link.certain:
            found.append("link: the award was found by name and buyer only")
        if notice.kind == "correction" and len(link.awards) > 1 and not _names_lots(notice):
            found.append("lots[0].lot: the project has several awards; name the lot that is meant")
    return found


def _known_elsewhere(notice: Notice, supplier: str | None) -> bool:
    """Whether a page states an award that another source, such as an OCDS file, stated before.

    Filed twice, it would be lent against twice. What sources state is compared when it arrives.
    """
    if supplier is None or not is_of_pages(notice.reader_version):
        return False
    standing = Award.objects.filter(
        supplier_name=supplier, status=Award.Status.ACTIVE, notice__statements__isnull=False
    )
    same = standing.filter(project_name=notice.project_name or "")
    if notice.project_no is not None:
        same |= standing.filter(project_no=notice.project_no)
    return same.exists()


def _names_lots(notice: Notice) -> bool:
    return any(value_of(notice, f"lots[{i}].lot") for i in range(notice.lot_count))


def _notice_of(effect: Effect) -> Notice:
    return Notice.objects.select_for_update().get(pk=effect.case.facts["notice"])


def file_notice(effect: Effect) -> None:
    """Effect of `receive`: bind the notice to its case; give it effect if nothing is in doubt."""
    notice = _notice_of(effect)
    notice.case_id = effect.case.id
    effect.case.title = notice.project_name or notice.filename
    if effect.result == "filed":
        give_effect(notice)
    notice.save(update_fields=["case_id", "status"])


def confirm_reading(effect: Effect) -> None:
    """Effect of `confirm`: a person states the doubtful fields.

    Raises Invalid naming the line, or the fields that are still in doubt.
    """
    notice = _notice_of(effect)
    try:
        corrected = parse_corrections(effect.form["corrections"], notice.readings)
    except UnreadableCorrectionError as error:
        message = correction_problem(error)
        raise Invalid(message, fields={"corrections": message}) from error
    for field, value in corrected.items():
        _check_corrected(field, value)
        notice.readings[field] = {
            "state": "absent" if value is None else "value",
            "value": value,
            "span": notice.readings[field].get("span"),
            "why": f"confirmed by a person; {effect.step_id}",
        }
    left = doubts(notice.readings, notice.kind)
    if left:
        message = "; ".join(doubt_text(doubt) for doubt in left)
        raise Invalid(
            message,
            remedy=_("State each of these fields, or write none."),
            fields={"corrections": message},
        )
    notice.project_no = known_number(value_of(notice, "project_no"))
    notice.project_name = value_of(notice, "project_name")
    notice.buyer = value_of(notice, "buyer")
    notice.status = Notice.Status.CONFIRMED
    notice.save(update_fields=["readings", "project_no", "project_name", "buyer", "status"])


def _check_corrected(field: str, value: str | None) -> None:
    """Amounts and rates must be plain decimal numbers. Raises Invalid."""
    if value is None or not field.endswith(("amount", "rate", "total")):
        return
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0:
        message = _("{field}: {value} is no amount; write yuan like 1280000.00").format(
            field=field, value=value
        )
        raise Invalid(message, fields={"corrections": message})


def verify_reading(effect: Effect) -> None:
    """Effect of `verify`: another person agrees, and the notice takes effect; or it goes back."""
    notice = _notice_of(effect)
    if effect.result == "passed":
        if _newer_in_effect(notice):
            message = _("A newer version of this notice has taken effect.")
            raise NoticeSuperseded(message, remedy=_("Discard this one."))
        effect.case.facts["doubts"] = None
        give_effect(notice)
    else:
        notice.status = Notice.Status.REVIEW
    notice.save(update_fields=["status"])


def _newer_in_effect(notice: Notice) -> bool:
    """Whether a later version of the notice has taken effect already."""
    later = Notice.objects.filter(supersedes=notice).first()
    while later is not None:
        if later.status == Notice.Status.FILED:
            return True
        later = Notice.objects.filter(supersedes=later).first()
    return False


def discard_notice(effect: Effect) -> None:
    """Effect of `discard`: the notice is kept as evidence and changes nothing."""
    notice = _notice_of(effect)
    notice.status = Notice.Status.DISCARDED
    notice.save(update_fields=["status"])
