"""No page reads a body that is larger than a form with its photographs can be."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from honghu.web.errors import problem_page


class BoundedBodies:
    """Middleware: refuse a body by its stated length with 413 before a byte of it is read.

    The bound is settings.HONGHU_REQUEST_MAX_BYTES, several files together. Doors for machines
    (settings.HONGHU_MACHINE_DOORS) bound their bodies themselves and answer in JSON. A body without
    a stated length is empty for Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer it with the page of an upload that is too large."""
        stated = str(request.META.get("CONTENT_LENGTH") or "0")
        if not stated.isdecimal() or int(stated) <= settings.HONGHU_REQUEST_MAX_BYTES:
            return self._get_response(request)
        answer = problem_page(request, status=413)
        # What was not read would otherwise be taken for the next request on this connection.
        answer["Connection"] = "close"
        return answer
