"""Reads: a register by code, in its latest version or the one that a case keeps."""

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.registers.checker import read_published
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.models import RegisterVersion

_read: dict[tuple[str, int, str], Register] = {}
"""Versions this process has read, by code, version and digest: a published one never changes."""

_by_version: dict[tuple[str, int], Register] = {}
"""The same by code and version, so that a known version costs no query."""


def get_register(code: str, version: int | None = None) -> Register:
    """Return one version of a register, or the latest; a version read before costs no query.

    Raises NotFound.
    """
    if version is not None and (code, version) in _by_version:
        return _by_version[code, version]
    rows = RegisterVersion.objects.filter(register=code)
    if version is not None:
        rows = rows.filter(version=version)
    row = rows.order_by("-version").values_list("register", "version", "sha256").first()
    if row is None:
        message = _("There is no register {code}.").format(code=code)
        raise NotFound(message, remedy=_("Check the code, or publish the register."))
    return _parsed(*row)


def latest_registers() -> list[Register]:
    """Return all registers in their latest version, by code: one query once they have been read."""
    rows = RegisterVersion.objects.order_by("register", "-version").distinct("register")
    return [_parsed(*row) for row in rows.values_list("register", "version", "sha256")]


def latest_versions() -> dict[str, int]:
    """Return the latest version of each register, by code."""
    return {register.code: register.version for register in latest_registers()}


def _parsed(code: str, version: int, sha256: str) -> Register:
    key = (code, version, sha256)
    if key not in _read:
        source = RegisterVersion.objects.values_list("source", flat=True).get(
            register=code, version=version
        )
        _read[key] = read_published(source, f"{code} v{version}")
    _by_version[code, version] = _read[key]
    return _read[key]
