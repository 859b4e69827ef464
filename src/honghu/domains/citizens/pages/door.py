"""What all pages for everybody share: the clock, the limit, what a form brings and holds."""

import dataclasses
import datetime as dt
import functools
import uuid
from collections.abc import Callable, Sequence
from typing import Concatenate, Final, ParamSpec, cast

from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from honghu.base.identifiers import new_id

Given = ParamSpec("Given")
HONEYPOT: Final = "website"
STAMP: Final = "stamp"
HELD: Final = "held"
_SALT: Final = "honghu.citizens.form"
_HELD_SALT: Final = "honghu.citizens.held"
_DAY_SECONDS: Final = 86_400


def public_page(
    page: Callable[Concatenate[HttpRequest, dt.datetime, Given], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Given], HttpResponseBase]:
    """A page for everybody, with the instant of the request; kept by nobody, found by no robot."""

    @functools.wraps(page)
    def enter(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        response = page(request, timezone.now(), *args, **kwargs)  # noqa: TID251 the door
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        # The address of a report that one follows is its key: no other site is told of it, nor a
        # robot. (With no referrer at all a browser sends no origin, and forms would be refused.)
        response["Referrer-Policy"] = "same-origin"
        if "/mine/" in request.path:
            response["X-Robots-Tag"] = "noindex"
        return response

    return cast("Callable[Concatenate[HttpRequest, Given], HttpResponseBase]", enter)


def new_stamp(now: dt.datetime) -> str:
    """What a form is sent with: a number of its own, and when it was drawn."""
    return signing.dumps([str(new_id()), now.timestamp()], salt=_SALT)


@dataclasses.dataclass(frozen=True, slots=True)
class Stamp:
    """A form that was really drawn here: its number, for sending it once, and its age."""

    number: str
    age_seconds: float


def read_stamp(text: str, now: dt.datetime) -> Stamp | None:
    """The stamp; null for one that is not ours, or older than a day."""
    try:
        number, at = signing.loads(text, salt=_SALT)
        age = now.timestamp() - float(at)
        uuid.UUID(number)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Stamp(number, age) if age < _DAY_SECONDS else None


def seal_held(shas: Sequence[str]) -> str:
    """Photographs that are here already, so that a form can come back without them."""
    return signing.dumps(list(shas), salt=_HELD_SALT)


def read_held(text: str) -> tuple[str, ...]:
    """The photographs sealed before; none for a seal that is not ours: a hash is no permission."""
    try:
        return tuple(map(str, signing.loads(text, salt=_HELD_SALT))) if text else ()
    except signing.BadSignature:
        return ()
