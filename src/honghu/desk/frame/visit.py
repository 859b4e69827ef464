"""One signed-in request: who acts, at what instant, with which registers in sight."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from honghu.base.problems import NotFound
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import known_registers
from honghu.web.components import RailGroup

ORGANISATION_KEY = "organisation"
"""Session key of the organisation for which a person with several positions acts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """Who acts and when. Pages hand `actor` and `now` to commands and queries."""

    actor: Actor
    now: dt.datetime
    registers: Sequence[Register]

    @property
    def language(self) -> str:
        """The language of this page."""
        return get_language() or "zh-hans"

    def register(self, code: str) -> Register:
        """The latest version of a register that the actor may see. Raises NotFound."""
        for register in self.registers:
            if register.code == code:
                return register
        message = _("There is no register {code}, or it is not yours to see.").format(code=code)
        raise NotFound(message)


class DeskRequest(HttpRequest):
    """A request after `desk_page`: what the frame hung on it."""

    htmx: HtmxDetails
    visit: Visit
    honghu_actor: Actor
    honghu_rail: tuple[RailGroup, ...]
    honghu_work_count: int | None


def registers_in_sight(actor: Actor) -> tuple[Register, ...]:
    """The registers of which the actor may see anything."""
    return tuple(one for one in known_registers().values() if not sight_of(one, actor).nothing)


def chosen_organisation(request: HttpRequest) -> uuid.UUID | None:
    """The organisation chosen in this session; null while none was."""
    chosen = request.session.get(ORGANISATION_KEY)
    return uuid.UUID(chosen) if chosen else None
