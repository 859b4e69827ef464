"""What lending declares of itself."""

from pathlib import Path

from honghu.domains.lending.closing import class_cases
from honghu.domains.lending.jobs import close_days
from honghu.domains.lending.pages.access import sees_loan_of_case
from honghu.domains.lending.pages.loan import case_panel
from honghu.domains.lending.rules.roles import BORROWER_ROLES, LENDER_ROLES, OVERSEER_ROLES
from honghu.kernel.modules.module import Entry, Module, Panel
from honghu.kernel.registers.model import Text

_INSIDE = (*LENDER_ROLES, *OVERSEER_ROLES)
_ALL = (*_INSIDE, *BORROWER_ROLES)

MODULE = Module(
    code="lending",
    title=Text("贷款服务", "Lending"),
    folder=Path(__file__).parent,
    panels={
        "financing-loan": (
            Panel(
                Text("贷款账户", "Loan account"),
                "lending/case_panel.html",
                case_panel,
                sees=sees_loan_of_case,
            ),
        )
    },
    effects={
        "lending.lower_class": class_cases.lower_class,
        "lending.propose_better_class": class_cases.propose_better_class,
        "lending.verify_class": class_cases.verify_class,
    },
    begin_day=close_days,
    entries=(
        Entry(Text("贷款", "Loans"), "loans", _ALL),
        Entry(Text("贷款组合", "Loan portfolio"), "loan-portfolio", _INSIDE),
        Entry(Text("贷款计算器", "Loan calculator"), "loan-calculator", _ALL),
    ),
)
