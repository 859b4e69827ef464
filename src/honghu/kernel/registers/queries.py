"""Reads: a register by code, in its latest version or the one that a case keeps."""

import dataclasses
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.registers.checker import read_published
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.models import RegisterVersion
from honghu.kernel.rulesets.edition import current_rule_book

LATEST_SECONDS: Final = 5.0
"""For so long a process takes the latest versions as it knows them before it asks for the edition."""

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


def registers_with_earlier() -> list[tuple[Register, Sequence[Register]]]:
    """Return every register in its latest version, with its earlier ones, by code: one query."""
    found: dict[str, list[Register]] = {}
    rows = RegisterVersion.objects.order_by("register", "-version")
    for row in rows.values_list("register", "version", "sha256"):
        found.setdefault(row[0], []).append(_parsed(*row))
    return [(versions[0], versions[1:]) for versions in found.values()]


def versions_of(code: str) -> list[Register]:
    """Return every version of a register, the latest first: one query once they have been read."""
    rows = RegisterVersion.objects.filter(register=code).order_by("-version")
    return [_parsed(*row) for row in rows.values_list("register", "version", "sha256")]


@dataclasses.dataclass(slots=True)
class _Latest:
    """The latest versions as this process knows them, under the edition in which it read them."""

    registers: Mapping[str, Register] = dataclasses.field(default_factory=dict)
    token: uuid.UUID | None = None
    asked_at: float | None = None


_latest = _Latest()


def forget_latest() -> None:
    """Ask for the latest versions anew: this process has just published one."""
    _latest.asked_at = _latest.token = None


def known_registers() -> Mapping[str, Register]:
    """Return the latest version of every register, by code, as this process knows them.

    A process asks for the edition's token at most once in LATEST_SECONDS, and reads the versions
    only where it is another; commands that hold the edition ask for nothing. Another process's
    publication so is heard of within that time, one of this process's own at once.
    """
    asked = _latest.asked_at
    if asked is None or time.monotonic() - asked > LATEST_SECONDS:
        token = current_rule_book().token
        if token is None or token != _latest.token:
            _latest.registers = {each.code: each for each in latest_registers()}
        _latest.token, _latest.asked_at = token, time.monotonic()
    return _latest.registers


def ruling_version(register: Register) -> Register:
    """Return the latest known version of a register: its roles hold for cases of every version."""
    found = known_registers().get(register.code)
    return register if found is None or found.version < register.version else found


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
