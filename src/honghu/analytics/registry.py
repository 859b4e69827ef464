"""All declared figures: `FIGURES` in the `figures.py` of every module."""

import functools
import importlib
import importlib.util
from collections.abc import Mapping

from django.conf import settings

from honghu.analytics.figure import Figure
from honghu.base.problems import HonghuError, NotFound


class FigureTwiceError(HonghuError):
    """Two modules declare a figure of one code."""

    code = "figure-declared-twice"
    status = 500


@functools.cache
def figures() -> Mapping[str, Figure]:
    """Every figure by its code. Raises FigureTwiceError."""
    found: dict[str, Figure] = {}
    for package in settings.HONGHU_MODULES:
        if importlib.util.find_spec(f"{package}.figures") is None:
            continue
        for figure in importlib.import_module(f"{package}.figures").FIGURES:
            if figure.code in found:
                message = f"the figure {figure.code} is declared twice, again in {package}"
                raise FigureTwiceError(message, remedy="give one of them another code")
            found[figure.code] = figure
    return found


def get_figure(code: str) -> Figure:
    """The figure with this code. Raises NotFound naming those that exist."""
    known = figures()
    if code not in known:
        message = f"there is no figure {code}"
        raise NotFound(message, remedy=f"use one of {', '.join(sorted(known)) or 'none yet'}")
    return known[code]
