"""A stored content, for those who uploaded it or may see a case that uses it."""

from collections.abc import Iterable

from django.http import FileResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.queries import UseRow, open_content, uses_of_evidence
from honghu.kernel.evidence.serving import serving_headers

_CASES_TRIED = 50


@require_safe
@desk_page
def content(request: DeskRequest, sha256: str) -> HttpResponseBase:
    """The bytes with headers that keep them from acting on our pages.

    Raises NotFound alike for what is not there and for what is not the reader's to see: a hash
    stands in the public journal and must not tell whether somebody holds the file.
    """
    uses = uses_of_evidence(sha256)
    use = _visible(uses, request.visit)
    if use is None:
        raise NotFound(
            _("There is no such file, or it is not yours to see."),
            remedy=_("Open it from the case that uses it."),
        )
    headers = serving_headers(use.media_type, use.filename, sha256=sha256)
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers={"ETag": headers["ETag"]})
    response = FileResponse(open_content(sha256))
    for name, value in headers.items():
        response[name] = value
    response["Content-Length"] = str(use.size_bytes)
    return response


def _visible(uses: Iterable[UseRow], visit: Visit) -> UseRow | None:
    """The first use that lets the reader see the content: the own organisation's, or a case's."""
    known = list(uses)
    actor = visit.actor
    for use in known:
        if use.uploader_person_id is not None and use.uploader_person_id == actor.person_id:
            return use
        if (
            actor.organisation_id is not None
            and use.uploader_organisation_id == actor.organisation_id
        ):
            return use
    cases = {use.case_id: use for use in known if use.case_id is not None}
    for case_id in list(cases)[:_CASES_TRIED]:
        try:
            find_case(case_id, actor=actor, now=visit.now)
        except NotFound:
            continue
        return cases[case_id]
    return None
