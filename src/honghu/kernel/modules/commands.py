"""Publish what the modules ship: rule sets and registers."""

import datetime as dt
from collections.abc import Callable

from honghu.kernel.cases.effects import known_effects
from honghu.kernel.modules.registry import modules
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.parsing import Known
from honghu.kernel.rulesets.commands import publish_all_rules


def publish_shipped(*, now: dt.datetime, progress: Callable[[str], None] | None = None) -> None:
    """Publish every module's rule sets and registers; what is published already stays.

    Raises RegisterFaults or the rule book's own errors, naming file and line.
    """
    publish_all_rules(now=now, approved_by=None)
    known = Known(commands=known_effects())
    for module in modules():
        for path in module.register_files:
            publish_register(source=path.read_text("utf-8"), actor=SYSTEM, now=now, known=known)
            if progress is not None:
                progress(str(path.name))
