"""Writes: opening number series; drafting, signing and voiding documents."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid, NotAllowed, NotFound
from honghu.kernel.documents.content import (
    Content,
    DocumentContentError,
    check_content,
    content_from_json,
)
from honghu.kernel.documents.models import (
    Document,
    DocumentContent,
    DocumentSeries,
    DocumentVoid,
    SeriesCounter,
)
from honghu.kernel.documents.numbers import check_organ_mark, format_number
from honghu.kernel.documents.pictures import Pictures, no_pictures
from honghu.kernel.documents.rendering import Letterhead, check_template, render
from honghu.kernel.documents.rows import DocumentRow, document_row
from honghu.kernel.parties.actor import Actor

__all__ = [
    "CLERK",
    "Content",
    "Keep",
    "draft_document",
    "may_void",
    "open_series",
    "open_series_year",
    "sign_document",
    "void_document",
]

CLERK: Final = "document_clerk"
"""Who keeps the papers of an organisation and the series of their numbers (机要文书)."""

Keep = Callable[[bytes, str], str]
"""Keeps a rendered file (bytes, file name) and returns its SHA-256 in hex."""

_NEXT_NUMBER_SQL: Final = """
INSERT INTO documents_seriescounter AS c (id, series_id, year, first_number, last_number)
VALUES (gen_random_uuid(), %s, %s, 1, 1)
ON CONFLICT (series_id, year) DO UPDATE SET last_number = c.last_number + 1
RETURNING last_number
"""


class DocumentSignedError(Conflict):
    """A document that is signed, or voided, already."""

    code = "document_signed"


class DocumentNotSignedError(Conflict):
    """A draft where a signed document is needed."""

    code = "document_not_signed"


def open_series(
    *,
    code: str,
    organ_mark: str,
    organisation_id: uuid.UUID,
    organ_name: str,
    now: dt.datetime,
) -> uuid.UUID:
    """Let an organisation issue documents of a kind under an organ mark (机关代字); twice is once.

    Raises DocumentNumberError for a mark that cannot begin a number, Conflict where the mark is
    another series' own, or this organisation numbers this kind under another mark.
    """
    mark = check_organ_mark(organ_mark)
    known = DocumentSeries.objects.filter(organisation_id=organisation_id, code=code).first()
    if known is not None:
        if known.organ_mark != mark:
            raise Conflict(
                _("Documents %(series)s of this organisation are numbered %(mark)s.")
                % {"series": code, "mark": known.organ_mark},
                remedy=_("Keep the mark, or use another series."),
            )
        return known.id
    try:
        with transaction.atomic():
            return DocumentSeries.objects.create(
                code=code,
                organ_mark=mark,
                organisation_id=organisation_id,
                organ_name=organ_name,
                created_at=now,
            ).id
    except IntegrityError as error:
        raise Conflict(
            _("The organ mark %(mark)s is in use.") % {"mark": mark}, remedy=_("Use another one.")
        ) from error


def open_series_year(*, series_id: uuid.UUID, year: int, first_number: int) -> None:
    """Begin a year's numbers above 1, where earlier ones were issued on paper.

    Raises Invalid for a number below 1, Conflict once the year has begun.
    """
    if first_number < 1:
        raise Invalid(
            _("%(number)d cannot be a first number.") % {"number": first_number},
            remedy=_("Begin with at least 1."),
        )
    try:
        with transaction.atomic():
            SeriesCounter.objects.create(
                series_id=series_id,
                year=year,
                first_number=first_number,
                last_number=first_number - 1,
            )
    except IntegrityError as error:
        raise Conflict(
            _("The numbers of %(year)d have begun.") % {"year": year},
            remedy=_("Go on with the next number."),
        ) from error


def draft_document(
    *,
    series: str,
    template: str,
    content: Content,
    actor: Actor,
    now: dt.datetime,
    case_id: uuid.UUID | None = None,
    step_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    classification: str | None = None,
) -> DocumentRow:
    """Draft a document of the organisation (the actor's unless another is named); no number yet.

    Raises NotFound where the organisation has no such series, TemplateError, and what
    `check_content` raises: anything classified is refused.
    """
    check_content(content, classification=classification)
    check_template(template)
    issuer = organisation_id or actor.organisation_id
    found = (
        DocumentSeries.objects.filter(organisation_id=issuer, code=series).first()
        if issuer is not None
        else None
    )
    if found is None:
        raise NotFound(
            _("This organisation (%(name)s) has no document series %(series)s.")
            % {"name": actor.organisation_name, "series": series},
            remedy=_("Open the series with its organ mark."),
        )
    with transaction.atomic(savepoint=False):
        document = Document.objects.create(
            series=found,
            template=template,
            case_id=case_id,
            step_id=step_id,
            content_sha256=content.digest(),
            drafted_at=now,
            drafted_by_person_id=actor.person_id,
            drafted_by_organisation_id=actor.organisation_id,
        )
        kept = DocumentContent.objects.create(document=document, data=content.as_json())
    return document_row(document, kept.data)


def sign_document(
    *,
    document_id: uuid.UUID,
    actor: Actor,
    now: dt.datetime,
    keep: Keep,
    pictures: Pictures = no_pictures,
    printed_date: dt.date | None = None,
) -> DocumentRow:
    """Sign a draft: it takes the next number of its series' year, is rendered, and is closed.

    The number is taken under the lock of the counter's row in this transaction, so that numbers
    have no gaps: a rollback gives it back, and signers of one series wait for each other. The day
    of signing (成文日期) is the day of `now`; `printed_date` (印发日期) is that day unless given.
    `keep` stores the rendered file, `pictures` reads the photographs that the content names.
    Raises NotFound, NotAllowed for the system and for another organisation, DocumentSignedError,
    DocumentContentError for a content that is no longer the one drafted, TemplateError, Invalid
    for a day of printing before the day of signing.
    """
    if actor.is_system:
        raise NotAllowed(
            _("A document is signed by a person."), remedy=_("Let the head of the office sign it.")
        )
    signed_date = timezone.localdate(now)
    if printed_date is not None and printed_date < signed_date:
        raise Invalid(
            _("Printed on %(day)s, before it was signed.") % {"day": printed_date},
            remedy=_("Correct the day of printing."),
        )
    with transaction.atomic():
        document = _lock(document_id)
        if document.signed_at is not None:
            raise DocumentSignedError(
                _("The document is signed already."), remedy=_("Read it again.")
            )
        if document.series.organisation_id != actor.organisation_id:
            raise NotAllowed(
                _("The document is one of %(organ)s.") % {"organ": document.series.organ_name},
                remedy=_("Let somebody of that organisation sign it."),
            )
        content = content_from_json(document.content.data)
        if content.digest() != document.content_sha256:
            raise DocumentContentError(
                _("The content of the draft is not what was drafted."),
                remedy=_("Draft the document anew."),
            )
        number = _next_number(document.series_id, signed_date.year)
        printed_number = format_number(document.series.organ_mark, signed_date.year, number)
        letterhead = Letterhead(
            organ_name=document.series.organ_name,
            number=printed_number,
            signed_date=signed_date,
            printed_date=printed_date or signed_date,
            signed_by=actor.name,
        )
        document.year, document.number = signed_date.year, number
        document.signed_at, document.signed_date = now, signed_date
        document.printed_date = letterhead.printed_date
        document.signed_by_person_id = actor.person_id
        document.signed_by_organisation_id = actor.organisation_id
        document.rendered_sha256 = keep(
            render(document.template, content, letterhead, pictures), f"{printed_number}.docx"
        )
        document.save()
    return document_row(document, content.as_json())


def void_document(
    *, document_id: uuid.UUID, reason: str, actor: Actor, now: dt.datetime
) -> DocumentRow:
    """Void a signed document: its number stays taken, the reason stays on record.

    By who signed it, or by the document clerk. Raises NotFound, Invalid without a reason,
    DocumentNotSignedError for a draft, NotAllowed for another organisation or person,
    DocumentSignedError if it is voided already.
    """
    if not reason.strip():
        raise Invalid(
            _("Voiding needs a reason."), remedy=_("Say why."), fields={"reason": _("is empty")}
        )
    with transaction.atomic():
        document = _lock(document_id)
        if document.signed_at is None:
            raise DocumentNotSignedError(
                _("A draft has nothing to void."), remedy=_("Change the draft, or leave it.")
            )
        if document.series.organisation_id != actor.organisation_id:
            raise NotAllowed(
                _("The document is one of %(organ)s.") % {"organ": document.series.organ_name},
                remedy=_("Let somebody of that organisation void it."),
            )
        if not may_void(document.signed_by_person_id, actor):
            raise NotAllowed(
                _("A document is voided by who signed it, or by the document clerk."),
                remedy=_("Let one of them void it."),
            )
        if DocumentVoid.objects.filter(pk=document_id).exists():
            raise DocumentSignedError(_("The document is voided already."))
        void = DocumentVoid.objects.create(
            document=document,
            voided_at=now,
            voided_by_person_id=actor.person_id,
            voided_by_organisation_id=actor.organisation_id,
            reason=reason,
        )
    return document_row(document, document.content.data, void)


def may_void(signed_by: uuid.UUID | None, actor: Actor) -> bool:
    """Whether somebody of the issuing organisation may void what this person signed."""
    return actor.holds(CLERK) or (signed_by is not None and signed_by == actor.person_id)


def _lock(document_id: uuid.UUID) -> Document:
    try:
        return (
            Document.objects.select_for_update(of=("self",))
            .select_related("series", "content")
            .get(pk=document_id)
        )
    except Document.DoesNotExist:
        raise NotFound(_("There is no document %(id)s.") % {"id": document_id}) from None


def _next_number(series_id: uuid.UUID, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER_SQL, [series_id, year])
        number: int = cursor.fetchone()[0]
    return number
