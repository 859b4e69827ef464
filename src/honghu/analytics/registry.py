"""All declared figures: `FIGURES` in the `figures.py` of every module, and those of registers."""

import functools
import importlib
import importlib.util
from collections.abc import Mapping

from django.conf import settings

from honghu.analytics.figure import Figure
from honghu.analytics.registers import register_figures
from honghu.base.problems import HonghuError, NotFound


class FigureTwiceError(HonghuError):
    """Two modules declare a figure of one code."""

    code = "figure-declared-twice"
    status = 500


@functools.cache
def figures_by_module() -> Mapping[str, tuple[Figure, ...]]:
    """What each module declares in its `figures.py`, by the module's folder name."""
    found = {}
    for package in settings.HONGHU_MODULES:
        if importlib.util.find_spec(f"{package}.figures") is None:
            continue
        declared = importlib.import_module(f"{package}.figures").FIGURES
        found[package.rpartition(".")[2]] = tuple(declared)
    return found


@functools.cache
def figures() -> Mapping[str, Figure]:
    """Every figure that a module declares, by its code. Raises FigureTwiceError."""
    found: dict[str, Figure] = {}
    for module, declared in figures_by_module().items():
        for figure in declared:
            if figure.code in found:
                message = f"the figure {figure.code} is declared twice, again in {module}"
                raise FigureTwiceError(message, remedy="give one of them another code")
            found[figure.code] = figure
    return found


def all_figures() -> Mapping[str, Figure]:
    """The figures of modules and of the registers that stand, by code. Raises FigureTwiceError."""
    found = dict(figures())
    for figure in register_figures():
        if figure.code in found:
            message = f"the figure {figure.code} of a register is declared by a module, too"
            raise FigureTwiceError(message, remedy="give one of them another code")
        found[figure.code] = figure
    return found


def get_figure(code: str) -> Figure:
    """The figure with this code. Raises NotFound naming those that exist."""
    declared = figures().get(code)
    if declared is not None:
        return declared
    known = all_figures()
    if code not in known:
        message = f"there is no figure {code}"
        raise NotFound(message, remedy=f"use one of {', '.join(sorted(known)) or 'none yet'}")
    return known[code]
