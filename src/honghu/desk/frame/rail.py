"""The left rail: the addresses that this reader has any use for."""

import dataclasses
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.kernel.cases.wording import words
from honghu.kernel.modules.module import Module
from honghu.kernel.modules.registry import modules
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.outside import has_work_outside
from honghu.web.components import RailGroup, RailItem

_ICONS = {
    "procurement": "contract",
    "financing": "bank",
    "chaincredit": "chain",
    "lending": "money",
    "rivers": "river",
    "citizens": "people",
    "safety": "safety",
    "urban": "urban",
    "projects": "project",
    "supervision": "supervise",
    "elevators": "lift",
    "consumables": "supplier",
}


def rail(registers: Sequence[Register], path: str, actor: Actor) -> tuple[RailGroup, ...]:
    """My work, then each module's registers and pages of its own, then proof and rules."""
    first = [_item(_("My work"), reverse("my-work"), "work", path)]
    if has_work_outside(registers, actor.roles):
        first.append(_item(_("Field work"), reverse("field"), "pin", path))
    groups = [RailGroup(label="", items=tuple(first))]
    left = {register.code: register for register in registers}
    for module in modules():
        own = [left.pop(code) for code in _shipped(module) if code in left]
        entries = _entries(module, path, actor)
        if own or entries:
            icon = _ICONS.get(module.code, "register")
            group = _group(words(module.title), own, icon, path)
            groups.append(dataclasses.replace(group, items=entries + group.items))
    if left:
        groups.append(_group(_("Registers"), list(left.values()), "register", path))
    groups.append(
        RailGroup(
            label=_("Grounds"),
            items=(
                _item(_("Oversight"), reverse("dashboard"), "supervise", path),
                _item(_("Figures"), reverse("figures"), "figure", path),
                _item(_("Bulletins"), reverse("bulletins"), "bulletin", path),
                *_numbers(path, actor),
                _item(_("Rule book"), reverse("rules"), "file", path),
                _item(_("Journal"), reverse("journal"), "proof", path),
            ),
        )
    )
    return tuple(groups)


def _numbers(path: str, actor: Actor) -> tuple[RailItem, ...]:
    """Document numbers, for who keeps those of an organisation."""
    if not actor.holds("document_clerk"):
        return ()
    return (_item(_("Document numbers"), reverse("document-series"), "file", path),)


def _shipped(module: Module) -> list[str]:
    return [path.stem for path in module.register_files]


def _entries(module: Module, path: str, actor: Actor) -> tuple[RailItem, ...]:
    """The module's own pages that this actor has a role for; the nearest one is the present one."""
    icon = _ICONS.get(module.code, "register")
    found = [
        (words(entry.title), reverse(entry.address))
        for entry in module.entries
        if any(actor.holds(role) for role in entry.roles)
    ]
    above = [url for _title, url in found if path == url or path.startswith(f"{url}/")]
    nearest = max(above, key=len, default="")
    return tuple(
        RailItem(label=title, url=url, icon=icon, is_current=url == nearest) for title, url in found
    )


def _group(label: str, registers: Sequence[Register], icon: str, path: str) -> RailGroup:
    return RailGroup(
        label=label,
        items=tuple(
            _item(words(one.title), reverse("register", args=[one.code]), icon, path)
            for one in registers
        ),
    )


def _item(label: str, url: str, icon: str, path: str) -> RailItem:
    current = path == url or (url != "/" and path.startswith(url))
    return RailItem(label=label, url=url, icon=icon, is_current=current)
