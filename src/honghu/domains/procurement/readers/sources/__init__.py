"""The sources of procurement facts. Each file of this folder is one; its SOURCE is the adapter.

See docs/howto/add-a-source.md. The interface is `readers.found.Source`.
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from honghu.domains.procurement.readers.found import Source


@functools.cache
def sources() -> Mapping[str, Source]:
    """The sources by code, in the order of their files' names."""
    found = [
        cast("Source", importlib.import_module(f"{__name__}.{module.name}").SOURCE)
        for module in pkgutil.iter_modules(__path__)
    ]
    return MappingProxyType({source.code: source for source in found})


def find_source(path: Path) -> Source | None:
    """The first source that recognises a file or folder; null if none does."""
    return next((source for source in sources().values() if source.recognises(path)), None)
