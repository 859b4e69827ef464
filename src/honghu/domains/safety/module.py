"""What work safety declares of itself."""

from pathlib import Path

from honghu.domains.safety.commands import (
    enterprises,
    hazards,
    inspections,
    penalties,
    programmes,
)
from honghu.domains.safety.pages import cells_panel
from honghu.kernel.modules.module import Module, Panel
from honghu.kernel.registers.model import Text

MODULE = Module(
    code="safety",
    title=Text("安全生产", "Work safety"),
    folder=Path(__file__).parent,
    effects={
        "safety.find_hazard": hazards.find_hazard,
        "safety.find_own_hazard": hazards.find_own_hazard,
        "safety.grade_ordinary": hazards.grade_ordinary,
        "safety.propose_major": hazards.propose_major,
        "safety.confirm_major": hazards.confirm_major,
        "safety.downgrade_hazard": hazards.downgrade_hazard,
        "safety.order_rectification": hazards.order_rectification,
        "safety.list_hazard": hazards.list_hazard,
        "safety.merge_hazard": hazards.merge_hazard,
        "safety.approve_resumption": hazards.approve_resumption,
        "safety.name_checklist": inspections.name_checklist,
        "safety.begin_inspection": inspections.begin_inspection,
        "safety.begin_self_check": inspections.begin_self_check,
        "safety.record_inspection": inspections.record_inspection,
        "safety.name_enterprise": enterprises.name_enterprise,
        "safety.register_enterprise": enterprises.register_enterprise,
        "safety.assess_risk": enterprises.assess_risk,
        "safety.reassess_risk": enterprises.reassess_risk,
        "safety.decide_penalty": penalties.decide_penalty,
        "safety.continue_fine": penalties.continue_fine,
        "safety.name_closure": penalties.name_closure,
        "safety.register_report": penalties.register_report,
        "safety.name_campaign": programmes.name_campaign,
        "safety.log_activity": programmes.log_activity,
        "safety.claim_provision": programmes.claim_provision,
        "safety.plan_item": programmes.plan_item,
        "safety.name_item": programmes.name_item,
        "safety.draft_duties": programmes.draft_duties,
    },
    panels={
        "safety-campaign": (
            Panel(Text("发现与整改", "Found and rectified"), "safety/table.html", cells_panel),
        ),
    },
)
