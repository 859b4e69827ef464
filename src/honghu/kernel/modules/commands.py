"""Publish what the modules ship, rule sets and registers, and the registers of the county itself."""

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError
from honghu.kernel.cases.effects import known_effects
from honghu.kernel.documents.rendering import template_names
from honghu.kernel.modules.registry import modules
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.registers.checker import check_files, load_register, name_of
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.faults import RegisterFaults
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.parsing import Known
from honghu.kernel.rulesets.commands import publish_all_rules, rule_codes

_log = logging.getLogger(__name__)


class CodeShipped(Conflict):
    """A county's file redefines a register that is shipped."""

    code = "register-shipped"


@dataclasses.dataclass(frozen=True, slots=True)
class CountyFile:
    """What became of a register file of the county: published as `register`, or the faults."""

    path: Path
    register: Register | None
    faults: tuple[str, ...] = ()


def county_register_files() -> list[Path]:
    """The county's own register files: `registers/*.yaml` under the home folder."""
    return sorted((Path(settings.HONGHU_HOME) / "registers").glob("*.yaml"))


def publish_shipped(*, now: dt.datetime, progress: Callable[[str], None] | None = None) -> None:
    """Publish every module's rule sets and registers; what is published already stays.

    Then the county's own registers: one that is refused is told in the log and stops nothing, so
    that a slip in a file never keeps the county from working. Raises RegisterFaults or the rule
    book's own errors for what is shipped, naming file and line.
    """
    publish_all_rules(now=now, approved_by=None)
    known = known_outside()
    for module in modules():
        for path in module.register_files:
            publish_register(source=path.read_text("utf-8"), actor=SYSTEM, now=now, known=known)
            if progress is not None:
                progress(str(path.name))
    for file in publish_county_registers(actor=SYSTEM, now=now):
        if progress is not None and file.register is not None:
            progress(str(file.path.name))
        for fault in file.faults:
            _log.error("register not published: %s", fault)


def publish_county_registers(*, actor: Actor, now: dt.datetime) -> list[CountyFile]:
    """Publish the register files of the home folder, each by itself; says what became of each.

    Versions of one register are published in their order, whatever the files are called. A file
    that is unsound, redefines a shipped register or changes a published version is refused.
    """
    files = county_register_files()
    if not files:
        return []
    found: list[CountyFile] = []
    sound: list[tuple[Path, Register]] = []
    known = known_outside()
    for path, register, faults in check_files(files, known):
        if register is None:
            found.append(CountyFile(path, None, tuple(map(str, faults))))
        else:
            sound.append((path, register))
    for path, register in sorted(sound, key=lambda each: (each[1].code, each[1].version)):
        try:
            refuse_shipped(register)
            source = path.read_text("utf-8-sig")
            publish_register(source=source, actor=actor, now=now, known=known)
        except RegisterFaults as refusal:
            found.append(CountyFile(path, None, tuple(map(str, refusal.faults))))
        except HonghuError as refusal:
            said = f"{name_of(path)}: {refusal.code} {refusal}"
            found.append(CountyFile(path, None, (said,)))
        else:
            found.append(CountyFile(path, register))
    return sorted(found, key=lambda each: each.path)


def refuse_shipped(register: Register) -> None:
    """Raise CodeShipped if a module ships a register of this code, in whichever version."""
    known = known_outside()
    for module in modules():
        for path in module.register_files:
            if load_register(path.read_text("utf-8"), known).code == register.code:
                message = _("{register} is a register of {module}; it is shipped.").format(
                    register=register.code, module=module.code
                )
                raise CodeShipped(message, remedy=_("Give your register a code of its own."))


def known_outside() -> Known:
    """What register files may refer to outside themselves: commands, rules, document templates.

    Without installed modules commands are not checked.
    """
    return Known(commands=known_effects() or None, rules=rule_codes(), templates=template_names())
