"""Reads: an organisation's webhooks, and the log of what was delivered."""

import dataclasses
import datetime as dt
import uuid

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.parties.actor import Actor
from honghu.kernel.webhooks.models import Delivery, Subscription


@dataclasses.dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A webhook as it is listed, without its secrets."""

    id: uuid.UUID
    label: str
    url: str
    topics: tuple[str, ...]
    status: str
    failures: int
    paused_until: dt.datetime | None
    created_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class AttemptRow:
    """One request: the receiver's status and the beginning of its answer, or why none came."""

    at: dt.datetime
    milliseconds: int
    status_code: int | None
    fault: str
    answer: str


@dataclasses.dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery with its last attempts, the newest first."""

    id: uuid.UUID
    event_id: uuid.UUID
    topic: str
    case_id: uuid.UUID
    sequence: int
    status: str
    attempts: int
    created_at: dt.datetime
    next_at: dt.datetime
    ended_at: dt.datetime | None
    tries: tuple[AttemptRow, ...]


_TRIES_SHOWN = 10


def own_subscription(
    subscription_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> Subscription:
    """A webhook of the actor's organisation that has not ended. Raises NotFound."""
    rows = Subscription.objects.select_for_update() if lock else Subscription.objects
    found = rows.filter(pk=subscription_id).exclude(status=Subscription.Status.ENDED).first()
    if found is None or found.organisation_id != actor.organisation_id:
        message = _("There is no webhook {id}.").format(id=subscription_id)
        raise NotFound(message, remedy=_("List the webhooks of your organisation."))
    return found


def subscription_row(row: Subscription) -> SubscriptionRow:
    """A webhook as it is listed."""
    return SubscriptionRow(
        row.id,
        row.label,
        row.url,
        tuple(row.topics),
        row.status,
        row.failures,
        row.paused_until,
        row.created_at,
    )


def list_subscriptions(*, actor: Actor) -> list[SubscriptionRow]:
    """The webhooks of the actor's organisation, the newest first."""
    if actor.organisation_id is None:
        return []
    rows = Subscription.objects.filter(organisation_id=actor.organisation_id)
    return [
        subscription_row(row)
        for row in rows.exclude(status=Subscription.Status.ENDED).order_by("-id")
    ]


def list_deliveries(
    subscription_id: uuid.UUID,
    *,
    actor: Actor,
    status: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[DeliveryRow]:
    """The delivery log, the newest first, from a place on; in three queries. Raises NotFound."""
    found = own_subscription(subscription_id, actor=actor)
    rows = Delivery.objects.filter(subscription=found).order_by("-id")
    if status is not None:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_delivery_row(row) for row in rows.prefetch_related("tries")[:limit]]


def _delivery_row(row: Delivery) -> DeliveryRow:
    tries = sorted(row.tries.all(), key=lambda each: -each.id)[:_TRIES_SHOWN]
    return DeliveryRow(
        row.id,
        row.event_id,
        row.topic,
        row.case_id,
        row.sequence,
        row.status,
        row.attempts,
        row.created_at,
        row.next_at,
        row.ended_at,
        tuple(
            AttemptRow(each.at, each.milliseconds, each.status_code, each.fault, each.answer)
            for each in tries
        ),
    )
