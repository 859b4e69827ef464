"""What a list is narrowed to, as it stands in the address."""

import dataclasses
from collections.abc import Mapping
from typing import Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.cases.queries import CaseFilter
from honghu.kernel.cases.rows import Light
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Register
from honghu.web.components import FilterChip, Tab
from honghu.web.fields import Choice, FormField
from honghu.web.templatetags.honghu import light_words, with_query

PAGE_SIZE = 50
_SORTS = frozenset(
    {"number", "due_at", "-due_at", "opened_at", "-opened_at", "changed_at", "-changed_at"}
)
_LIGHTS = frozenset(light.value for light in Light)
_PAGE_MAX = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """The filters, sorting and page of an address; what it cannot mean is left out."""

    wanted: CaseFilter
    sort: str
    page: int

    @classmethod
    def read(cls, query: QueryDict, register: Register) -> Self:
        """Read an address. The sorting of the register's file holds until another is chosen."""
        light = query.get("light", "")
        states = tuple(str(code) for code in query.getlist("state") if code in register.states)
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() else 1
        sort = query.get("sort", "")
        first = register.listing.sort or "-changed_at"
        return cls(
            CaseFilter(
                states=states,
                text=query.get("q", "").strip(),
                light=Light(light) if light in _LIGHTS else None,
                open_only=query.get("open") == "true",
            ),
            sort if sort in _SORTS else (first if first in _SORTS else "-changed_at"),
            min(max(number, 1), _PAGE_MAX),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is on."""
        wanted = self.wanted
        return bool(wanted.states or wanted.text or wanted.light or wanted.open_only)


def filter_fields(register: Register, asked: Asked) -> tuple[FormField, ...]:
    """The fields of the filter form."""
    wanted = asked.wanted
    lights = light_words()
    return (
        FormField(
            name="q",
            label=_("Words"),
            control="search",
            value=wanted.text,
            placeholder=_("Number, name, supplier…"),
        ),
        FormField(
            name="state",
            label=_("State"),
            control="choice",
            value=wanted.states[0] if len(wanted.states) == 1 else "",
            is_select=True,
            placeholder=_("Every state"),
            choices=tuple(
                Choice(value=state.code, label=words(state.title))
                for state in register.states.values()
            ),
        ),
        FormField(
            name="light",
            label=_("Light"),
            control="choice",
            value=wanted.light.value if wanted.light else "",
            is_select=True,
            placeholder=_("Every light"),
            choices=tuple(Choice(value=light.value, label=lights[light.value]) for light in Light),
        ),
        FormField(
            name="open",
            label=_("Open cases only"),
            control="boolean",
            value="true" if wanted.open_only else "",
        ),
    )


def chips(request: DeskRequest, register: Register, asked: Asked) -> tuple[FilterChip, ...]:
    """Each filter that is on, with the address of the list without it."""
    wanted = asked.wanted
    found = []
    if wanted.text:
        found.append(("q", _("Words: %(text)s") % {"text": wanted.text}))
    if wanted.states:
        titles = "、".join(words(register.states[code].title) for code in wanted.states)
        found.append(("state", titles))
    if wanted.light:
        found.append(("light", light_words()[wanted.light.value]))
    if wanted.open_only:
        found.append(("open", _("Open cases only")))
    return tuple(
        FilterChip(label=label, remove_url=with_query(request, **{name: None, "page": None}))
        for name, label in found
    )


def state_tabs(
    request: DeskRequest,
    register: Register,
    asked: Asked,
    *,
    counts: Mapping[str, int] | None = None,
) -> tuple[Tab, ...]:
    """All, then each state; with counts only the states in which a case stands."""
    current = asked.wanted.states
    tabs = [
        Tab(
            label=_("All"),
            url=with_query(request, state=None, page=None),
            count=sum(counts.values()) if counts is not None else None,
            is_current=not current,
        )
    ]
    for state in register.states.values():
        count = counts.get(state.code, 0) if counts is not None else None
        if count == 0 and state.code not in current:
            continue
        tabs.append(
            Tab(
                label=words(state.title),
                url=with_query(request, state=state.code, page=None),
                count=count,
                is_current=current == (state.code,),
            )
        )
    return tuple(tabs)
