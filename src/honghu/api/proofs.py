"""Routes of the journal: receipts, consistency, the signed checkpoint."""

import uuid
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply
from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.queries import find_case_of_step
from honghu.kernel.journal.queries import consistency, latest_checkpoint, receipt

router = Router(tags=["proofs"])


class CheckpointMissing(NotFound):
    """The log has no signed checkpoint yet."""

    code = "checkpoint-missing"


class ConsistencyReply(Reply):
    """Proof (RFC 9162, 2.1.4) that the log of `first` entries begins the log of `second`; hex."""

    first: int
    second: int
    first_root: str
    second_root: str
    proof: list[str]


@router.get(
    "/proofs/consistency", auth=None, response=replies({200: ConsistencyReply}, public=True)
)
def prove_consistency(
    request: ApiRequest,  # noqa: ARG001
    first: Annotated[int, Query(alias="from", ge=1, le=2**63 - 1)],
    second: Annotated[int, Query(alias="to", ge=1, le=2**63 - 1)],
) -> ConsistencyReply:
    """Prove that a later state of the log continues an earlier one. Open to everybody."""
    if first > second:
        message = _("`from` is the smaller size of the log.")
        raise Invalid(message, fields={"from": message})
    found = consistency(first, second)
    return ConsistencyReply(
        first=found.m,
        second=found.n,
        first_root=found.root_m.hex(),
        second_root=found.root_n.hex(),
        proof=[each.hex() for each in found.proof],
    )


@router.get("/proofs/{step_id}", response=replies({200: dict[str, Any]}, 404, 409))
def read_receipt(request: ApiRequest, step_id: Path[uuid.UUID]) -> dict[str, Any]:
    """Read the receipt of a step of a case that you may see; it can be verified offline."""
    find_case_of_step(step_id, actor=request.auth.actor, now=request.auth.now)
    return receipt(step_id)


@router.get(
    "/checkpoint",
    auth=None,
    response=replies({200: None}, 404, public=True),
    openapi_extra={
        "responses": {
            200: {
                "description": "The signed note (C2SP tlog-checkpoint).",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    },
)
def read_checkpoint(request: ApiRequest) -> HttpResponse:  # noqa: ARG001
    """Read the newest signed checkpoint of the log. Open to everybody."""
    signed = latest_checkpoint()
    if signed is None:
        message = _("No checkpoint is signed yet.")
        raise CheckpointMissing(message, remedy=_("Ask again in a minute."))
    response = HttpResponse(signed.note, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=5"
    return response
