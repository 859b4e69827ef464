"""Route of batches: one action on many cases of a register, with a result for each."""

import uuid
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Path, Router
from pydantic import Field

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Body, Reply
from honghu.api.cases import DoneReply, KeyHeader, read_key
from honghu.api.registers import register_of
from honghu.api.values import Code, Version
from honghu.base.problems import Invalid
from honghu.kernel.cases.asked import Request
from honghu.kernel.cases.batches import (
    BATCH_KEY_MAX,
    Chosen,
    Outcome,
    check_batch,
    perform_many,
    told,
)

router = Router(tags=["cases"])

_LISTED_MAX = 1_000


class ChosenBody(Body):
    """A case of the batch; with `expected_version` it must still be at that version."""

    id: uuid.UUID
    expected_version: Version | None = None


class BatchBody(Body):
    """One action with one form for all the cases. Each case counts once."""

    cases: Annotated[list[ChosenBody], Field(min_length=1, max_length=_LISTED_MAX)]
    form: dict[str, Any] = {}


class RefusedReply(Reply):
    """Why a case was refused, as a problem of its own would say it."""

    code: str
    detail: str
    remedy: str
    errors: dict[str, str]


class OutcomeReply(Reply):
    """What became of one case: `done`, or `refused`; the other is null."""

    case_id: uuid.UUID
    done: DoneReply | None
    refused: RefusedReply | None


class BatchReply(Reply):
    """The results in the order of the cases, and how many there are of each kind."""

    done: int
    refused: int
    results: list[OutcomeReply]


@router.post(
    "/registers/{code}/actions/{action}",
    response=replies({200: BatchReply}, 404, 413, 415),
)
def perform_register_action(
    request: ApiRequest,
    code: Path[Code],
    action: Path[Code],
    body: BatchBody,
    key: KeyHeader,
) -> BatchReply:
    """Perform an action on many cases, each by itself; a refusal stops none of the others.

    The same key again does nothing twice and tries anew what was refused.
    """
    caller = request.auth
    batch = read_key(key)
    if len(batch) > BATCH_KEY_MAX:
        message = _("A batch's key has 1 to {max} characters.").format(max=BATCH_KEY_MAX)
        raise Invalid(message, fields={"Idempotency-Key": message})
    register = register_of(code, caller)
    versions = {each.id: each.expected_version for each in body.cases}
    cases = [Chosen(case_id, version) for case_id, version in versions.items()]
    asked = Request(action, caller.actor, caller.now, body.form, {})
    check_batch(register, action, cases, asked)
    results = [_result(each) for each in perform_many(register, cases, asked, batch=batch)]
    done = sum(each.done is not None for each in results)
    return BatchReply(done=done, refused=len(results) - done, results=results)


def _result(outcome: Outcome) -> OutcomeReply:
    done = outcome.done
    return OutcomeReply(
        case_id=outcome.id,
        done=None
        if done is None
        else DoneReply(
            step_id=done.step_id,
            case_id=done.case_id,
            number=done.number,
            state=done.state,
            version=done.version,
        ),
        refused=RefusedReply(**told(outcome.refusal)) if outcome.refusal is not None else None,
    )
