"""Files of a bank for tests: camt.053 of any version, CSV; nobody in them exists."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tests import notices

ACCOUNT = "4210830123456789"
TREASURY = "洪湖市国库支付中心"
CONTRACT = f"{notices.NUMBER}-HT"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry; yuan as text, below zero for money out."""

    yuan: str
    payer: str | None = TREASURY
    text: str = f"{CONTRACT} 合同款"
    payment_no: str | None = None
    status: str = "BOOK"
    reversal: bool = False
    parts: int = 1


def camt(
    lines: Sequence[Line],
    *,
    opening: str = "0.00",
    closing: str | None = None,
    day: dt.date = dt.date(2026, 6, 1),
    account: str = ACCOUNT,
    number: str = "S-1",
    sequence: int | None = 1,
    version: str = "08",
    currency: str = "CNY",
) -> bytes:
    """A file with one statement of one day. The closing balance follows unless it is given."""
    booked = sum((Decimal(line.yuan) for line in lines if line.status == "BOOK"), Decimal(0))
    end = closing if closing is not None else f"{Decimal(opening) + booked:.2f}"
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    counted = f"<ElctrncSeqNb>{sequence}</ElctrncSeqNb>" if sequence is not None else ""
    entries = "".join(_entry(line, day, int(version), currency) for line in lines)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{namespace}"><BkToCstmrStmt>
<GrpHdr><MsgId>M-1</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{number}</Id>{counted}<CreDtTm>{day}T20:00:00</CreDtTm>
<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>{currency}</Ccy></Acct>
{_balance("OPBD", opening, day, currency)}
{_balance("CLBD", end, day, currency)}
{entries}</Stmt></BkToCstmrStmt></Document>
""".encode()


def _balance(code: str, yuan: str, day: dt.date, currency: str) -> str:
    side = "DBIT" if yuan.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{yuan.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(line: Line, day: dt.date, version: int, currency: str) -> str:
    side = "DBIT" if line.yuan.startswith("-") else "CRDT"
    party = "Cdtr" if side == "DBIT" else "Dbtr"
    newest = version >= 7
    status = f"<Cd>{line.status}</Cd>" if newest else line.status
    name = f"<Nm>{line.payer}</Nm>"
    parties = f"<{party}><Pty>{name}</Pty></{party}>" if newest else f"<{party}>{name}</{party}>"
    related = f"<RltdPties>{parties}</RltdPties>" if line.payer else ""
    refs = f"<Refs><EndToEndId>{line.payment_no}</EndToEndId></Refs>" if line.payment_no else ""
    details = f"<TxDtls>{refs}{related}<RmtInf><Ustrd>{line.text}</Ustrd></RmtInf></TxDtls>"
    if version > 2:
        amount = f'<Amt Ccy="{currency}">{line.yuan.lstrip("-")}</Amt>'
        amount += f"<CdtDbtInd>{side}</CdtDbtInd>"
        details = details.replace(related or "<RmtInf>", f"{amount}{related or '<RmtInf>'}", 1)
    reversal = "<RvslInd>true</RvslInd>" if line.reversal else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{line.yuan.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"{reversal}<Sts>{status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
        "<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>"
        f"<NtryDtls>{details * line.parts}</NtryDtls></Ntry>\n"
    )


def csv(rows: Sequence[str], *, encoding: str = "utf-8") -> bytes:
    """A CSV with a title above its heads, as banks print it."""
    heads = "交易日期,对方户名,贷方发生额（元）,借方发生额（元）,账户余额,摘要,交易流水号"
    return "\r\n".join(["账户明细", "", heads, *rows, ""]).encode(encoding)
