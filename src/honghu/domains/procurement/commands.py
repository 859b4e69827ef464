"""Writes: take a notice in, let persons decide its doubts, give it effect."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from honghu.base.chinese import parse_chinese_date
from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, Invalid
from honghu.domains.procurement.events import Consequence, NoticeFiled, NoticeTaken
from honghu.domains.procurement.models import Award, Contract, Notice, NoticeLink
from honghu.domains.procurement.queries import (
    UNREADABLE,
    correction_problem,
    doubt_text,
    doubts_text,
    known_awards,
    reason_text,
)
from honghu.domains.procurement.readers import READER_VERSION, UnreadableNoticeError, read_notice
from honghu.domains.procurement.readers import Notice as ReadNotice
from honghu.domains.procurement.rules import (
    KnownAward,
    Link,
    UnreadableCorrectionError,
    contract_differences,
    doubts,
    known_number,
    link_notice,
    parse_corrections,
)
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import Actor

REGISTER = "procurement-notice"

_STATUS = {
    "awarded": Award.Status.ACTIVE,
    "failed": Award.Status.UNSUCCESSFUL,
    "revoked": Award.Status.REVOKED,
}


class UnableToReadNotice(HonghuError):  # noqa: N818 named after what was attempted
    """The file is no procurement notice, or not one that can be read."""

    code = "not-a-notice"


def take_notice(
    *,
    content: bytes,
    filename: str,
    actor: Actor,
    now: dt.datetime,
    source_url: str | None = None,
) -> NoticeTaken:
    """Read a notice and file it, or send what is in doubt to a person.

    The same bytes again change nothing. Other bytes from the same `source_url` are a new version.
    Raises UnableToReadNotice for what is no notice, and evidence's own errors for a file that is
    too large or of a forbidden kind; then nothing is written.
    """
    try:
        read = read_notice(content, name=filename)
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
        reader_version=READER_VERSION,
        readings=readings,
        lot_count=len(read.lots),
        members=[list(lot.consortium_members) for lot in read.lots],
        project_no=known_number(read.project_no.value),
        plan_no=known_number(read.plan_no.value),
        project_name=read.project_name.value,
        buyer=read.buyer.value,
        published_date=_date(read.publish_date.value),
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
            if _value(notice, f"lots[{i}].status") == "awarded"
            and _value(notice, f"lots[{i}].supplier") is None
            and f"lots[{i}].supplier" not in {each.split(":")[0] for each in found}
        ]
        if notice.lot_count == 0:
            found.append("lots: none read")
    if notice.kind in {"correction", "termination"}:
        link = _link(notice)
        if not link.certain:
            found.append("link: the award was found by name and buyer only")
        if notice.kind == "correction" and len(link.awards) > 1 and not _names_lots(notice):
            found.append("lots[0].lot: the project has several awards; name the lot that is meant")
    return found


def _names_lots(notice: Notice) -> bool:
    return any(_value(notice, f"lots[{i}].lot") for i in range(notice.lot_count))


def _value(notice: Notice, field: str) -> str | None:
    """The value of a field when it is certain; a candidate in doubt is no value."""
    reading = notice.readings.get(field)
    if reading is None or reading["state"] != "value":
        return None
    value: str | None = reading["value"]
    return value


def _fen(notice: Notice, field: str) -> int | None:
    value = _value(notice, field)
    if value is None:
        return None
    return int((Decimal(value) * 100).to_integral_exact())


def _date(value: str | None) -> dt.date | None:
    return None if value is None else parse_chinese_date(value)


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
    notice.project_no = known_number(_value(notice, "project_no"))
    notice.project_name = _value(notice, "project_name")
    notice.buyer = _value(notice, "buyer")
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
        effect.case.facts["doubts"] = None
        give_effect(notice)
    else:
        notice.status = Notice.Status.REVIEW
    notice.save(update_fields=["status"])


def discard_notice(effect: Effect) -> None:
    """Effect of `discard`: the notice is kept as evidence and changes nothing."""
    notice = _notice_of(effect)
    notice.status = Notice.Status.DISCARDED
    notice.save(update_fields=["status"])


def give_effect(notice: Notice) -> None:
    """Write what the notice states: awards, a contract, or a change of earlier awards."""
    notice.status = Notice.Status.FILED
    if notice.kind == "award":
        _make_awards(notice)
    elif notice.kind == "contract":
        _file_contract(notice)
    elif notice.kind in {"correction", "termination"}:
        _change_awards(notice)
    if notice.supersedes is not None:
        _supersede(notice.supersedes, notice)


def _supersede(earlier: Notice, notice: Notice) -> None:
    """The earlier version's awards give way to the new version's, each to that of its lot.

    The chain matters: what is lent against the one counts against the other.
    """
    successors = list(notice.awards.all())
    for award in earlier.awards.filter(status=Award.Status.ACTIVE):
        same = [each.id for each in successors if each.lot == award.lot]
        award.status = Award.Status.REPLACED
        award.replaced_by_id = same[0] if len(same) == 1 else None
        award.save(update_fields=["status", "replaced_by"])
    earlier.status = Notice.Status.SUPERSEDED
    earlier.save(update_fields=["status"])


def _make_awards(notice: Notice, *, lots: Sequence[int] | None = None) -> list[uuid.UUID]:
    indexes = range(notice.lot_count) if lots is None else lots
    awards = [_award(notice, index) for index in indexes]
    Award.objects.bulk_create(awards)
    return [award.id for award in awards]


def _award(notice: Notice, index: int) -> Award:
    def value(name: str) -> str | None:
        return _value(notice, f"lots[{index}].{name}")

    rate = value("rate")
    return Award(
        id=new_id(),
        notice=notice,
        position=index,
        lot=value("lot"),
        lot_name=value("lot_name"),
        project_no=notice.project_no,
        plan_no=notice.plan_no,
        project_name=notice.project_name or "",
        buyer_name=notice.buyer or "",
        supplier_name=value("supplier"),
        supplier_uscc=value("supplier_uscc"),
        amount_fen=_fen(notice, f"lots[{index}].amount"),
        rate=Decimal(rate) if rate is not None else None,
        rate_kind=value("rate_kind"),
        currency=value("currency") or "CNY",
        consortium_members=notice.members[index],
        published_date=notice.published_date,
        status=_STATUS.get(value("status") or "", Award.Status.UNSUCCESSFUL),
    )


def _candidates(notice: Notice) -> list[KnownAward]:
    numbers = [n for n in (notice.project_no, notice.plan_no) if n is not None]
    return known_awards(numbers=numbers, project_name=notice.project_name)


def _link(notice: Notice) -> Link:
    return link_notice(
        project_no=notice.project_no,
        plan_no=notice.plan_no,
        project_name=notice.project_name,
        buyer=notice.buyer,
        lots=[_value(notice, f"lots[{i}].lot") for i in range(notice.lot_count)],
        known=_candidates(notice),
    )


def _file_contract(notice: Notice) -> None:
    supplier = _value(notice, "contract_supplier")
    amount_fen = _fen(notice, "contract_amount")
    if notice.lot_count == 1:
        supplier = supplier or _value(notice, "lots[0].supplier")
        amount_fen = amount_fen or _fen(notice, "lots[0].amount")
    known = _candidates(notice)
    wanted = set(_link(notice).awards)
    linked = [award for award in known if award.id in wanted]
    if len(linked) > 1:
        linked = [award for award in linked if award.supplier_name == supplier] or linked
    award = linked[0] if len(linked) == 1 else None
    differing = (
        contract_differences(
            award,
            supplier=supplier,
            buyer=notice.buyer,
            project_no=notice.project_no,
            amount_fen=amount_fen,
        )
        if award is not None
        else ["award"]
    )
    Contract.objects.create(
        notice=notice,
        award_id=award.id if award else None,
        contract_no=_value(notice, "contract_no"),
        contract_name=_value(notice, "contract_name"),
        project_no=notice.project_no,
        project_name=notice.project_name,
        buyer_name=notice.buyer,
        supplier_name=supplier,
        amount_fen=amount_fen,
        signed_date=_date(_value(notice, "signed_on")),
        published_date=notice.published_date,
        differences=differing,
    )


_EFFECTS: dict[str, tuple[Consequence, str]] = {
    "replace_winner": ("replaced", Award.Status.REPLACED),
    "replace_amount": ("replaced", Award.Status.REPLACED),
    "replace_amount_by_rate": ("replaced", Award.Status.REPLACED),
    "revoke_lot": ("revoked", Award.Status.REVOKED),
    "revoke_supplier": ("revoked", Award.Status.REVOKED),
}


def _change_awards(notice: Notice) -> None:
    """A correction replaces or revokes, a termination ends, the awards that it is linked to."""
    link = _link(notice)
    consequence: Consequence = "terminated"
    status: str = Award.Status.TERMINATED
    if notice.kind == "correction":
        effect = _value(notice, "effect")
        consequence, status = _EFFECTS.get(effect or "", ("none", ""))
        if consequence == "none":
            return
    concerned = Award.objects.filter(pk__in=link.awards, status=Award.Status.ACTIVE)
    if _value(notice, "effect") == "revoke_supplier":
        names = {_value(notice, f"lots[{i}].supplier") for i in range(notice.lot_count)} - {None}
        concerned = concerned.filter(supplier_name__in=names) if names else concerned
    affected = list(concerned.values_list("id", flat=True))
    NoticeLink.objects.bulk_create(
        NoticeLink(notice=notice, award_id=each, basis=link.basis, confirmed=True)
        for each in affected
    )
    made: list[uuid.UUID] = []
    if consequence == "replaced":
        standing = [
            i for i in range(notice.lot_count) if _value(notice, f"lots[{i}].status") == "awarded"
        ]
        made = _make_awards(notice, lots=standing)
    replaced_by: dict[str, Any] = {"replaced_by_id": made[0]} if len(made) == 1 else {}
    Award.objects.filter(pk__in=affected).update(status=status, **replaced_by)


def outcome_of(notice_id: uuid.UUID) -> NoticeFiled | None:
    """What a filed notice brought about, for modules that react; null if it is not filed."""
    notice = (
        Notice.objects.select_related("supersedes")
        .filter(pk=notice_id, status=Notice.Status.FILED)
        .first()
    )
    if notice is None:
        return None
    made = list(notice.awards.order_by("position").values_list("id", flat=True))
    affected = list(notice.links.values_list("award_id", flat=True))
    if notice.supersedes is not None:
        affected += notice.supersedes.awards.values_list("id", flat=True)
    contract = Contract.objects.filter(notice=notice).first()
    if contract is not None and contract.award_id is not None:
        affected.append(contract.award_id)
    return NoticeFiled(
        notice.id,
        notice.kind,
        _consequence(notice),
        made,
        affected,
        contract.id if contract else None,
    )


def _consequence(notice: Notice) -> Consequence:
    """What the notice means for the awards that it affects."""
    match notice.kind:
        case "award":
            return "awarded" if notice.supersedes is None else "replaced"
        case "contract":
            return "contracted"
        case "termination":
            return "terminated"
        case "correction":
            return _EFFECTS.get(_value(notice, "effect") or "", ("none", ""))[0]
        case _:
            return "none"
