"""Reads: a register by code, in its latest version or the one that a case keeps."""

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.registers.checker import parse_register
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.models import RegisterVersion


_read: dict[tuple[str, int, str], Register] = {}
"""Parsed versions of this process: a published version never changes, so one parse serves."""


def get_register(code: str, version: int | None = None) -> Register:
    """One version, or the latest. A version that this process knows costs no query.

    Raises NotFound.
    """
    if version is not None:
        known = _kept.get((code, version))
        if known is not None:
            return known
    rows = RegisterVersion.objects.filter(register=code)
    if version is not None:
        rows = rows.filter(version=version)
    row = rows.order_by("-version").values_list("register", "version", "sha256").first()
    if row is None:
        message = _("There is no register {code}.").format(code=code)
        raise NotFound(message, remedy=_("Check the code, or publish the register."))
    return _parsed(*row)


def latest_registers() -> list[Register]:
    """All registers in their latest version, by code: one query once they have been read."""
    rows = RegisterVersion.objects.order_by("register", "-version").distinct("register")
    return [_parsed(*row) for row in rows.values_list("register", "version", "sha256")]


_kept: dict[tuple[str, int], Register] = {}


def _parsed(code: str, version: int, sha256: str) -> Register:
    found = _read.get((code, version, sha256))
    if found is None:
        source = RegisterVersion.objects.values_list("source", flat=True).get(
            register=code, version=version
        )
        found = parse_register(source, f"{code} v{version}")
        _read[code, version, sha256] = found
    _kept[code, version] = found
    return found
