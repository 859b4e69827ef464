"""A stored content, for those who uploaded it or may see a case that uses it."""

from django.http import FileResponse, HttpResponseBase, HttpResponseNotModified
from django.views.decorators.http import require_safe

from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.cases.files import visible_use
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.evidence.serving import serving_headers


@require_safe
@desk_page
def content(request: DeskRequest, sha256: str) -> HttpResponseBase:
    """The bytes with headers that keep them from acting on our pages.

    Raises NotFound alike for what is not there and for what is not the reader's to see: a hash
    stands in the public journal and must not tell whether somebody holds the file.
    """
    use = visible_use(sha256, actor=request.visit.actor)
    headers = serving_headers(use.media_type, use.filename, sha256=sha256)
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers={"ETag": headers["ETag"]})
    response = FileResponse(open_content(sha256))
    for name, value in headers.items():
        response[name] = value
    response["Content-Length"] = str(use.size_bytes)
    return response
