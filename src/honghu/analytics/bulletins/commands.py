"""Writes of bulletins: build a draft, publish it by another person, correct a published one."""

import datetime as dt
import uuid
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.analytics.bulletins.building import Builder, Month, suppressed_below
from honghu.analytics.bulletins.queries import BulletinRow, get_bulletin
from honghu.analytics.bulletins.template import DEFAULT, read_template
from honghu.analytics.commands import (
    EDITOR,
    PUBLISHER,
    Made,
    PublishedBeforeError,
    check_over,
    journal_head,
    person_of,
    publish,
    store,
)
from honghu.analytics.definitions import digest
from honghu.analytics.figure import Figure, Scope
from honghu.analytics.models import Bulletin, Publication
from honghu.analytics.queries import Measured
from honghu.analytics.values import get_values
from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid
from honghu.kernel.parties.actor import Actor


def preview_bulletin(month: Month, *, now: dt.datetime, template: str = DEFAULT) -> dict[str, Any]:
    """The content of a bulletin as it would be built now; nothing is kept. Raises as build."""
    check_over(month.end, now)
    with transaction.atomic():
        read_one_state()
        head = journal_head()
        builder = _builder(month, template, now)
        return builder.content(now=now, head=(head.size, head.root))


def build_bulletin(
    month: Month,
    *,
    actor: Actor,
    now: dt.datetime,
    template: str = DEFAULT,
    corrects: uuid.UUID | None = None,
    reason: str = "",
) -> BulletinRow:
    """Measure every figure of a template for a month, keep the values and the bulletin.

    With `corrects` it is to replace a published bulletin, and `reason` says why.
    Raises Invalid for a month that is not over and for a correction without reason, NotFound for
    an unknown template or figure, PublishedBeforeError where a correction exists already.
    """
    check_over(month.end, now)
    person = person_of(actor, EDITOR, PUBLISHER)
    if corrects is not None:
        _check_correction(corrects, reason)
    with transaction.atomic():
        read_one_state()
        head = journal_head()
        builder = _builder(month, template, now)

        def keep(figure: Figure, scope: Scope, measured: Measured) -> uuid.UUID:
            return store(figure, scope, measured, actor=actor, now=now, head=head)

        builder.keep = keep
        content = builder.content(now=now, head=(head.size, head.root))
        if corrects is not None:
            content |= {"supersedes": str(corrects), "reason": reason.strip()}
        bulletin = Bulletin(
            id=new_id(),
            template=template,
            period=month.name,
            content=content,
            content_sha256=digest(content),
            built_by=person,
            built_at=now,
            supersedes_id=corrects,
            reason=reason.strip() if corrects else None,
        )
        bulletin.save(force_insert=True)
    return get_bulletin(bulletin.id)


def publish_bulletin(bulletin_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> BulletinRow:
    """Make a bulletin and all its values public, by somebody who did not build it.

    Raises NotFound, SamePersonPublishesError, PublishedBeforeError.
    """
    bulletin = get_bulletin(bulletin_id)
    made = [Made(bulletin.id, bulletin.content_sha256, bulletin.built_by)]
    ids = [uuid.UUID(frozen["id"]) for frozen in bulletin.content["figures"].values()]
    values = [Made(row.id, digest(row.record()), row.computed_by) for row in get_values(ids)]
    with transaction.atomic():
        publish(Publication.Subject.BULLETIN, made, actor=actor, now=now)
        publish(Publication.Subject.FIGURE, values, actor=actor, now=now)
    return get_bulletin(bulletin_id)


def _builder(month: Month, template: str, now: dt.datetime) -> Builder:
    return Builder(read_template(template), month, suppressed_below(localdate(now)))


def _check_correction(bulletin_id: uuid.UUID, reason: str) -> None:
    old = get_bulletin(bulletin_id)
    if not reason.strip():
        raise Invalid(_("A correction says why."), fields={"reason": _("is empty")})
    if old.published_at is None:
        raise Invalid(_("Only a published bulletin is corrected."), remedy=_("Build it anew."))
    if Bulletin.objects.filter(supersedes=bulletin_id).exists():
        raise PublishedBeforeError(
            _("This bulletin was corrected already."), remedy=_("Correct the newest one.")
        )


def read_one_state() -> None:
    """Let all figures of a bulletin see one state of the database, and sort their rows in memory.

    Inside another transaction its own state stays. What is set ends with the transaction.
    """
    with connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0 and connection.in_atomic_block:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Tens of thousands of rows a figure are put in order for the hash.
        cursor.execute("SET LOCAL work_mem = '64MB'")
