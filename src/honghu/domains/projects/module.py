"""What key projects declare of themselves."""

from pathlib import Path

from honghu.domains.projects import commands
from honghu.domains.projects.pages import gates_panel, ratings_panel
from honghu.kernel.modules.module import Module, Panel
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="projects",
    begin_day=commands.begin_day,
    title=Text("重点项目", "Key projects"),
    folder=Path(__file__).parent,
    effects={
        "projects.enter_project": commands.enter_project,
        "projects.adopt_plan": commands.adopt_plan,
        "projects.agree_plan": commands.agree_plan,
        "projects.enter_stage": commands.enter_stage,
        "projects.check_gate": commands.check_gate,
        "projects.record_production": commands.record_production,
        "projects.rate_progress": commands.rate_progress,
        "projects.split_project": commands.split_project,
        "projects.merge_project": commands.merge_project,
        "projects.absorb_project": commands.absorb_project,
        "projects.join_project": commands.join_project,
        "projects.collect_issue": commands.collect_issue,
        "projects.raise_missing": commands.raise_missing,
        "projects.issue_minutes": commands.issue_minutes,
        "projects.name_resolution": commands.name_resolution,
        "projects.supervise_resolution": commands.supervise_resolution,
    },
    panels={
        "key-project": (
            Panel(Text("月度亮灯", "Monthly ratings"), "projects/table.html", ratings_panel),
            Panel(Text("未过的关口", "Gates that are shut"), "projects/table.html", gates_panel),
        )
    },
)
