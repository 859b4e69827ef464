"""Saved views: a list that somebody narrowed, named and comes back to, and is told of if they like."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotAllowed, NotFound
from honghu.kernel.cases.conditions import CaseFilter, conditions_of
from honghu.kernel.cases.outbox import StepMessage
from honghu.kernel.notifications.mailing import New, keep
from honghu.kernel.notifications.models import Notification, SavedView
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import get_actors
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import known_registers

NAME_LENGTH_MAX = 60
VIEWS_MAX = 50
"""So many views somebody may keep of one register."""

_FITS = """
SELECT id FROM cases_case WHERE {where} AND id = ANY(%(arrived)s)
  AND (opened_at >= %(since)s OR %(by_state)s)
  AND NOT EXISTS (SELECT 1 FROM notifications_notification n
    WHERE n.view_id = %(view)s AND n.case_id = cases_case.id)
"""


@dataclass(frozen=True, slots=True)
class SavedViewRow:
    """A saved view; `query` is the address of its list."""

    id: uuid.UUID
    register: str
    name: str
    query: str
    is_telling: bool
    can_tell: bool


def list_views(register: str, *, actor: Actor) -> list[SavedViewRow]:
    """The actor's own views of a register, by name."""
    return [_row(each) for each in _own(actor).filter(register=register).order_by("name", "id")]


def _own(actor: Actor) -> QuerySet[SavedView]:
    if actor.person_id is None or actor.organisation_id is None:
        return SavedView.objects.none()
    return SavedView.objects.filter(
        person_id=actor.person_id, organisation_id=actor.organisation_id
    )


def _row(view: SavedView) -> SavedViewRow:
    return SavedViewRow(
        view.id, view.register, view.name, view.query, view.is_telling, view.wanted is not None
    )


def save_view(
    register: Register,
    *,
    name: str,
    query: str,
    wanted: CaseFilter,
    is_telling: bool,
    actor: Actor,
    now: dt.datetime,
) -> SavedViewRow:
    """Keep a narrowed list under a name.

    Raises Invalid, by field, for an empty or known name, too many views, or a view to be told of
    whose filters time alone changes; NotAllowed for the system.
    """
    if actor.person_id is None or actor.organisation_id is None:
        raise NotAllowed(_("Only a person saves a view."))
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        _refuse("name", _("Give the view a name of at most {most} characters.").format(
            most=NAME_LENGTH_MAX))  # fmt: skip
    if _own(actor).filter(register=register.code).count() >= VIEWS_MAX:
        _refuse("name", _("You have {most} views of this register; delete one first.").format(
            most=VIEWS_MAX))  # fmt: skip
    kept = write_wanted(wanted)
    if is_telling and kept is None:
        _refuse("telling", _cannot_tell())
    try:
        with transaction.atomic():
            view = SavedView.objects.create(
                person_id=actor.person_id,
                organisation_id=actor.organisation_id,
                register=register.code,
                name=name,
                query=query,
                wanted=kept,
                is_telling=is_telling,
                created_at=now,
                telling_from=now if is_telling else None,
            )
    except IntegrityError:
        _refuse("name", _("You have a view of this name."))
    return _row(view)


def _cannot_tell() -> str:
    return _("A light or a period changes with time alone; leave it out to be told of new cases.")


def _refuse(field: str, message: str) -> NoReturn:
    raise Invalid(message, fields={field: message})


def tell_of_view(
    view_id: uuid.UUID, *, is_telling: bool, actor: Actor, now: dt.datetime
) -> SavedViewRow:
    """Be told of new cases in a view from now on, or no longer. Raises NotFound, Invalid."""
    view = _find(view_id, actor)
    if is_telling and view.wanted is None:
        _refuse("telling", _cannot_tell())
    view.is_telling, view.telling_from = is_telling, now if is_telling else None
    view.save(update_fields=["is_telling", "telling_from"])
    return _row(view)


def delete_view(view_id: uuid.UUID, *, actor: Actor) -> None:
    """Forget one of the actor's views; what was told of it stays told. Raises NotFound."""
    _find(view_id, actor).delete()


