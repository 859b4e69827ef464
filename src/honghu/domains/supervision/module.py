"""What supervision declares of itself."""

from pathlib import Path

from honghu.domains.supervision import commands
from honghu.domains.supervision.commands import ladder
from honghu.domains.supervision.pages import card_panel, proposals_panel, urgings_panel
from honghu.kernel.modules.module import EVERY_REGISTER, Module, Panel
from honghu.kernel.registers.model import Text

_EFFECTS = (
    commands.ask_extension,
    commands.assign_subtask,
    commands.check_decomposed,
    commands.check_subtasks,
    commands.close_meeting,
    commands.confirm_task,
    commands.count_return,
    commands.decide_extension,
    commands.draft_task,
    commands.drop_task,
    commands.issue_slip,
    commands.name_bulletin,
    commands.name_meeting,
    ladder.name_rung,
    commands.propose_tasks,
    commands.sign_task,
    commands.take_feedback,
)

MODULE = Module(
    code="supervision",
    begin_day=commands.begin_day,
    watch=ladder.climb_ladders,
    title=Text("督办", "Supervision"),
    folder=Path(__file__).parent,
    effects={f"supervision.{effect.__name__}": effect for effect in _EFFECTS},
    panels={
        EVERY_REGISTER: (
            Panel(Text("督办催办", "Urged"), "supervision/table.html", urgings_panel),
        ),
        "county-meeting": (
            Panel(
                Text("纪要拆分建议", "Proposed tasks"), "supervision/table.html", proposals_panel
            ),
        ),
        "supervision-task": (Panel(Text("红黄牌", "Card"), "supervision/card.html", card_panel),),
    },
)
