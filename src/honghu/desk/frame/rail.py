"""The left rail: the addresses that this reader has any use for."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.kernel.cases.wording import words
from honghu.kernel.modules.module import Module
from honghu.kernel.modules.registry import modules
from honghu.kernel.registers.model import Register
from honghu.web.components import RailGroup, RailItem

_ICONS = {
    "procurement": "contract",
    "financing": "bank",
    "chaincredit": "chain",
    "lending": "money",
    "rivers": "river",
    "safety": "safety",
    "urban": "urban",
    "projects": "project",
    "supervision": "supervise",
    "elevators": "lift",
    "consumables": "supplier",
}


def rail(registers: Sequence[Register], path: str) -> tuple[RailGroup, ...]:
    """My work, then the registers grouped by the module that ships them, then proof and rules."""
    groups = [RailGroup(label="", items=(_item(_("My work"), reverse("my-work"), "work", path),))]
    left = {register.code: register for register in registers}
    for module in modules():
        own = [left.pop(code) for code in _shipped(module) if code in left]
        if own:
            icon = _ICONS.get(module.code, "register")
            groups.append(_group(words(module.title), own, icon, path))
    if left:
        groups.append(_group(_("Registers"), list(left.values()), "register", path))
    groups.append(
        RailGroup(
            label=_("Grounds"),
            items=(
                _item(_("Oversight"), reverse("dashboard"), "supervise", path),
                _item(_("Figures"), reverse("figures"), "figure", path),
                _item(_("Bulletins"), reverse("bulletins"), "bulletin", path),
                _item(_("Rule book"), reverse("rules"), "file", path),
                _item(_("Journal"), reverse("journal"), "proof", path),
            ),
        )
    )
    return tuple(groups)


def _shipped(module: Module) -> list[str]:
    return [path.stem for path in module.register_files]


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
