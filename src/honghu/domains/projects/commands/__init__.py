"""Writes of key projects: effects of the registers' actions, and what a new day brings."""

from honghu.domains.projects.commands.days import begin_day
from honghu.domains.projects.commands.issues import agree_plan, collect_issue, raise_missing
from honghu.domains.projects.commands.meetings import (
    issue_minutes,
    name_resolution,
    supervise_resolution,
)
from honghu.domains.projects.commands.ratings import rate_progress
from honghu.domains.projects.commands.reshaping import (
    absorb_project,
    merge_project,
    split_project,
)
from honghu.domains.projects.commands.stages import (
    adopt_plan,
    check_gate,
    enter_project,
    enter_stage,
    join_project,
    record_production,
)

__all__ = [
    "absorb_project",
    "adopt_plan",
    "agree_plan",
    "begin_day",
    "check_gate",
    "collect_issue",
    "enter_project",
    "enter_stage",
    "issue_minutes",
    "join_project",
    "merge_project",
    "name_resolution",
    "raise_missing",
    "rate_progress",
    "record_production",
    "split_project",
    "supervise_resolution",
]
