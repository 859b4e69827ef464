"""What bank statements declare of themselves."""

from pathlib import Path

from honghu.domains.statements.commands import exceptions, reopening
from honghu.domains.statements.commands.days import file_waiting
from honghu.domains.statements.pages.wording import candidates_named
from honghu.domains.statements.queries.statements import BANK_ROLES, OFFICE_ROLES
from honghu.kernel.modules.module import Door, Entry, Module, Picker
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="statements",
    title=Text("银行对账", "Bank statements"),
    folder=Path(__file__).parent,
    begin_day=file_waiting,
    watch=file_waiting,
    effects={
        "statements.name_exception": exceptions.name_exception,
        "statements.propose_match": exceptions.propose_match,
        "statements.propose_rejection": exceptions.propose_rejection,
        "statements.propose_explanation": exceptions.propose_explanation,
        "statements.verify_exception": exceptions.verify_exception,
    },
    reactions={"payment-retraction.verify": reopening.reopen_entries},
    doors={
        "statement-exception": tuple(
            Door(Text("导入对账单", "Import a statement"), "statement-import", role)
            for role in BANK_ROLES
        )
    },
    pickers={"statement-exception.loan": Picker(candidates_named, is_closed=False)},
    entries=(
        Entry(Text("银行对账单", "Statements"), "statements", (*BANK_ROLES, *OFFICE_ROLES)),
        Entry(Text("导入对账单", "Import a statement"), "statement-import", BANK_ROLES),
    ),
)
