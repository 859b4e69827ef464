"""Writes: subscribe, exchange the secret, end, resume, redeliver; and queue what is to be delivered."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotAllowed, NotFound
from honghu.kernel.cases.outbox import StepMessage
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.queries import get_register, latest_registers
from honghu.kernel.webhooks.addresses import read_address
from honghu.kernel.webhooks.models import Delivery, Secret, Subscription
from honghu.kernel.webhooks.queries import SubscriptionRow, own_subscription, subscription_row
from honghu.kernel.webhooks.sealing import new_secret, seal

ALL_TOPICS: Final = "*"
_TOPICS_MAX: Final = 100
_SUBSCRIPTIONS_MAX: Final = 20
_LABEL_MAX: Final = 200
_ACTIVE: Final = Subscription.Status.ACTIVE
# What a subscription is told follows its person's roles of the day, as a token's rights do.
_TOLD: Final = """
SELECT s.id, s.person_id, s.organisation_id, s.topics, s.status,
  ARRAY(SELECT p.role FROM parties_position p
        WHERE p.person_id = s.person_id AND p.organisation_id = s.organisation_id
          AND p.from_date <= %(on)s AND (p.to_date IS NULL OR p.to_date >= %(on)s))
FROM webhooks_subscription s JOIN parties_account a ON a.person_id = s.person_id AND a.is_active
WHERE s.status <> 'ended'
"""


class TooManySubscriptions(NotAllowed):
    """An organisation with as many webhooks as it may have."""

    code = "webhooks-too-many"


def subscribe(
    *, url: str, topics: Sequence[str], label: str, actor: Actor, now: dt.datetime
) -> tuple[SubscriptionRow, str]:
    """Subscribe an address to topics: `register`, `register.action`, or `*`; with its first secret.

    The secret is told this once. Raises AddressRefused, Invalid for topics that nobody knows or
    that are not the actor's to see, TooManySubscriptions, NotAllowed for the system.
    """
    if actor.person_id is None or actor.organisation_id is None:
        raise NotAllowed(_("A webhook belongs to an organisation."))
    read_address(url)
    _check_topics(topics, actor)
    if not label.strip() or len(label) > _LABEL_MAX:
        raise Invalid(_("A webhook needs a label."), fields={"label": _("missing or too long")})
    own = Subscription.objects.filter(organisation_id=actor.organisation_id)
    if own.exclude(status=Subscription.Status.ENDED).count() >= _SUBSCRIPTIONS_MAX:
        message = _("Your organisation has {count} webhooks.").format(count=_SUBSCRIPTIONS_MAX)
        raise TooManySubscriptions(message, remedy=_("End one of them."))
    with transaction.atomic():
        made = Subscription.objects.create(
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            label=label.strip(),
            url=url,
            topics=sorted(set(topics)),
            created_at=now,
        )
        secret = _add_secret(made, now)
    return subscription_row(made), secret


def _check_topics(topics: Sequence[str], actor: Actor) -> None:
    known = {ALL_TOPICS}
    for register in latest_registers():
        if not sight_of(register, actor).nothing:
            known |= {register.code, *(f"{register.code}.{one}" for one in register.actions)}
    unknown = sorted(set(topics) - known)
    if unknown or not 1 <= len(topics) <= _TOPICS_MAX:
        message = _("There is no topic {names}, or it is not yours to see.").format(
            names=", ".join(unknown) or "''"
        )
        raise Invalid(
            message,
            remedy=_("Name registers, or actions as register.action, or *."),
            fields={"topics": message},
        )


def _add_secret(subscription: Subscription, now: dt.datetime) -> str:
    secret = new_secret()
    Secret.objects.create(subscription=subscription, sealed=seal(secret), created_at=now)
    return secret


def rotate_secret(
    subscription_id: uuid.UUID, *, actor: Actor, now: dt.datetime, overlap: dt.timedelta
) -> str:
    """A new secret; those before it sign as well until `overlap` is over. Raises NotFound."""
    with transaction.atomic():
        found = own_subscription(subscription_id, actor=actor, lock=True)
        until = now + overlap
        found.secrets.filter(expires_at=None).update(expires_at=until)
        found.secrets.filter(expires_at__gt=until).update(expires_at=until)
        found.secrets.filter(expires_at__lte=now).delete()
        return _add_secret(found, now)


def end_subscription(subscription_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> None:
    """Tell it nothing more; what waits is not delivered. Raises NotFound."""
    with transaction.atomic():
        found = own_subscription(subscription_id, actor=actor, lock=True)
        _bury(found.id, now)
        found.secrets.all().delete()
        Subscription.objects.filter(pk=found.id).update(
            status=Subscription.Status.ENDED, ended_at=now
        )


def resume_subscription(subscription_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> None:
    """Send again at once, also what waits for its next attempt. Raises NotFound."""
    with transaction.atomic():
        found = own_subscription(subscription_id, actor=actor, lock=True)
        Subscription.objects.filter(pk=found.id).update(
            status=_ACTIVE, failures=0, paused_until=None
        )
        waiting = Delivery.objects.filter(subscription=found, status=Delivery.Status.WAITING)
        waiting.filter(next_at__gt=now).update(next_at=now)


def redeliver(
    subscription_id: uuid.UUID,
    *,
    actor: Actor,
    now: dt.datetime,
    delivery_id: uuid.UUID | None = None,
) -> int:
    """Deliver again: one delivery whatever became of it, or all that are dead; how many.

    Nothing is delivered while the subscription is suspended. Raises NotFound.
    """
    found = own_subscription(subscription_id, actor=actor)
    again = Delivery.objects.filter(subscription=found)
    if delivery_id is None:
        again = again.filter(status=Delivery.Status.DEAD)
    else:
        again = again.filter(pk=delivery_id)
    count = again.update(status=Delivery.Status.WAITING, attempts=0, next_at=now, ended_at=None)
    if delivery_id is not None and not count:
        message = _("There is no delivery {id}.").format(id=delivery_id)
        raise NotFound(message, remedy=_("List the deliveries."))
    return count


def _bury(subscription_id: uuid.UUID, now: dt.datetime) -> None:
    Delivery.objects.filter(subscription_id=subscription_id, status=Delivery.Status.WAITING).update(
        status=Delivery.Status.DEAD, ended_at=now
    )


def suspend(subscription_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Give a receiver up: what waits for it is dead, until somebody resumes and redelivers."""
    Subscription.objects.filter(pk=subscription_id, status=_ACTIVE).update(
        status=Subscription.Status.SUSPENDED
    )
    _bury(subscription_id, now)


