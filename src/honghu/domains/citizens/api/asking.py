"""What a request to Open311 asks: format, jurisdiction, key, dates, pages; refused where unreadable."""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from honghu.api import limits
from honghu.base.problems import HonghuError, Invalid, NotAllowed
from honghu.domains.citizens.api.formats import FORMATS, refuse
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.tokens import WRITE, use_token

CHANNEL: Final = "report_channel"
PAGE_SIZE_MAX: Final = 1000
_PAGE_MAX: Final = 1_000_000
_log = logging.getLogger(__name__)


class Refused(Invalid):
    """A request that GeoReport refuses with 400."""

    code = "open311-refused"
    status = 400


class KeyRefused(NotAllowed):
    """Missing or invalid key: GeoReport's 403."""

    code = "open311-key"


class JurisdictionUnknown(HonghuError):  # noqa: N818 named after what happened
    """Another jurisdiction than this county: GeoReport's 404."""

    code = "jurisdiction-unknown"
    status = 404


def door(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A route of Open311: limits, jurisdiction, and every refusal in GeoReport's shape."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def enter(
            request: HttpRequest, *args: Any, kind: str | None = None, **kwargs: Any
        ) -> HttpResponse:
            kind = kind or "xml"
            shown = kind if kind in FORMATS else "xml"
            try:
                if kind not in FORMATS:
                    return refuse(shown, 404, [_("Ask for .xml or .json.")])
                if request.method not in methods:
                    response = refuse(
                        shown, 405, [_("Use {methods}.").format(methods=", ".join(methods))]
                    )
                    response["Allow"] = ", ".join(methods)
                    return response
                limits.insist(limits.admit(request))
                _check_jurisdiction(request)
                response = view(request, timezone.now(), shown, *args, **kwargs)  # noqa: TID251 the door
            except Exception as error:  # noqa: BLE001 the door: nothing but a refusal leaves it
                return explain(shown, error)
            response["Access-Control-Allow-Origin"] = "*"
            return response

        return enter

    return decorate


def explain(kind: str, error: Exception) -> HttpResponse:
    """Any error as a refusal of GeoReport; what nobody expected is told without its inside."""
    if isinstance(error, HonghuError):
        texts = [f"{name}: {text}" for name, text in error.fields.items()]
        said = " ".join(filter(None, [_(error.message), _(error.remedy) if error.remedy else ""]))
        # GeoReport knows no 401 and no 422.
        status = {401: 403, 422: 400}.get(error.status, error.status)
        if status < 500:  # noqa: PLR2004 a server's own fault is logged below
            return refuse(kind, status, texts or [said])
    if isinstance(error, RequestDataTooBig):
        return refuse(kind, 413, [_("The request is larger than what is read here.")])
    if isinstance(error, MultiPartParserError | BadRequest | SuspiciousOperation | UnicodeError):
        return refuse(kind, 400, [_("The request could not be read.")])
    _log.error("open311.failed", exc_info=error)
    return refuse(kind, 500, [_("Something went wrong here. Nothing of this request was kept.")])


def parameter(request: HttpRequest, name: str) -> str:
    """A parameter of the body or of the address; empty where it is not given.

    Raises Refused for one that holds NUL or half a character.
    """
    return ["", *parameters(request, name)][-1]


def parameters(request: HttpRequest, name: str) -> list[str]:
    """Every value of a parameter that is sent several times; without the empty ones.

    Raises Refused for one that holds NUL or half a character.
    """
    texts = [text for text in request.POST.getlist(name) if text] or request.GET.getlist(name)
    for text in texts:
        if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
            message = _("{name} holds characters that a text cannot hold.").format(name=name)
            raise Refused(message)
    return [text.strip() for text in texts if text.strip()]


def _check_jurisdiction(request: HttpRequest) -> None:
    given = parameter(request, "jurisdiction_id")
    if given and given != settings.HONGHU_REGION:
        message = _("There is no jurisdiction_id {id} here; it is {own}.").format(
            id=given[:40], own=settings.HONGHU_REGION
        )
        raise JurisdictionUnknown(message)


def caller(request: HttpRequest, now: dt.datetime, *, needed: bool = False) -> Actor:
    """Who sends: the platform whose key it is, or SYSTEM for nobody in particular.

    Raises KeyRefused for a key that may not report, or for none where one is needed; TokenRefused,
    NoPosition.
    """
    key = parameter(request, "api_key")
    header = request.headers.get("Authorization", "")
    if not key and header.lower().startswith("bearer "):
        key = header[7:].strip()
    if not key:
        if needed:
            raise KeyRefused(_("An api_key is needed here."))
        return SYSTEM
    used = use_token(secret=key, now=now)
    if WRITE not in used.scopes or not used.actor.holds(CHANNEL):
        message = _("This api_key may not send reports.")
        raise KeyRefused(message, remedy=_("Ask the administrator for the position of a platform."))
    return used.actor


def moment(request: HttpRequest, name: str) -> dt.datetime | None:
    """A W3C date and time; null where it is not given. Raises Refused."""
    # A plus sign in an address that was not encoded arrives as a blank.
    text = parameter(request, name).replace(" ", "+")
    if not text:
        return None
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = timezone.make_aware(at)
        return at.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        message = _("{name} is no date and time; write 2026-01-31T14:30:00Z.").format(name=name)
        raise Refused(message) from error


def words_list(request: HttpRequest, name: str) -> Sequence[str] | None:
    """Several values parted by commas; null where none is given."""
    found = [each.strip() for each in parameter(request, name).split(",") if each.strip()]
    return found[:PAGE_SIZE_MAX] or None


def number(request: HttpRequest, name: str, default: int, most: int = _PAGE_MAX) -> int:
    """A whole number from 1 to `most`. Raises Refused."""
    text = parameter(request, name)
    if not text:
        return default
    if not (
        text.isascii() and text.isdigit() and len(text) < len(str(_PAGE_MAX)) + 1 and int(text) > 0
    ):
        message = _("{name} is no whole number from 1.").format(name=name)
        raise Refused(message)
    return min(int(text), most)
