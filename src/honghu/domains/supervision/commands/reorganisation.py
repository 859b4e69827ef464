"""Organisations that are merged: the tasks of the old one go on under the new one."""

import datetime as dt
import uuid
from collections.abc import Sequence

from honghu.domains.supervision.queries import tasks_under_way
from honghu.kernel.cases.commands import perform
from honghu.kernel.parties.actor import Actor


def transfer_tasks(
    *,
    from_organisation_id: uuid.UUID,
    to_organisation_id: uuid.UUID,
    decision: Sequence[str],
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Reassign every task under way of a merged organisation to its successor; how many.

    `decision` are the SHA-256 names of the decision's files. The successor signs for each anew.
    Raises what `perform` raises; then those before it stay reassigned, and a second run goes on.
    """
    tasks = tasks_under_way(now=now, lead=from_organisation_id)
    for task in tasks:
        perform(
            task.id,
            "reassign",
            actor=actor,
            now=now,
            idempotency_key=f"merged:{task.id}:{to_organisation_id}",
            form={"lead": str(to_organisation_id), "cause": "merged"},
            evidence={"decision": list(decision)},
        )
    return len(tasks)
