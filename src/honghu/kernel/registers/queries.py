"""Reads: a register by code, in its latest version or the one that a case keeps."""

from django.db.models import Max
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.registers.checker import read_published
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.models import RegisterVersion

_read: dict[tuple[str, int], tuple[str, Register]] = {}
"""What this process has read, by code and version, with its digest: it never changes."""


def get_register(code: str, version: int | None = None) -> Register:
    """Return one version of a register, or the latest; a version read before costs no query.

    Raises NotFound.
    """
    if version is not None and (code, version) in _read:
        return _read[code, version][1]
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


def holders_of_roles() -> dict[str, frozenset[str]]:
    """Return every role of the latest registers with the kinds of organisation that may hold it.

    A role of several registers may be held wherever one of them says; an empty set means any kind.
    """
    found: dict[str, list[frozenset[str]]] = {}
    for register in latest_registers():
        for role in register.roles.values():
            found.setdefault(role.code, []).append(role.held_in)
    return {
        code: frozenset().union(*kinds) if all(kinds) else frozenset()
        for code, kinds in found.items()
    }


def latest_versions() -> dict[str, int]:
    """Return the latest version of each register, by code."""
    rows = RegisterVersion.objects.values("register").annotate(latest=Max("version"))
    return dict(rows.values_list("register", "latest"))


def _parsed(code: str, version: int, sha256: str) -> Register:
    found = _read.get((code, version))
    # Another digest is another database: a test's, or one that was restored.
    if found is None or found[0] != sha256:
        source = RegisterVersion.objects.values_list("source", flat=True).get(
            register=code, version=version
        )
        found = (sha256, read_published(source, f"{code} v{version}"))
        _read[code, version] = found
    return found[1]