def queue_deliveries(messages: Sequence[StepMessage], *, now: dt.datetime) -> int:
    """Queue a delivery of each step for each subscription that may see it; how many.

    In the transaction that takes the messages. A suspended subscription gets its deliveries dead,
    to be redelivered when it is resumed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"on": localdate(now)})
        told = cursor.fetchall()
    made = [
        _delivery(message, subscription_id, status, now)
        for subscription_id, person_id, organisation_id, topics, status, roles in told
        for message in _meant(messages, topics, Actor(person_id, organisation_id, frozenset(roles)))
    ]
    Delivery.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _meant(
    messages: Iterable[StepMessage], topics: Sequence[str], actor: Actor
) -> Iterable[StepMessage]:
    for each in messages:
        named = {ALL_TOPICS, each.register, f"{each.register}.{each.action}"}
        register = get_register(each.register, each.register_version)
        if named.intersection(topics) and sight_of(register, actor).covers(each.parties):
            yield each


def _delivery(
    message: StepMessage, subscription_id: uuid.UUID, status: str, now: dt.datetime
) -> Delivery:
    is_active = status == _ACTIVE
    topic = f"{message.register}.{message.action}"
    return Delivery(
        subscription_id=subscription_id,
        event_id=message.step_id,
        topic=topic,
        case_id=message.case_id,
        sequence=message.sequence,
        body=json.dumps(_event(message, topic), ensure_ascii=False),
        status=Delivery.Status.WAITING if is_active else Delivery.Status.DEAD,
        created_at=now,
        next_at=now,
        ended_at=None if is_active else now,
    )


def _event(message: StepMessage, topic: str) -> dict[str, Any]:
    """What is sent: identifiers and codes, no fact of the case; the rest is read by the API."""
    return {
        "id": str(message.step_id),
        "type": topic,
        "timestamp": message.at.isoformat(),
        "data": {
            "case_id": str(message.case_id),
            "number": message.number,
            "register": message.register,
            "register_version": message.register_version,
            "sequence": message.sequence,
            "action": message.action,
            "from_state": message.from_state,
            "to_state": message.to_state,
            "organisation_id": str(message.organisation_id) if message.organisation_id else None,
            "url": f"{settings.PUBLIC_ADDRESS}/api/v1/cases/{message.case_id}",
        },
    }
