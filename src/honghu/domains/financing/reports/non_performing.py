"""R7: what is overdue and what does not perform, by bank, as lending serves the loans (Gucheng: 0.5 %)."""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Final

from django.utils.translation import gettext as _

from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.served import lent_loans
from honghu.domains.financing.reports.declaration import (
    Behind,
    Question,
    Report,
    ReportRow,
    count_column,
    money_column,
    share,
    share_column,
    text_column,
)
from honghu.domains.lending.queries import LoanRow
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text

BAD: Final = frozenset({"substandard", "doubtful", "loss"})
"""The classes that do not perform (商业银行金融资产风险分类办法, 2023)."""
_OPEN: Final = frozenset({"active", "written_off"})
_Standing = tuple[uuid.UUID, LoanRow]


def rows(question: Question) -> list[ReportRow]:
    """A row for all banks, then for each; the period does not matter, the loans stand as of now."""
    loans = Loan.objects.exclude(lending_id=None).order_by("case_id")
    if question.bank_id is not None:
        loans = loans.filter(bank_id=question.bank_id)
    served = [each for each in lent_loans(loans).items() if each[1].status in _OPEN]
    if not served:
        return []
    banks: dict[uuid.UUID, list[_Standing]] = defaultdict(list)
    for case_id, loan in served:
        banks[loan.lender_id].append((case_id, loan))
    names = organisation_names(banks)
    ordered = sorted(banks, key=lambda bank: names.get(bank, ""))
    today = question.today
    found = [_row(str(bank), names.get(bank, ""), banks[bank], today) for bank in ordered]
    return [_row("all", _("All"), served, today), *found]


def owed_fen(loan: LoanRow) -> int:
    """The principal of a loan that its borrower still owes, written off or not."""
    return loan.written_off_fen if loan.status == "written_off" else loan.owed_principal_fen


def _row(key: str, bank: str, loans: list[_Standing], today: dt.date) -> ReportRow:
    owed = sum(owed_fen(loan) for _case, loan in loans)
    overdue = [loan for _case, loan in loans if loan.days_overdue(today)]
    classed = [loan for _case, loan in loans if loan.risk_class is not None]
    bad = [loan for loan in classed if loan.risk_class in BAD]
    overdue_fen, bad_fen = (sum(map(owed_fen, each)) for each in (overdue, bad))
    classed_fen = sum(map(owed_fen, classed))
    return ReportRow(
        key=key,
        values={
            "bank": bank,
            "loans": len(loans),
            "owed": owed,
            "overdue": len(overdue),
            "overdue_fen": overdue_fen,
            "overdue_share": share(overdue_fen, owed),
            "unclassed": len(loans) - len(classed),
            "bad": len(bad) if classed else None,
            "bad_fen": bad_fen if classed else None,
            "classed_fen": classed_fen if classed else None,
            "bad_share": share(bad_fen, classed_fen),
        },
        behind=tuple(_behind(case_id, loan, loan.days_overdue(today)) for case_id, loan in loans),
    )


def _behind(case_id: uuid.UUID, loan: LoanRow, days: int) -> Behind:
    said = _("overdue by %(days)d days") % {"days": days} if days else _("not overdue")
    return Behind(case_id=case_id, at=loan.maturity_date, amount_fen=owed_fen(loan), note=said)


REPORT: Final = Report(
    code="r7",
    title=Text("逾期和不良情况", "Overdue and non-performing"),
    definition=Text(
        "未结清贷款的现状，与期间无关。逾期率：有到期未付的贷款的本金余额除以全部本金余额；不良率：次级、"
        "可疑、损失类贷款的本金余额除以已分类贷款的本金余额，尚未分类的另列，不当作正常。",
        "Loans that are not settled, as they stand now, whatever the period. Overdue: principal of loans"
        " with something due and unpaid, over all principal. Non-performing: principal of the classes"
        " substandard, doubtful and loss, over that of classified loans; loans not classified yet are"
        " counted apart, not taken for normal.",
    ),
    columns=(
        text_column("bank", "银行", "Bank"),
        count_column("loans", "未结清笔数", "Loans open"),
        money_column("owed", "本金余额（分母）", "Principal owed (denominator)"),
        count_column("overdue", "逾期笔数", "Overdue"),
        money_column("overdue_fen", "逾期贷款本金（分子）", "Principal overdue (numerator)"),
        share_column("overdue_share", "逾期率", "Overdue share"),
        count_column("unclassed", "未分类笔数", "Not classified"),
        count_column("bad", "不良笔数", "Non-performing"),
        money_column("bad_fen", "不良本金（分子）", "Non-performing (numerator)"),
        money_column("classed_fen", "已分类本金（分母）", "Classified (denominator)"),
        share_column("bad_share", "不良率", "Non-performing share"),
    ),
    rows=rows,
    of_banks=True,
)
