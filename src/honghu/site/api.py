"""The API of all modules, assembled: the kernel's routes, then each module's own."""

import datetime as dt
import importlib
import importlib.util
from collections.abc import Iterator

from django.utils import timezone
from ninja import Router

from honghu.api import batches, cases, evidence, maps, oauth, proofs, registers, webhooks
from honghu.api.assembly import build_api
from honghu.site.modules import MODULES

DESCRIPTION = """\
The machine door of Honghu. Money is a whole number of fen, rates are text, instants carry an
offset. Every refusal is a problem (RFC 9457) with a stable `code`. See docs/howto/use-the-api.md.
"""


def routers() -> Iterator[Router]:
    """The routers of the kernel and of every module that has an `api.py`."""
    for routes in (registers, cases, batches, maps, evidence, proofs, webhooks):
        yield routes.router
    yield oauth.router_of(clock)
    for module in MODULES:
        if importlib.util.find_spec(f"{module}.api") is not None:
            found = importlib.import_module(f"{module}.api")
            # A module that speaks another protocol has addresses of its own, in its urls.py.
            if hasattr(found, "router"):
                yield found.router


def clock() -> dt.datetime:
    """The instant of a request; looked up each time, so that whoever replaces it is heard."""
    return timezone.now()


api = build_api(clock=clock, routers=routers(), description=DESCRIPTION)
