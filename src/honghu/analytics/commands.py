"""Writes of figures: compute and keep, publish by another person, correct and say why."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from honghu.analytics.definitions import definition_of, digest
from honghu.analytics.figure import Figure, Scope
from honghu.analytics.leaves import LEAF_KIND, publication_payload
from honghu.analytics.models import PLACES, FigureValue, Publication
from honghu.analytics.queries import Measured, measure
from honghu.analytics.registry import get_figure
from honghu.analytics.values import ValueRow, get_value
from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, Invalid, NotAllowed
from honghu.kernel.journal import tree
from honghu.kernel.journal.leaves import append_leaves
from honghu.kernel.journal.queries import log_size
from honghu.kernel.journal.store import DatabaseStore
from honghu.kernel.parties.actor import Actor

EDITOR, PUBLISHER = "bulletin_editor", "bulletin_publisher"
"""The roles that compute figures and build bulletins, and that publish them."""
_STORED = Decimal(1).scaleb(-PLACES)


class SamePersonPublishesError(NotAllowed):
    """Who computed a value or built a bulletin may not publish it."""

    code = "publication-by-maker"


class PublishedBeforeError(Conflict):
    """What is to be published was published already."""

    code = "published-before"


class NobodyActsError(NotAllowed):
    """A publication needs a person who answers for it; the system itself is none."""

    code = "publication-without-person"


@dataclasses.dataclass(frozen=True, slots=True)
class JournalHead:
    """How long the journal was, and its root (hex)."""

    size: int
    root: str


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What is to be published: the subject with its digest, and who made it."""

    id: uuid.UUID
    sha256: str
    by: uuid.UUID


def journal_head() -> JournalHead:
    """The head of the journal as it stands. Raises `tree.NodeMissing` for a damaged tree."""
    size = log_size()
    return JournalHead(size, tree.root(DatabaseStore(), size).hex())


def compute_figure(code: str, scope: Scope, *, actor: Actor, now: dt.datetime) -> ValueRow:
    """Compute a figure and keep the value with its proof.

    Raises NotFound for an unknown code, Invalid for a scope that is not over yet.
    """
    check_over(scope.end, now)
    figure = get_figure(code)
    with transaction.atomic():
        head = journal_head()
        value = store(figure, scope, measure(figure, scope), actor=actor, now=now, head=head)
    return get_value(value)


def check_over(end: dt.datetime, now: dt.datetime) -> None:
    """Raise Invalid for a period that is not over yet: its figures could still change."""
    if end > now:
        raise Invalid(
            _("The period is not over yet."), remedy=_("Ask for one that ends before now.")
        )


def store(
    figure: Figure,
    scope: Scope,
    measured: Measured,
    *,
    actor: Actor,
    now: dt.datetime,
    head: JournalHead,
    corrects: tuple[uuid.UUID, str] | None = None,
) -> uuid.UUID:
    """Store one measured value in the caller's transaction; its id.

    Raises NotAllowed unless the actor is an editor or publisher.
    """
    declared = definition_of(figure, scope)
    value = FigureValue(
        id=new_id(),
        code=figure.code,
        starts_at=scope.start,
        ends_at=scope.end,
        region=scope.region,
        definition=declared,
        definition_sha256=digest(declared),
        value=_stored(measured.value),
        numerator=_stored(measured.numerator),
        denominator=_stored(measured.denominator),
        row_count=measured.row_count,
        row_set_sha256=measured.row_set_sha256,
        journal_size=head.size,
        journal_root=head.root,
        computed_by=person_of(actor, EDITOR, PUBLISHER),
        computed_at=now,
        supersedes_id=corrects[0] if corrects else None,
        reason=corrects[1] if corrects else None,
    )
    value.save(force_insert=True)
    return value.id


def publish_figure(value_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> ValueRow:
    """Make a value public. Raises SamePersonPublishesError, PublishedBeforeError, NotFound."""
    value = get_value(value_id)
    publish(
        Publication.Subject.FIGURE,
        [Made(value.id, digest(value.record()), value.computed_by)],
        actor=actor,
        now=now,
    )
    return get_value(value_id)


def correct_figure(
    value_id: uuid.UUID, *, reason: str, actor: Actor, now: dt.datetime
) -> ValueRow:  # fmt: skip
    """Compute a value's figure anew for the same scope; once published, it replaces the old one.

    Raises Invalid without a reason, PublishedBeforeError where a correction exists already.
    """
    old = get_value(value_id)
    if not reason.strip():
        raise Invalid(_("A correction says why."), fields={"reason": _("is empty")})
    if FigureValue.objects.filter(supersedes=value_id).exists():
        raise PublishedBeforeError(
            _("This value was corrected already."), remedy=_("Correct the newest value.")
        )
    figure = get_figure(old.code)
    with transaction.atomic():
        made = store(
            figure, old.scope, measure(figure, old.scope), actor=actor, now=now,
            head=journal_head(), corrects=(old.id, reason.strip()),
        )  # fmt: skip
    return get_value(made)


def publish(
    subject: Publication.Subject, made: Sequence[Made], *, actor: Actor, now: dt.datetime
) -> list[uuid.UUID]:
    """Write the publications of several things with their leaves, in the caller's transaction.

    Returns the ids of the publications, which are those of their leaves. Raises as publish_figure.
    """
    person = person_of(actor, PUBLISHER)
    if any(each.by == person for each in made):
        raise SamePersonPublishesError(
            _("You made this, so you may not publish it."),
            remedy=_("Let another person look at it and publish it."),
        )
    if Publication.objects.filter(subject_id__in=[each.id for each in made]).exists():
        raise PublishedBeforeError(_("This was published already."))
    rows = [
        Publication(
            id=new_id(),
            subject=subject.value,
            subject_id=each.id,
            subject_sha256=each.sha256,
            made_by=each.by,
            published_by=person,
            published_at=now,
        )
        for each in made
    ]
    leaves = [
        (
            row.id,
            publication_payload(
                subject=row.subject,
                subject_id=row.subject_id,
                subject_sha256=row.subject_sha256,
                made_by=row.made_by,
                published_by=person,
                published_at=now,
            ),
        )
        for row in rows
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        Publication.objects.bulk_create(rows)
        append_leaves(cursor, LEAF_KIND, leaves, now)
    return [row.id for row in rows]


def person_of(actor: Actor, *roles: str) -> uuid.UUID:
    """The person behind an actor who holds one of the roles.

    Raises NobodyActsError for the system itself, NotAllowed for everybody else.
    """
    if actor.person_id is None:
        raise NobodyActsError(
            _("A figure is computed and published by a person."), remedy=_("Sign in.")
        )
    if not any(actor.holds(role) for role in roles):
        raise NotAllowed(
            _("This is for the editors and publishers of the bulletin."),
            remedy=_("Ask for a position with the role %(role)s.") % {"role": roles[0]},
        )
    return actor.person_id


def _stored(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_STORED)
