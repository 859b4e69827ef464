"""Writes of supervision: effects of the registers' actions, and what a new day brings."""

from honghu.domains.supervision.commands.days import begin_day
from honghu.domains.supervision.commands.minutes import (
    check_decomposed,
    close_meeting,
    confirm_task,
    drop_task,
    name_meeting,
    propose_tasks,
)
from honghu.domains.supervision.commands.reorganisation import transfer_tasks
from honghu.domains.supervision.commands.tasks import (
    ask_extension,
    assign_subtask,
    check_subtasks,
    count_return,
    decide_extension,
    draft_task,
    issue_slip,
    name_bulletin,
    sign_task,
    take_feedback,
)

__all__ = [
    "ask_extension",
    "assign_subtask",
    "begin_day",
    "check_decomposed",
    "check_subtasks",
    "close_meeting",
    "confirm_task",
    "count_return",
    "decide_extension",
    "draft_task",
    "drop_task",
    "issue_slip",
    "name_bulletin",
    "name_meeting",
    "propose_tasks",
    "sign_task",
    "take_feedback",
    "transfer_tasks",
]
