"""Routes of webhooks: subscribe, exchange the secret, the delivery log, redelivery."""

import dataclasses
import datetime as dt
import uuid
from typing import Annotated, Final, Literal

from ninja import Path, Query, Router
from ninja.responses import Status
from pydantic import Field, StringConstraints

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Body, Reply
from honghu.api.values import SEARCHABLE
from honghu.kernel.webhooks.commands import (
    end_subscription,
    redeliver,
    resume_subscription,
    rotate_secret,
    subscribe,
)
from honghu.kernel.webhooks.queries import (
    DeliveryRow,
    SubscriptionRow,
    list_deliveries,
    list_subscriptions,
)

router = Router(tags=["webhooks"])

_PAGE: Final = 50
Topic = Annotated[
    str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9-]*(\.[a-z][a-z0-9_]*)?)$", max_length=130)
]


class WebhookReply(Reply):
    """A webhook. While `paused_until` lies ahead its receiver is left alone after failures."""

    id: uuid.UUID
    label: str
    url: str
    topics: list[str]
    status: Literal["active", "suspended"]
    failures: int
    paused_until: dt.datetime | None
    created_at: dt.datetime


class NewWebhookReply(WebhookReply):
    """A new webhook with its signing secret, which is told this once."""

    secret: str


class SecretReply(Reply):
    """A signing secret, told this once; those before it sign as well until the given instant."""

    secret: str
    others_until: dt.datetime


class TryReply(Reply):
    """One request to the receiver; `status_code` is null where no answer came."""

    at: dt.datetime
    milliseconds: int
    status_code: int | None
    fault: str
    answer: str


class DeliveryReply(Reply):
    """A delivery with its last attempts, the newest first."""

    id: uuid.UUID
    event_id: uuid.UUID
    topic: str
    case_id: uuid.UUID
    sequence: int
    status: Literal["waiting", "delivered", "dead"]
    attempts: int
    created_at: dt.datetime
    next_at: dt.datetime
    ended_at: dt.datetime | None
    tries: list[TryReply]


class DeliveriesReply(Reply):
    """A page of the delivery log, the newest first; `next` is the `before` of the page after it."""

    items: list[DeliveryReply]
    next: uuid.UUID | None


class AgainReply(Reply):
    """How many deliveries wait again."""

    count: int


class WebhookBody(Body):
    """An https address and the topics: registers, actions as `register.action`, or `*` for all."""

    url: Annotated[str, StringConstraints(max_length=2_000)]
    topics: Annotated[list[Topic], Field(min_length=1, max_length=100)]
    label: Annotated[str, StringConstraints(pattern=SEARCHABLE, min_length=1, max_length=200)]


class RotationBody(Body):
    """For how many hours the secrets before the new one still sign."""

    overlap_hours: Annotated[int, Field(ge=0, le=24 * 30, strict=True)] = 24


def _webhook(row: SubscriptionRow) -> dict[str, object]:
    return dataclasses.asdict(row) | {"topics": list(row.topics)}


def _delivery(row: DeliveryRow) -> DeliveryReply:
    return DeliveryReply.model_validate(dataclasses.asdict(row))


@router.get("/webhooks", response=replies({200: list[WebhookReply]}))
def list_webhooks(request: ApiRequest) -> list[WebhookReply]:
    """List the webhooks of your organisation."""
    rows = list_subscriptions(actor=request.auth.actor)
    return [WebhookReply.model_validate(_webhook(row)) for row in rows]


@router.post("/webhooks", response=replies({201: NewWebhookReply}, 415))
def add_webhook(request: ApiRequest, body: WebhookBody) -> Status[NewWebhookReply]:
    """Subscribe an address to what you may see. The secret is told this once."""
    row, secret = subscribe(
        url=body.url,
        topics=body.topics,
        label=body.label,
        actor=request.auth.actor,
        now=request.auth.now,
    )
    return Status(201, NewWebhookReply.model_validate(_webhook(row) | {"secret": secret}))


@router.delete("/webhooks/{webhook_id}", response=replies({204: None}, 404))
def end_webhook(request: ApiRequest, webhook_id: Path[uuid.UUID]) -> Status[None]:
    """End a webhook; what waits for it is not delivered."""
    end_subscription(webhook_id, actor=request.auth.actor, now=request.auth.now)
    return Status(204, None)


@router.post("/webhooks/{webhook_id}/secrets", response=replies({201: SecretReply}, 404, 415))
def exchange_webhook_secret(
    request: ApiRequest, webhook_id: Path[uuid.UUID], body: RotationBody
) -> Status[SecretReply]:
    """Make a new signing secret; the one before it signs as well for some hours."""
    overlap, now = dt.timedelta(hours=body.overlap_hours), request.auth.now
    secret = rotate_secret(webhook_id, actor=request.auth.actor, now=now, overlap=overlap)
    return Status(201, SecretReply(secret=secret, others_until=now + overlap))


@router.post("/webhooks/{webhook_id}/resume", response=replies({204: None}, 404, 415))
def resume_webhook(request: ApiRequest, webhook_id: Path[uuid.UUID]) -> Status[None]:
    """Send again at once after a pause or a suspension."""
    resume_subscription(webhook_id, actor=request.auth.actor, now=request.auth.now)
    return Status(204, None)


@router.get("/webhooks/{webhook_id}/deliveries", response=replies({200: DeliveriesReply}, 404))
def list_webhook_deliveries(
    request: ApiRequest,
    webhook_id: Path[uuid.UUID],
    status: Query[Literal["waiting", "delivered", "dead"] | None] = None,
    before: Query[uuid.UUID | None] = None,
) -> DeliveriesReply:
    """Read the delivery log, the newest first."""
    rows = list_deliveries(
        webhook_id, actor=request.auth.actor, status=status, before=before, limit=_PAGE + 1
    )
    items = [_delivery(row) for row in rows[:_PAGE]]
    return DeliveriesReply(items=items, next=items[-1].id if len(rows) > _PAGE else None)


@router.post("/webhooks/{webhook_id}/redeliver", response=replies({200: AgainReply}, 404, 415))
def redeliver_dead(request: ApiRequest, webhook_id: Path[uuid.UUID]) -> AgainReply:
    """Deliver everything that is dead once more."""
    count = redeliver(webhook_id, actor=request.auth.actor, now=request.auth.now)
    return AgainReply(count=count)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    response=replies({200: AgainReply}, 404, 415),
)
def redeliver_one(
    request: ApiRequest, webhook_id: Path[uuid.UUID], delivery_id: Path[uuid.UUID]
) -> AgainReply:
    """Deliver one step once more, whatever became of it."""
    count = redeliver(
        webhook_id, actor=request.auth.actor, now=request.auth.now, delivery_id=delivery_id
    )
    return AgainReply(count=count)
