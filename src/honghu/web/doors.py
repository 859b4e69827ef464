"""Machines and pages come in by the same server; what only pages need, only pages pay for."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string


class PagesAlone:
    """Middleware: settings.HONGHU_PAGE_MIDDLEWARE for pages, past it for the doors of machines.

    Addresses of machines begin with one of settings.HONGHU_MACHINE_DOORS. Middlewares with hooks
    beside the call itself (`process_view` and its like) can't stand in the list: Django finds such
    hooks in settings.MIDDLEWARE alone. Raises TypeError at the start if one does.
    """

    _HOOKS = ("process_view", "process_template_response", "process_exception")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._machines = get_response
        # Django types its converter for servers of both kinds; ours is synchronous.
        self._pages: Callable[[HttpRequest], Any] = get_response
        for path in reversed(settings.HONGHU_PAGE_MIDDLEWARE):
            middleware = import_string(path)(self._pages)
            if any(hasattr(middleware, hook) for hook in self._HOOKS):
                message = f"{path} has hooks of its own: name it in MIDDLEWARE"
                raise TypeError(message)
            self._pages = convert_exception_to_response(middleware)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on by its door."""
        if request.path.startswith(settings.HONGHU_MACHINE_DOORS):
            return self._machines(request)
        answer: HttpResponseBase = self._pages(request)
        return answer
