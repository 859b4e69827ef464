"""What lending declares of itself."""

from pathlib import Path

from honghu.domains.lending.pages.loan import case_panel
from honghu.kernel.modules.module import Module, Panel
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="lending",
    title=Text("贷款服务", "Lending"),
    folder=Path(__file__).parent,
    panels={
        "financing-loan": (
            Panel(Text("贷款账户", "Loan account"), "lending/case_panel.html", case_panel),
        )
    },
)
