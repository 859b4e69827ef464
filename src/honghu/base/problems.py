"""The one family of errors: every refusal names the place, the remedy and a stable code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


class HonghuError(Exception):
    """A refusal that pages, API and CLI can show without knowing who raised it.

    `code` is stable: callers and translations may rely on it, so it never changes once published.
    `status` has the meaning of the HTTP status codes (RFC 9110). `message` says what is wrong and
    where, `remedy` what to do about it, `fields` maps a field's name to what is wrong with it.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 422

    def __init__(
        self, message: str, *, remedy: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        # Copied, so that what was reported does not change with the caller's dictionary.
        self.fields = MappingProxyType(dict(fields)) if fields else _NO_FIELDS

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class Invalid(HonghuError):  # noqa: N818 - the name is the outcome, as the status code's is
    """The input is well formed but wrong: HTTP 422."""

    code = "invalid"
    status = 422


class NotAllowed(HonghuError):  # noqa: N818 - see Invalid
    """The actor may not do this: HTTP 403."""

    code = "not_allowed"
    status = 403


class NotFound(HonghuError):  # noqa: N818 - see Invalid
    """The thing named does not exist, or not for this actor: HTTP 404."""

    code = "not_found"
    status = 404


class Conflict(HonghuError):  # noqa: N818 - see Invalid
    """The request is right in itself but no longer fits the present state: HTTP 409."""

    code = "conflict"
    status = 409
