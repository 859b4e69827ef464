"""What every page's frame needs.

The toolkit knows no desk. A page (or the desk's middleware) hangs what it knows on the request:
`honghu_rail` (tuple of RailGroup), `honghu_work_count` (int or None), `honghu_actor` (Actor) and
`honghu_checkpoint` (Checkpoint). All may be missing, as they are on a public page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from honghu.kernel.parties.actor import Actor
from honghu.web.components import Checkpoint, RailGroup

ADDRESSES = (
    "home",
    "my-work",
    "work-count",
    "inbox",
    "inbox-count",
    "mail-preferences",
    "search",
    "sign-in",
    "sign-out",
    "choose-organisation",
    "password",
    "report",
    "financing-policy",
)
"""Names of addresses the frame links to when the installation has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """The frame around a page. An address is the empty text where the installation has none."""

    person_name: str = ""
    organisation_name: str = ""
    is_signed_in: bool = False
    work_count: int | None = None
    checkpoint: Checkpoint | None = None
    search_text: str = ""
    next_path: str = "/"
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def home_url(self) -> str:
        """Where the mark leads."""
        return self.addresses["my_work"] if self.is_signed_in else self.addresses["home"] or "/"


def chrome(request: HttpRequest) -> dict[str, object]:
    """Variables of the frame: `rail`, the groups of the left rail, and `chrome`, the rest."""
    user = getattr(request, "user", None)
    is_signed_in = bool(getattr(user, "is_authenticated", False))
    actor = getattr(request, "honghu_actor", None)
    rail: Sequence[RailGroup] = getattr(request, "honghu_rail", ())
    return {
        "rail": tuple(rail),
        "chrome": Chrome(
            person_name=_person_name(actor, user if is_signed_in else None),
            organisation_name=actor.organisation_name if actor else "",
            is_signed_in=is_signed_in,
            work_count=getattr(request, "honghu_work_count", None),
            checkpoint=getattr(request, "honghu_checkpoint", None),
            search_text=request.GET.get("q", ""),
            next_path=request.get_full_path() if request.method == "GET" else "/",
            addresses={name.replace("-", "_"): _address(name) for name in ADDRESSES},
        ),
    }


def _person_name(actor: Actor | None, user: object | None) -> str:
    if actor is not None and actor.name:
        return actor.name
    if user is None:
        return ""
    person = getattr(user, "person", None)
    return person.name if person is not None else str(user)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
