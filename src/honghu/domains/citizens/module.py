"""What public reports declare of themselves."""

from pathlib import Path

from honghu.domains.citizens.commands import following, reports
from honghu.domains.citizens.pages.panels import filing_panel, reporter_panel, similar_panel
from honghu.kernel.cases.effects import ANY
from honghu.kernel.modules.module import Module, Panel
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="citizens",
    title=Text("群众上报", "Public reports"),
    folder=Path(__file__).parent,
    begin_day=following.begin_day,
    effects={
        "citizens.take_report": reports.take_report,
        "citizens.release_report": reports.release_report,
        "citizens.refuse_report": reports.refuse_report,
        "citizens.merge_report": reports.merge_report,
        "citizens.rate_report": reports.rate_report,
    },
    reactions={ANY: reports.follow_filed_case},
    panels={
        "public-report": (
            Panel(Text("上报人所述", "In the reporter's words"), "citizens/panel_reporter.html", reporter_panel),
            Panel(Text("转入清单办理", "File it in a register"), "citizens/panel_filing.html", filing_panel),
            Panel(Text("可能相同的上报", "Reports that may be the same"), "citizens/panel_similar.html", similar_panel),
        ),
    },
)  # fmt: skip
