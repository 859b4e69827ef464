"""One entry of camt.053, whose parts differ a little from version to version."""

from lxml import etree

from honghu.domains.statements.readers.camt_parts import (
    child,
    day_of,
    fen_of,
    is_credit,
    line_of,
    required,
    text_of,
)
from honghu.domains.statements.readers.values import TEXT_MAX, Entry

_BOOKED = "BOOK"
_NOT_PROVIDED = "NOTPROVIDED"


def read_entry(element: etree._Element, number: int, currency: str) -> Entry | None:
    """An entry that is booked; null for one that is pending or for information only.

    Raises UnreadableStatementError.
    """
    status = required(element, "Sts")
    # Up to version 7 a code, from 8 on an element with a code in it.
    if (text_of(status, "Cd") or text_of(status)) != _BOOKED:
        return None
    credit = is_credit(element)
    booked = child(element, "BookgDt")
    value = child(element, "ValDt")
    day = day_of(booked if booked is not None else required(element, "ValDt"))
    details = _details(element)
    first = details[0] if details else None
    payer, account = _other_side(first, is_credit=credit)
    return Entry(
        number=number,
        line=line_of(element) or 0,
        direction="credit" if credit else "debit",
        amount_fen=fen_of(element, currency),
        booked_date=day,
        value_date=day_of(value) if value is not None else None,
        reference=text_of(element, "AcctSvcrRef") or text_of(element, "NtryRef") or None,
        payment_no=_payment_no(first),
        payer=payer,
        payer_account=account,
        text=_text(element, details),
        is_reversal=text_of(element, "RvslInd") in {"true", "1"},
        parts=max(len(details), 1),
    )


def _details(element: etree._Element) -> list[etree._Element]:
    groups = element.iterchildren("{*}NtryDtls")
    return [each for group in groups for each in group.iterchildren("{*}TxDtls")]


def _payment_no(details: etree._Element | None) -> str | None:
    found = text_of(details, "Refs", "EndToEndId")
    return found if found and found != _NOT_PROVIDED else None


def _other_side(
    details: etree._Element | None, *, is_credit: bool
) -> tuple[str | None, str | None]:
    """Name and account of who paid in, or was paid out to."""
    if details is None:
        return None, None
    side = "Dbtr" if is_credit else "Cdtr"
    parties = child(details, "RltdPties")
    name = text_of(parties, side, "Nm") or text_of(parties, side, "Pty", "Nm")
    account = text_of(parties, f"{side}Acct", "Id", "IBAN")
    account = account or text_of(parties, f"{side}Acct", "Id", "Othr", "Id")
    return name or None, account or None


def _text(element: etree._Element, details: list[etree._Element]) -> str:
    """All that the entry says of its purpose, each piece once."""
    pieces = [text_of(element, "AddtlNtryInf")]
    for each in details:
        for remittance in each.iterchildren("{*}RmtInf"):
            pieces += map(text_of, remittance.iterchildren("{*}Ustrd"))
            structured = remittance.iterchildren("{*}Strd")
            pieces += [text_of(line, "CdtrRefInf", "Ref") for line in structured]
        pieces.append(text_of(each, "AddtlTxInf"))
    return " ".join(dict.fromkeys(filter(None, pieces)))[:TEXT_MAX]
