"""What the rivers declare of themselves."""

from pathlib import Path

from honghu.domains.rivers.commands import (
    patrols,
    posts,
    problems,
    roll,
    strike_off,
    urging,
    work,
)
from honghu.domains.rivers.pages import ladder_panel, return_panel, work_panel
from honghu.domains.rivers.queries import (
    patrols_offered,
    posts_offered,
    problems_offered,
    sections_offered,
    struck_off_offered,
    waters_offered,
)
from honghu.domains.rivers.reports import draft_return, sign_return
from honghu.kernel.modules.module import Layer, Module, Panel, Picker
from honghu.kernel.registers.model import Text

_TABLE = "rivers/table.html"
_WATERS = (
    Layer("waters", Text("河湖", "Waters")),
    Layer("sections", Text("河段", "Sections of waters")),
)

MODULE = Module(
    code="rivers",
    title=Text("河湖长制", "Rivers and lakes"),
    folder=Path(__file__).parent,
    effects={
        "rivers.enter_water_body": roll.enter_water_body,
        "rivers.enter_section": roll.enter_section,
        "rivers.mark_dry": roll.mark_dry,
        "rivers.mark_wet": roll.mark_wet,
        "rivers.put_up_billboard": roll.put_up_billboard,
        "rivers.appoint_chief": posts.appoint_chief,
        "rivers.take_up_post": posts.take_up_post,
        "rivers.leave_post": posts.leave_post,
        "rivers.plan_patrols": posts.plan_patrols,
        "rivers.cut_plan": posts.cut_plan,
        "rivers.report_patrols": posts.report_patrols,
        "rivers.file_track": patrols.file_track,
        "rivers.file_paper": patrols.file_paper,
        "rivers.countersign_patrol": patrols.countersign_patrol,
        "rivers.open_problem": problems.open_problem,
        "rivers.hand_over": problems.hand_over,
        "rivers.merge_problem": problems.merge_problem,
        "rivers.list_problem": problems.list_problem,
        "rivers.issue_notice": problems.issue_notice,
        "rivers.suspend_problem": problems.suspend_problem,
        "rivers.record_input": work.record_input,
        "rivers.record_output": work.record_output,
        "rivers.submit_problem": strike_off.submit_problem,
        "rivers.check_problem": strike_off.check_problem,
        "rivers.review_problem": strike_off.review_problem,
        "rivers.countersign_problem": strike_off.countersign_problem,
        "rivers.remind": urging.remind,
        "rivers.supervise": urging.supervise,
        "rivers.call_in": urging.call_in,
        "rivers.circulate": urging.circulate,
        "rivers.draft_return": draft_return,
        "rivers.sign_return": sign_return,
        "rivers.request_correction": work.request_correction,
        "rivers.verify_correction": work.verify_correction,
    },
    panels={
        "river-problem": (
            Panel(Text("投入与成效", "Inputs and what was cleared"), _TABLE, work_panel),
            Panel(Text("督办阶梯", "Ladder of urging"), _TABLE, ladder_panel),
        ),
        "river-return": (Panel(Text("报表数据", "Numbers of the return"), _TABLE, return_panel),),
    },
    pickers={
        "river-section.water_body_code": Picker(waters_offered),
        "chief-post.section_code": Picker(sections_offered),
        "river-billboard.section_code": Picker(sections_offered),
        "patrol-plan.post_number": Picker(posts_offered),
        "river-patrol.post_number": Picker(posts_offered),
        "river-problem.section_code": Picker(sections_offered),
        "river-problem.patrol_number": Picker(patrols_offered),
        "river-problem.earlier": Picker(struck_off_offered),
        "river-problem.original": Picker(problems_offered),
    },
    layers={"river-problem": _WATERS, "river-billboard": _WATERS},
)
