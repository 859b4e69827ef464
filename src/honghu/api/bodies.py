"""Reading what is sent: bounded before it is read, strict JSON, no field that nobody knows."""

import json
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser
from pydantic import BaseModel, ConfigDict

from honghu.api.problems import BodyOfOtherKind, BodyTooLarge
from honghu.base.problems import Invalid

MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
FORM_PATHS: Final = ("/oauth/token", "/oauth/revoke")
"""Where OAuth's own encoding is read."""
_ENVELOPE_BYTES: Final = 64 * 1024
"""What the parts around a file may take: boundaries, headers, the other fields."""
_DEPTH_MAX: Final = 16


class Body(BaseModel):
    """The base of what is sent as JSON: a field that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """The base of what is answered."""

    model_config = ConfigDict(frozen=True)


class StrictParser(Parser):
    """JSON as RFC 8259 with I-JSON's strictness: no twin names, no NUL, no half characters."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value. Raises ValueError, which becomes a 400."""
        value = json.loads(
            request.body.decode(), object_pairs_hook=_object, parse_constant=_constant
        )
        _check(value, 0)
        return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name stands twice in one object"
        raise ValueError(message)
    return found


def _constant(name: str) -> Any:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _check(value: Any, depth: int) -> None:
    """Refuse what the database or the journal could not keep. Raises ValueError."""
    if depth > _DEPTH_MAX:
        message = f"more than {_DEPTH_MAX} levels"
        raise ValueError(message)
    if isinstance(value, str):
        value.encode()  # refuses lone surrogates
        if "\x00" in value:
            message = "a text holds NUL"
            raise ValueError(message)
    elif isinstance(value, dict):
        for name, each in value.items():
            _check(name, depth + 1)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)


class _BoundedUpload(FileUploadHandler):
    """Ends an upload while it streams, whatever length it stated."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._left = settings.HONGHU_EVIDENCE_MAX_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        """Pass the chunk on while there is room. Raises BodyTooLarge."""
        self._left -= len(raw_data)
        if self._left < 0:
            raise too_large(settings.HONGHU_EVIDENCE_MAX_BYTES)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


def bound(request: HttpRequest) -> None:
    """Refuse a body by its stated length and kind before a byte is read; bound the rest.

    Raises BodyTooLarge (413), BodyOfOtherKind (415).
    """
    length = _stated_length(request)
    multipart = request.content_type == MULTIPART
    limit = (
        settings.HONGHU_EVIDENCE_MAX_BYTES if multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )
    if length > limit + (_ENVELOPE_BYTES if multipart else 0):
        raise too_large(limit)
    if length and request.content_type not in {MULTIPART, JSON, *_also_read(request)}:
        message = _("A body of the type {type} is not read here.").format(
            type=request.content_type or "''"
        )
        raise BodyOfOtherKind(message, remedy=_("Send {json}.").format(json=JSON))
    if multipart:
        request.upload_handlers.insert(0, _BoundedUpload(request))


def _also_read(request: HttpRequest) -> tuple[str, ...]:
    return (FORM,) if request.path.endswith(FORM_PATHS) else ()


def _stated_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def too_large(limit: int) -> BodyTooLarge:
    """The refusal of a body above the limit, in bytes."""
    message = _("At most {limit} bytes are read here.").format(limit=limit)
    return BodyTooLarge(message, remedy=_("Send it smaller, or in parts."))


def check_parts(request: HttpRequest, known: Iterable[str]) -> None:
    """Refuse parts of a multipart body that nobody knows. Raises Invalid."""
    names = set(known)
    unknown = [name for name in (*request.POST, *request.FILES) if name not in names]
    if unknown:
        message = _("The body has parts that are not known here.")
        raise Invalid(message, fields=dict.fromkeys(unknown, _("unknown")))
