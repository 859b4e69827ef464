"""What urban management declares of itself."""

from pathlib import Path

from honghu.domains.urban import commands
from honghu.kernel.modules.module import Layer, Module
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="urban",
    title=Text("城市管理", "Urban management"),
    folder=Path(__file__).parent,
    effects={
        "urban.collect_problem": commands.collect_problem,
        "urban.merge_problem": commands.merge_problem,
        "urban.decide_on_site": commands.decide_on_site,
        "urban.dispatch_problem": commands.dispatch_problem,
        "urban.draft_standard": commands.draft_standard,
        "urban.register_vehicle": commands.register_vehicle,
        "urban.mark_vehicle": commands.mark_vehicle,
        "urban.log_use": commands.log_use,
        "urban.log_activity": commands.log_activity,
        "urban.name_legal_case": commands.name_legal_case,
    },
    layers={"urban-problem": (Layer("grids", Text("单元网格", "Grids")),)},
)
