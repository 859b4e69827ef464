"""One bank's statement of a locked account: what is certain, what two houses settle, what waits."""

import datetime as dt
import io
from typing import Final

from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.commands.importing import take_statements
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.lending import BY_STATEMENT, Served, served_loans, settle_loan

_DAY: Final = dt.date(2024, 1, 31)
_TREASURY: Final = "洪湖市国库支付中心"


def load(county: SampleCounty) -> None:
    """Bring the statement in, settle one of its exceptions, and the loan with it."""
    loans = served_loans()
    if not loans:
        return
    loan = loans[BY_STATEMENT]
    at = county.at(_DAY + dt.timedelta(days=1))
    contract = find_case(loan.case_id, actor=SYSTEM, now=at)
    (taken,) = take_statements(
        io.BytesIO(_file(loan, contract.facts["contract_no"])),
        filename=f"对账单-{_DAY:%Y%m}.csv",
        actor=loan.manager,
        now=at,
        terms=CsvTerms(account_no=loan.account_no),
    )
    continue_filing(now=at, statement_id=taken.id)
    doubtful = Case.objects.get(register="statement-exception", facts__reason="no-number")
    grounds = {"loan": contract.number, "grounds": "金额与合同尾款一致，国库已核对"}
    county.move(
        doubtful.id, "match", loan.manager, county.at(_DAY, 10) + dt.timedelta(days=2), grounds
    )
    treasury = county.person("付对清", county.organisation(_TREASURY, "office"), ["treasury"])
    at = county.at(_DAY + dt.timedelta(days=3))
    check = county.paper(treasury, at, "国库集中支付凭证")
    county.move(
        doubtful.id, "verify", treasury, at, {"result": "passed"}, evidence={"check": [check]}
    )
    office = county.organisation("洪湖市财政局政府采购管理办公室", "office")
    head = county.person("柴复核", office, ["procurement_office"])
    settle_loan(county, head, loan, _DAY + dt.timedelta(days=6))


def _file(loan: Served, contract_no: str) -> bytes:
    """A CSV as a bank's desk prints it; the balances add up."""
    first = loan.price_fen * 6 // 10
    entries = (
        (dt.date(2024, 1, 8), _TREASURY, first, f"{contract_no} 进度款"),
        (dt.date(2024, 1, 11), "洪湖市藕塘商贸有限公司", 8_800, "往来款"),
        (dt.date(2024, 1, 19), "", 12_000, "现金存入"),
        (dt.date(2024, 1, 26), _TREASURY, loan.price_fen - first, "尾款"),
    )
    rows, balance = [], 0
    for number, (day, payer, fen, text) in enumerate(entries, 1):
        balance += fen
        rows.append(
            f"{day},{payer},{_yuan(fen)},,{_yuan(balance)},{text},LS{day:%Y%m%d}{number:02d}"
        )
    heads = "交易日期,对方户名,贷方发生额（元）,借方发生额（元）,账户余额,摘要,交易流水号"
    return "\r\n".join(["账户明细", "", heads, *rows, ""]).encode()


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