def _find(view_id: uuid.UUID, actor: Actor) -> SavedView:
    view = _own(actor).filter(pk=view_id).first()
    if view is None:
        raise NotFound(_("There is no such view, or it is not yours."))
    return view


def write_wanted(wanted: CaseFilter) -> dict[str, Any] | None:
    """What of a filter a step can bring a case into, as JSON; null if time alone decides it."""
    plain = CaseFilter(
        states=wanted.states,
        text=wanted.text,
        open_only=wanted.open_only,
        organisation_id=wanted.organisation_id,
        facts=wanted.facts,
    )
    if wanted != plain:
        return None
    return {
        "states": list(wanted.states),
        "text": wanted.text,
        "open_only": wanted.open_only,
        "organisation": str(wanted.organisation_id) if wanted.organisation_id else None,
        "facts": dict(wanted.facts),
    }


def read_wanted(kept: Mapping[str, Any]) -> CaseFilter:
    """The filter that `write_wanted` kept."""
    organisation = kept["organisation"]
    return CaseFilter(
        states=tuple(kept["states"]),
        text=kept["text"],
        open_only=kept["open_only"],
        organisation_id=uuid.UUID(organisation) if organisation else None,
        facts=kept["facts"],
    )


def tell_of_arrivals(messages: Sequence[StepMessage], *, now: dt.datetime) -> int:
    """Tell people of cases that have come into their views; how many were told.

    In the transaction that takes the messages. A case has come in when it was opened after its
    reader asked to be told, or when a step took it into a state that the view names; each case is
    told of once a view. One statement a view that tells, whatever the number of cases.
    """
    arrived: dict[str, dict[uuid.UUID, StepMessage]] = {}
    for each in messages:
        if each.to_state != each.from_state and each.state == each.to_state:
            arrived.setdefault(each.register, {})[each.case_id] = each
    views = SavedView.objects.filter(is_telling=True, register__in=arrived).order_by("id")
    actors: dict[tuple[uuid.UUID, uuid.UUID], Actor | None] = {}
    news: list[New] = []
    for view in views:
        seat = (view.person_id, view.organisation_id)
        if seat not in actors:
            actors[seat] = _actor(*seat, on=localdate(now))
        actor = actors[seat]
        if actor is None:
            continue
        steps = {
            case_id: step
            for case_id, step in arrived[view.register].items()
            if view.telling_from is not None and step.at >= view.telling_from
        }
        news.extend(
            New(_notification(view, steps[case_id], now), emergency=False)
            for case_id in _fitting(view, actor, list(steps), now)
            if steps[case_id].person_id != view.person_id
        )
    return keep(news, now=now) if news else 0


def _actor(person_id: uuid.UUID, organisation_id: uuid.UUID, *, on: dt.date) -> Actor | None:
    """The person as they act today for the organisation; null once they hold no position there."""
    known = get_actors(person_id=person_id, on=on)
    return next((each for each in known if each.organisation_id == organisation_id), None)


def _fitting(
    view: SavedView, actor: Actor, arrived: Sequence[uuid.UUID], now: dt.datetime
) -> list[uuid.UUID]:
    register, wanted = known_registers().get(view.register), view.wanted
    if register is None or wanted is None:
        return []
    try:
        conditions = conditions_of(register, actor, read_wanted(wanted), now)
    except Invalid:
        return []  # The register has lost a field that the view names.
    if conditions is None:
        return []
    values = {
        "arrived": list(arrived),
        "since": view.telling_from,
        "by_state": bool(wanted["states"]),
        "view": view.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FITS.format(where=conditions.where), {**conditions.values, **values})
        return [row[0] for row in cursor.fetchall()]


def _notification(view: SavedView, step: StepMessage, now: dt.datetime) -> Notification:
    return Notification(
        person_id=view.person_id,
        organisation_id=view.organisation_id,
        kind=Notification.Kind.IN_VIEW,
        case_id=step.case_id,
        number=step.number,
        register=step.register,
        register_version=step.register_version,
        state=step.state,
        view_id=view.id,
        created_at=now,
    )
