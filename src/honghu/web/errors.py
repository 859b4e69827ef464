"""Refusals as pages: what is wrong and what to do next.

The root address file names the handlers (`handler404 = "honghu.web.errors.not_found"` and so on);
`ProblemPages` is the middleware that turns a HonghuError which a page let through into its page.
"""

from collections.abc import Callable
from typing import ClassVar

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError


def _words(status: int) -> tuple[str, str]:
    """Title and next step for a status."""
    words = {
        400: (
            _("The request could not be read"),
            _("Go back, reload the page and try once more. Links from old mails may be cut off."),
        ),
        403: (
            _("This is not yours to see or do"),
            _(
                "If you act for several organisations, choose the right one in the menu with your "
                "name. Otherwise ask the administrator of your organisation for the position."
            ),
        ),
        404: (
            _("There is nothing at this address"),
            _("Search for the case number, or start from your work list."),
        ),
        409: (
            _("Somebody was faster"),
            _(
                "The case changed after you opened it. Open it again, look at what is new, and "
                "decide anew. Nothing of yours was saved."
            ),
        ),
        413: (
            _("The upload is too large"),
            _("Send fewer files at once, or smaller pictures; then try again."),
        ),
        422: (
            _("This can't be done as it was sent"),
            _("Go back and correct what is named below."),
        ),
    }
    return words.get(status, words[400])


def problem_page(
    request: HttpRequest,
    *,
    status: int,
    title: str = "",
    detail: str = "",
    remedy: str = "",
    code: str = "",
) -> HttpResponse:
    """The page of a refusal. Title and remedy default to the words of the status."""
    default_title, default_remedy = _words(status)
    content = render_to_string(
        "honghu/errors/problem.html",
        {
            "status": status,
            "title": title or default_title,
            "detail": detail,
            "remedy": remedy or default_remedy,
            "code": code,
        },
        request,
    )
    return HttpResponse(content, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`; an upload beyond the limits becomes a 413."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent | TooManyFieldsSent):
        return problem_page(request, status=413)
    return problem_page(request, status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`."""
    return problem_page(request, status=403, detail=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """`handler404`. The address asked for is not repeated: it may be somebody's trap."""
    return problem_page(request, status=404)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """`CSRF_FAILURE_VIEW`: mostly a form that was open over a sign-out."""
    return problem_page(
        request,
        status=403,
        title=_("The form has expired"),
        remedy=_("Go back, reload the page and send the form again."),
    )


class ProblemPages:
    """Middleware: a HonghuError from a page becomes the page of its status.

    The API has its own handler; its addresses (`/api/`) pass untouched.
    """

    api_prefix: ClassVar[str] = "/api/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; anything else is left to the 500 page and the log."""
        if not isinstance(exception, HonghuError) or request.path.startswith(self.api_prefix):
            return None
        return problem_page(
            request,
            status=exception.status,
            detail=_(exception.message) if exception.message else "",
            remedy=_(exception.remedy) if exception.remedy else "",
            code=exception.code,
        )
