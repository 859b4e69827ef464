"""What a list is narrowed to, as it stands in the address, and the page that this asks for."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Self

from django.http import QueryDict
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.base.problems import Invalid
from honghu.base.spots import Box, read_box
from honghu.desk.frame.listing import columns_of
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.fates import Fate, Within
from honghu.kernel.cases.orders import ORDERS, read_place
from honghu.kernel.cases.queries import COUNTED_TO, CaseFilter, list_cases
from honghu.kernel.cases.rows import CasePage, Light
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Field, FieldType, Register
from honghu.web.components import FilterChip, Tab
from honghu.web.display import date_text, listed_text
from honghu.web.fields import Choice, FormField
from honghu.web.templatetags.honghu import light_words, with_query

PAGE_SIZE = 50
FACT = "fact."
"""Before a field's code in the address."""

_SORTS = frozenset(ORDERS)
_LIGHTS = frozenset(light.value for light in Light)
_PAGE_MAX = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """The filters, sorting and page of an address; what it cannot mean is left out.

    A page that another led to has its place besides its number (see `list_cases`).
    """

    wanted: CaseFilter
    sort: str
    page: int
    after: str | None = None
    before: str | None = None

    @classmethod
    def read(cls, query: QueryDict, register: Register) -> Self:
        """Read an address. The sorting of the register's file holds until another is chosen."""
        light = query.get("light", "")
        states = tuple(str(code) for code in query.getlist("state") if code in register.states)
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() else 1
        sort = query.get("sort", "")
        first = register.listing.sort or "-changed_at"
        order = sort if sort in _SORTS else (first if first in _SORTS else "-changed_at")
        after = _place(query.get("after"), order)
        return cls(
            CaseFilter(
                states=states,
                text=query.get("q", "").strip(),
                light=Light(light) if light in _LIGHTS else None,
                open_only=query.get("open") == "true",
                organisation_id=_organisation(query.get("organisation", "")),
                party_field=_party_field(query, register),
                within=_within(query),
                facts={
                    code: value
                    for code, field in choices(register).items()
                    if (value := query.get(FACT + code)) in field.options
                },
                box=box_of(query),
            ),
            order,
            min(max(number, 1), _PAGE_MAX),
            after,
            _place(query.get("before"), order) if after is None else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is on."""
        return self.wanted != CaseFilter()

    def page_of(
        self, register: Register, visit: Visit, *, box: Box | None = None, size: int | None = None
    ) -> CasePage:
        """The page of the list that is asked for; with a box, of the cases inside it."""
        return list_cases(
            register,
            actor=visit.actor,
            now=visit.now,
            wanted=dataclasses.replace(self.wanted, box=box) if box else self.wanted,
            sort=self.sort,
            page=self.page,
            page_size=size or PAGE_SIZE,
            after=self.after,
            before=self.before,
        )


def choices(register: Register) -> dict[str, Field]:
    """The fields among the list's columns that have few values: a list is narrowed by them."""
    return {
        code: field
        for code, field in register.fields.items()
        if field.type is FieldType.CHOICE
        and code in {*columns_of(register), *register.listing.filed}
    }


def box_of(query: QueryDict) -> Box | None:
    """The part of a map that an address names; null without one that can be drawn."""
    try:
        return read_box(query.get("box", ""))
    except ValueError:
        return None


def _organisation(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def _party_field(query: QueryDict, register: Register) -> str:
    """The field in which the organisation stands; without an organisation it means nothing."""
    code = query.get("party", "")
    field = register.fields.get(code)
    is_party = field is not None and field.type is FieldType.ORGANISATION
    return code if is_party and _organisation(query.get("organisation", "")) else ""


def _within(query: QueryDict) -> Within | None:
    """What became of cases since the beginning of a day; both are needed."""
    fate, since = query.get("fate", ""), query.get("since", "")
    try:
        day = dt.date.fromisoformat(since)
        return Within(dt.datetime.combine(day, dt.time(), get_current_timezone()), Fate(fate))
    except (ValueError, OverflowError):
        return None


def fate_words() -> dict[Fate, str]:
    """What became of cases, in words."""
    return {
        Fate.CLOSED: _("Closed"),
        Fate.ON_TIME: _("Closed on time"),
        Fate.LATE: _("Closed late"),
        Fate.RETURNED: _("Closed after a return"),
        Fate.EXTENDED: _("Closed after an extension"),
        Fate.REBOUND: _("Came back"),
        Fate.SATISFIED: _("Judged satisfied"),
        Fate.DISSATISFIED: _("Judged dissatisfied"),
    }


def _place(token: str | None, sort: str) -> str | None:
    """The place if it is one of this sorting; else the list begins at its page's number."""
    if not token:
        return None
    try:
        read_place(token, sort)
    except Invalid:
        return None
    return token


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
        *(
            FormField(
                name=FACT + code,
                label=words(field.title),
                control="choice",
                value=str(wanted.facts.get(code, "")),
                is_select=True,
                placeholder=pgettext("filter", "Any"),
                choices=tuple(
                    Choice(value=option, label=words(title))
                    for option, title in field.options.items()
                ),
            )
            for code, field in choices(register).items()
        ),
        FormField(
            name="open",
            label=_("Open cases only"),
            control="boolean",
            value="true" if wanted.open_only else "",
        ),
        *((_box_field(wanted.box),) if wanted.box else ()),
    )


def _box_field(box: Box) -> FormField:
    return FormField(name="box", label="", control="hidden", value=box.text())


def chips(request: DeskRequest, register: Register, asked: Asked) -> tuple[FilterChip, ...]:
    """Each filter that is on, with the address of the list without it."""
    wanted = asked.wanted
    found = []
    if wanted.text:
        found.append(("q", _("Words: %(text)s") % {"text": wanted.text}))
    if wanted.states:
        titles = listed_text(words(register.states[code].title) for code in wanted.states)
        found.append(("state", titles))
    if wanted.light:
        found.append(("light", light_words()[wanted.light.value]))
    if wanted.open_only:
        found.append(("open", _("Open cases only")))
    for code, value in wanted.facts.items():
        field = register.fields[code]
        said = {"field": words(field.title), "value": words(field.options[str(value)])}
        found.append((FACT + code, _("%(field)s: %(value)s") % said))
    if wanted.box:
        found.append(("box", _("On a part of the map")))
    if wanted.organisation_id:
        names = organisation_names([wanted.organisation_id])
        name = names.get(wanted.organisation_id, _("Organisation"))
        if wanted.party_field:
            said = {"field": words(register.fields[wanted.party_field].title), "value": name}
            name = _("%(field)s: %(value)s") % said
        found.append(("organisation", name))
    if wanted.within:
        said = {
            "fate": fate_words()[wanted.within.fate],
            "day": date_text(localdate(wanted.within.since)),
        }
        found.append(("fate", _("%(fate)s since %(day)s") % said))
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
    everything = sum(counts.values()) if counts is not None else 0
    tabs = [
        Tab(
            label=_("All"),
            url=with_query(request, state=None, page=None),
            count=min(everything, COUNTED_TO) if counts is not None else None,
            is_current=not current,
            is_more=everything > COUNTED_TO,
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
                count=min(count, COUNTED_TO) if count is not None else None,
                is_current=current == (state.code,),
                is_more=count is not None and count > COUNTED_TO,
            )
        )
    return tuple(tabs)
