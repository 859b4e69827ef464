"""Reading one notice, from bytes to fields."""

import dataclasses
import hashlib
import re

from honghu.domains.procurement.readers.awards import build_lots, read_award_zone, total_reading
from honghu.domains.procurement.readers.bids import add_bid_price
from honghu.domains.procurement.readers.checks import (
    cross_check,
    only_winner,
    unread_sum,
)
from honghu.domains.procurement.readers.contracts import (
    read_attachments,
    read_contract,
    read_performance,
)
from honghu.domains.procurement.readers.corrections import read_correction
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.failures import read_failures
from honghu.domains.procurement.readers.header import (
    read_budget,
    read_financing_channel,
    read_labelled_date,
    read_parties,
    read_plan_no,
    read_project_name,
    read_project_no,
    read_publish_date,
)
from honghu.domains.procurement.readers.kinds import find_title, read_kind, repeated_notice
from honghu.domains.procurement.readers.lotlabels import add_labels
from honghu.domains.procurement.readers.markup import page_from_source
from honghu.domains.procurement.readers.page import decode
from honghu.domains.procurement.readers.repeats import count_once
from honghu.domains.procurement.readers.supplements import add_from_supplement
from honghu.domains.procurement.readers.values import ABSENT, LotReading, Notice, Reading
from honghu.domains.procurement.readers.witnesses import find_witnesses

READER_VERSION = "3"
_STATUS = {"award": "awarded", "pre_award": "proposed", "candidate": "candidate"}


def is_of_pages(reader_version: str) -> bool:
    """Whether this reader, in any version, read a page: other sources bear a name in theirs."""
    return reader_version.isdecimal()


def read_notice(content: bytes, *, name: str) -> Notice:
    """Read a procurement notice. Pure and deterministic: same bytes and name, same result.

    Every field is stated with its place, absent, or sent to a person (``Reading``). No rate is
    ever turned into money and no doubtful amount is ``value``. A text that is no result notice
    has kind ``unknown`` and ``reasons``. Raises UnreadableNoticeError for files that are no text.
    """
    source = decode(content, name=name)
    page = page_from_source(source)
    facts = Facts.of(page)
    facts.title = find_title(facts)
    again = repeated_notice(facts)
    if again is not None:
        title = facts.title
        facts = Facts.of(page.until(again))
        facts.title, facts.nested = title, True
    kind, reasons = read_kind(facts)
    blank = Notice(
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        reader_version=READER_VERSION,
        source=source,
        text=page.text,
        title=facts.title,
        kind=kind,
        reasons=tuple(reasons),
    )
    if kind.value == "unknown":
        return blank
    notice = _with_header(facts, blank)
    if kind.value == "tender":
        return notice
    if kind.value == "contract":
        return _contract(facts, notice)
    if kind.value == "correction":
        return _correction(facts, notice)
    if kind.value == "termination":
        return _termination(facts, notice)
    return _award(facts, notice, _STATUS[kind.value or "award"])


def _with_header(facts: Facts, notice: Notice) -> Notice:
    buyer, agency = read_parties(facts)
    return dataclasses.replace(
        notice,
        project_no=read_project_no(facts),
        plan_no=read_plan_no(facts),
        project_name=read_project_name(facts),
        buyer=buyer,
        agency=agency,
        publish_date=read_publish_date(facts),
        currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
        budget=read_budget(facts),
        financing_channel=read_financing_channel(facts),
        attachments=read_attachments(facts),
    )


def _award(facts: Facts, notice: Notice, status: str) -> Notice:
    zone = read_award_zone(facts, notice.kind.value or "award")
    witnesses = find_witnesses(facts, zone)
    lots = count_once(build_lots(facts, zone, witnesses, status), zone, witnesses)
    lots = only_winner(lots, witnesses)
    lots = [_not_the_buyer(lot, notice.buyer) for lot in add_from_supplement(facts, lots)]
    lots = add_bid_price(facts, lots)
    lots = add_labels(facts, lots)
    lots.extend(read_failures(facts, lots))
    lots = cross_check(facts, zone, lots, witnesses, notice.budget)
    total = total_reading(lots)
    unread = unread_sum(facts, zone, lots, witnesses)
    if unread is not None and total.state == "value":
        total = total.doubted(unread)
    reasons = notice.reasons
    kind = notice.kind
    if not lots:
        reasons = (*reasons, "no winner and no failed lot found")
    elif all(lot.status.value == "failed" for lot in lots):
        kind = Reading.stated("termination", notice.kind.span, "every lot failed")
    return dataclasses.replace(notice, kind=kind, lots=tuple(lots), total=total, reasons=reasons)


def _not_the_buyer(lot: LotReading, buyer: Reading) -> LotReading:
    """A buyer does not win its own procurement: a row was taken wrongly."""
    if lot.supplier.certain is None or lot.supplier.value != buyer.value:
        return lot
    why = "in doubt"
    amount = lot.amount.doubted(why) if lot.amount.value else lot.amount
    return dataclasses.replace(lot, supplier=lot.supplier.doubted(why), amount=amount)


def _correction(facts: Facts, notice: Notice) -> Notice:
    correction = read_correction(facts)
    lots = correction.lots
    single = [lot for lot in lots if lot.status.value == "awarded"]
    return dataclasses.replace(
        notice,
        first_notice_date=read_labelled_date(facts, "first_notice_date", "首次公告日期"),
        correction_date=read_labelled_date(facts, "correction_date", "更正日期"),
        effect=correction.effect,
        lots=tuple(lots),
        total=total_reading(single) if single else ABSENT,
    )


def _contract(facts: Facts, notice: Notice) -> Notice:
    contract = read_contract(facts)
    start, end = read_performance(facts)
    signed = read_labelled_date(facts, "signed_on", "签订日期")
    return dataclasses.replace(
        notice,
        contract_no=contract.number,
        contract_name=contract.name,
        contract_amount=contract.amount,
        contract_supplier=contract.supplier,
        signed_on=signed,
        performance_from=start,
        performance_to=end,
        lots=tuple(contract.lots),
        total=total_reading(contract.lots),
    )


def _termination(facts: Facts, notice: Notice) -> Notice:
    zone = read_award_zone(facts, "award")
    failed = [entry for entry in zone.entries if entry.failed and entry.supplier is None]
    witnesses = find_witnesses(facts, zone)
    zone.entries = failed
    lots = build_lots(facts, zone, witnesses, "awarded") if failed else []
    if not any(lot.lot.value for lot in lots):
        named = read_failures(facts, [])
        lots = named or lots[:1] or [_whole_project(facts)]
    lots.sort(key=_lot_order)
    return dataclasses.replace(notice, lots=tuple(lots))


def _lot_order(lot: LotReading) -> tuple[int, str]:
    label = lot.lot.value or ""
    return (int(label) if label.isdigit() else 0, label)


_REASON_SECTION = "reason"
_SENTENCE = re.compile(r"[^\n]+")


def _whole_project(facts: Facts) -> LotReading:
    """The one lot of a project that failed as a whole, with the printed reason."""
    reason = ABSENT
    for section in facts.topics(_REASON_SECTION):
        for line in facts.lines(section.body, section.end):
            reason = Reading.stated(line.text, facts.page.span(line))
            break
        if reason.value is not None:
            break
    return LotReading(
        currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
        status=Reading.stated("failed", reason.span),
        reason=reason,
    )
