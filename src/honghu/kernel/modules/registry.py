"""The sealed list of installed modules, read once when Django starts."""

import importlib
import importlib.util

from django.conf import settings

from honghu.base.problems import HonghuError
from honghu.kernel.cases.effects import register_effect, register_reaction
from honghu.kernel.modules.module import (
    EVERY_REGISTER,
    Caution,
    Door,
    Layer,
    Module,
    Panel,
    Picker,
    Prefill,
    Way,
)
from honghu.kernel.parties.actor import Actor

_modules: dict[str, Module] = {}


class ModuleBrokenError(HonghuError):
    """A module in the list does not declare itself properly."""

    code = "module-broken"
    status = 500


def load_modules() -> None:
    """Read `MODULE` of every package in `settings.HONGHU_MODULES`; a second call changes nothing.

    Raises ModuleBrokenError naming the package and the remedy.
    """
    if _modules:
        return
    for package in settings.HONGHU_MODULES:
        if importlib.util.find_spec(f"{package}.module") is None:
            message = f"{package} has no module.py"
            raise ModuleBrokenError(message, remedy="declare MODULE there; see the how-to")
        module: Module = importlib.import_module(f"{package}.module").MODULE
        _modules[module.code] = module
        for name, effect in module.effects.items():
            register_effect(name, effect)
        for event, reaction in module.reactions.items():
            register_reaction(event, reaction)


def modules() -> tuple[Module, ...]:
    """All installed modules, in the order of the list."""
    return tuple(_modules.values())


def panels_for(register: str) -> list[Panel]:
    """The further parts of this register's case page, of all modules."""
    return [
        panel
        for code in (register, EVERY_REGISTER)
        for module in _modules.values()
        for panel in module.panels.get(code, ())
    ]


def doors_for(register: str) -> list[Door]:
    """The further ways in which cases of this register are opened, of all modules."""
    return [door for module in _modules.values() for door in module.doors.get(register, ())]


def picker_for(register: str, field: str) -> Picker | None:
    """What the forms of this register offer in a text field; null where anything is typed."""
    found = (module.pickers.get(f"{register}.{field}") for module in _modules.values())
    return next((each for each in found if each is not None), None)


def prefill_for(register: str, action: str) -> Prefill | None:
    """What is known when a case of this register is opened; null where nothing is."""
    found = (module.prefills.get(f"{register}.{action}") for module in _modules.values())
    return next((each for each in found if each is not None), None)


def caution_for(register: str, action: str) -> Caution | None:
    """What gives pause before an action of this register; null where nothing does."""
    found = (module.cautions.get(f"{register}.{action}") for module in _modules.values())
    return next((each for each in found if each is not None), None)


def ways_for(register: str, state: str, actor: Actor) -> list[Way]:
    """What comes next of a case in this state for this actor, of all modules."""
    return [
        way
        for module in _modules.values()
        for way in module.ways.get(register, ())
        if state in way.states and any(actor.holds(role) for role in way.roles)
    ]


def layers_for(register: str) -> list[Layer]:
    """What maps of this register are drawn upon, of all modules."""
    return [layer for module in _modules.values() for layer in module.layers.get(register, ())]


def all_layers() -> list[Layer]:
    """Every layer that some map is drawn upon, once."""
    found = (
        layer
        for module in _modules.values()
        for layers in module.layers.values()
        for layer in layers
    )
    return list({layer.code: layer for layer in found}.values())
