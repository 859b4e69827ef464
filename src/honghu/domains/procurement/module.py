"""What procurement declares of itself."""

from pathlib import Path

from honghu.domains.procurement import commands
from honghu.domains.procurement.commands.releases import publish_release
from honghu.domains.procurement.events import FILED_BY
from honghu.domains.procurement.pages import CLERK, readings_panel
from honghu.kernel.modules.module import Door, Module, Panel
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="procurement",
    title=Text("政府采购公告", "Procurement notices"),
    folder=Path(__file__).parent,
    effects={
        "procurement.file_notice": commands.file_notice,
        "procurement.confirm_reading": commands.confirm_reading,
        "procurement.verify_reading": commands.verify_reading,
        "procurement.discard_notice": commands.discard_notice,
    },
    reactions=dict.fromkeys(FILED_BY, publish_release),
    panels={
        "procurement-notice": (
            Panel(Text("读取结果", "As read"), "procurement/readings.html", readings_panel),
        )
    },
    doors={
        "procurement-notice": (Door(Text("读入公告", "Take notices in"), "take-notices", CLERK),)
    },
)
