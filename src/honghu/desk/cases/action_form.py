"""The form of an action: typed fields, evidence slots, checklist, confirmation, and what was typed.

Reading never refuses: it collects what the browser sent, so that a refusal of the server can be
drawn beside the fields with nothing lost. What is right is decided by the kernel alone.
"""

import contextlib
import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.desk.frame.facts import mask
from honghu.desk.frame.listing import heading
from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.queries import CaseFilter, iterate_cases
from honghu.kernel.cases.rows import CaseDetail, CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.clocks.durations import format_duration, parse_duration
from honghu.kernel.evidence.queries import EvidenceRow
from honghu.kernel.modules.registry import picker_for
from honghu.kernel.parties.queries import OrganisationRow, list_organisations
from honghu.kernel.registers.model import Action, EvidenceSlot, Field, FieldType, Register
from honghu.kernel.registers.queries import get_register
from honghu.web.components import EvidenceView
from honghu.web.fields import Choice, FormField, field_text, register_field

KEY, VERSION, CONFIRM, CHECKLIST = "_key", "_version", "_confirm", "checklist"
SURE = "_sure"
"""Names of the form's own parts; register fields cannot begin with an underscore."""

_FILES = frozenset({FieldType.FILE, FieldType.PHOTOS})
_CASES_MAX = 500
"""So many cases are offered where a field names one."""
_LENGTHS = tuple(
    parse_duration(text)
    for text in (
        "1 working_day", "2 working_days", "3 working_days", "5 working_days", "10 working_days",
        "3 natural_days", "5 natural_days", "10 natural_days", "1 month",
    )
)  # fmt: skip
"""Lengths of time that are offered; any other may be typed."""
_ACCEPT = {
    "photo": "image/*",
    "video": "video/*",
    "audio": "audio/*",
    "track": ".gpx,.kml,.geojson,.csv",
    "document": ".pdf,.doc,.docx,.xls,.xlsx,.txt,.html,.jpg,.jpeg,.png,.zip",
}


def slot_name(code: str) -> str:
    """The name under which files of an evidence slot are sent."""
    return f"evidence.{code}"


def held_name(name: str) -> str:
    """The name under which the SHA-256 names of files already received are sent back."""
    return f"held.{name}"


def asked_fields(register: Register, action: Action) -> dict[str, Field]:
    """The facts that the action sets, then its own fields; the decision comes last but one sees it."""
    return {code: register.fields[code] for code in action.facts} | dict(action.form)


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """What the browser sent: texts by name, ticked answers, and files already stored by name."""

    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    held: Mapping[str, tuple[str, ...]]
    ticked: tuple[str, ...]
    confirm: str

    def raw(self, fields: Mapping[str, Field], *, has_checklist: bool) -> dict[str, Any]:
        """The form as the kernel takes it."""
        found: dict[str, Any] = {}
        for code, field in fields.items():
            if field.type is FieldType.CHOICES:
                found[code] = list(self.lists.get(code, ()))
            elif field.type in _FILES:
                found[code] = list(self.held.get(code, ()))
            elif field.type is FieldType.PLACE:
                longitude = self.texts.get(f"{code}.longitude", "").strip()
                latitude = self.texts.get(f"{code}.latitude", "").strip()
                found[code] = f"{longitude},{latitude}" if longitude or latitude else None
            else:
                found[code] = self.texts.get(code)
        if has_checklist:
            found[CHECKLIST] = list(self.ticked)
        return found

    def evidence(self, slots: Mapping[str, EvidenceSlot]) -> dict[str, list[str]]:
        """The stored files of each slot that has any."""
        given = {code: list(self.held.get(slot_name(code), ())) for code in slots}
        return {code: files for code, files in given.items() if files}


def read_typed(data: QueryDict, held: Mapping[str, tuple[str, ...]]) -> Typed:
    """Collect what was sent; `held` are files stored now or before, without those to be dropped."""
    return Typed(
        {name: data.get(name, "") for name in data},
        {name: tuple(map(str, data.getlist(name))) for name in data},
        held,
        tuple(map(str, data.getlist(CHECKLIST))),
        data.get(CONFIRM, "").strip(),
    )


def first_shown(fields: Mapping[str, Field], facts: Mapping[str, Any]) -> Typed:
    """The form as it is opened: facts that are known already stand in their boxes.

    Personal values are never sent out again in full: their boxes begin empty.
    """
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for code, field in fields.items():
        value = facts.get(code)
        if value is None or field.personal or field.type in _FILES:
            continue
        if field.type is FieldType.CHOICES:
            lists[code] = tuple(value)
        elif field.type is FieldType.PLACE:
            texts |= {f"{code}.longitude": value["lon"], f"{code}.latitude": value["lat"]}
        elif field.type is FieldType.BOOLEAN:
            texts[code] = "true" if value else "false"
        elif field.type is FieldType.INSTANT:
            texts[code] = field_text(dt.datetime.fromisoformat(value), field.type)
        else:
            texts[code] = field_text(value, field.type)
    return Typed(texts, lists, {}, (), "")


@dataclasses.dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong: by field, and what belongs to no field."""

    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
    general: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class ActionForm:
    """The form ready to be drawn. `cautions` are what the person has to confirm first."""

    fields: tuple[FormField, ...]
    slots: tuple[FormField, ...]
    checklist: FormField | None
    confirm_number: str
    confirm_error: str
    general: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def all_fields(self) -> tuple[FormField, ...]:
        """Every field, for the summary of what is wrong."""
        return (*self.fields, *self.slots, *((self.checklist,) if self.checklist else ()))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that drawing a form needs. `stored` are the contents held, by SHA-256.

    `parent` is the case from which another one is being opened; then `detail` is null.
    """

    register: Register
    action: Action
    typed: Typed
    visit: Visit
    stored: Mapping[str, EvidenceRow] = dataclasses.field(default_factory=dict)
    detail: CaseDetail | None = None
    parent: CaseDetail | None = None
    faults: Faults = dataclasses.field(default_factory=Faults)

    def held(self, name: str) -> tuple[EvidenceView, ...]:
        """The files of a field that are here already."""
        return tuple(_held(sha, self.stored.get(sha)) for sha in self.typed.held.get(name, ()))

    def errors(self, *names: str) -> tuple[str, ...]:
        """What is wrong under the first of these names that has a fault."""
        found = next((self.faults.fields[name] for name in names if name in self.faults.fields), "")
        return (found,) if found else ()


def build_form(drawing: Drawing) -> ActionForm:
    """Draw the action's form with what was typed and what is wrong with it.

    One query if the form asks for an organisation, one or two for each case that it asks for; what
    a module's pickers need.
    """
    action, detail, faults = drawing.action, drawing.detail, drawing.faults
    fields = asked_fields(drawing.register, action)
    choices = _choices(fields, drawing)
    drawn = tuple(
        _picked(_drawn(field, choices.get(code), drawing), drawing)
        for code, field in fields.items()
    )
    known = {
        *fields,
        *action.evidence,
        *(slot_name(code) for code in action.evidence),
        CHECKLIST,
        "confirm",
    }
    loose = tuple(text for name, text in faults.fields.items() if name not in known)
    return ActionForm(
        drawn,
        tuple(_slot(slot, drawing) for slot in action.evidence.values()),
        _checklist(drawing),
        detail.row.number if detail and action.confirm == "case_number" else "",
        faults.fields.get("confirm", ""),
        (*faults.general, *loose),
    )


def _drawn(field: Field, choices: tuple[Choice, ...] | None, drawing: Drawing) -> FormField:
    typed, code = drawing.typed, field.code
    drawn = register_field(
        field,
        language=drawing.visit.language,
        text=typed.texts.get(code, ""),
        values=_values(field, typed),
        errors=drawing.errors(code),
        held=drawing.held(code),
    )
    # A chosen radio button cannot be unchosen: what may stay empty gets a select box.
    changes: dict[str, Any] = {"is_select": not field.required}
    if field.type is FieldType.BOOLEAN:
        # An empty tick box cannot be told from an unanswered question: ask for yes or no.
        answers = (Choice(value="true", label=_("yes")), Choice(value="false", label=_("no")))
        changes |= {"control": "choice", "choices": answers}
    elif field.type is FieldType.DURATION:
        changes |= {"control": "lookup", "choices": _lengths(drawing.visit.language)}
    elif choices is not None:
        control = "lookup" if field.type is FieldType.TEXT else "choice"
        changes |= {"control": control, "choices": choices, "is_select": True}
    current = drawing.detail.row.facts.get(code) if drawing.detail else None
    if field.personal and current is not None:
        hint = _("Known: %(masked)s. Leave empty to clear it, or type it in full.") % {
            "masked": mask(field, current)
        }
        changes["help"] = f"{drawn.help} {hint}".strip()
    return dataclasses.replace(drawn, **changes)


def _lengths(language: str) -> tuple[Choice, ...]:
    """Lengths of time in the reader's words, as they can be typed too."""
    said = (format_duration(each, "en" if language == "en" else "zh-hans") for each in _LENGTHS)
    return tuple(Choice(value=each, label="") for each in said)


def _picked(field: FormField, drawing: Drawing) -> FormField:
    """The field with what a module offers in it: a box to choose from, or suggestions."""
    picker = picker_for(drawing.register.code, field.name)
    if picker is None:
        return field
    visit = drawing.visit
    about = drawing.detail or drawing.parent
    rows = picker.rows(actor=visit.actor, now=visit.now, detail=about)
    choices = tuple(Choice(value=value, label=label) for value, label in rows)
    if not picker.is_closed:
        return dataclasses.replace(field, control="lookup", choices=choices)
    if field.value and all(each.value != field.value for each in choices):
        # What was named before and is not offered any more is not lost by looking at it.
        choices = (*choices, Choice(value=field.value, label=field.value))
    placeholder = "" if choices else _("There is nothing to choose from yet")
    return dataclasses.replace(
        field, control="choice", choices=choices, is_select=True, placeholder=placeholder
    )


def _values(field: Field, typed: Typed) -> tuple[str, ...]:
    code = field.code
    if field.type is FieldType.PLACE:
        names = (f"{code}.address", f"{code}.longitude", f"{code}.latitude")
        return tuple(typed.texts.get(name, "") for name in names)
    return typed.lists.get(code, ()) if field.type is FieldType.CHOICES else ()


def _choices(fields: Mapping[str, Field], drawing: Drawing) -> dict[str, tuple[Choice, ...]]:
    """What can be chosen: organisations of a sensible kind; cases of a register, or of this one."""
    detail = drawing.detail
    found: dict[str, tuple[Choice, ...]] = {}
    organisations: list[OrganisationRow] | None = None
    for code, field in fields.items():
        if field.type is FieldType.ORGANISATION:
            if organisations is None:
                organisations = list_organisations()
            kinds = _kinds_of(field)
            found[code] = tuple(
                Choice(value=str(one.id), label=one.name)
                for one in organisations
                if kinds is None or one.kind in kinds
            )
        elif field.type is FieldType.CASE and field.register is not None:
            found[code] = _cases_of(field.register, drawing.typed.texts.get(code, ""), drawing)
        elif field.type is FieldType.TEXT and detail is not None:
            children = _children_named(code, detail)
            if children:
                found[code] = children
    return found


def _cases_of(register: str, current: str, drawing: Drawing) -> tuple[Choice, ...]:
    """The cases in sight that a field may name: open ones first, the latest before the others.

    What was named before is among them. Nobody types an identifier.
    """
    visit, own = drawing.visit, drawing.detail.row.id if drawing.detail else None

    def read(wanted: CaseFilter) -> Iterator[CaseRow]:
        declared = get_register(register)
        return iterate_cases(
            declared, actor=visit.actor, now=visit.now, wanted=wanted, sort="-opened_at"
        )

    rows = list(itertools.islice(read(CaseFilter()), _CASES_MAX))
    if current and all(str(row.id) != current for row in rows):
        with contextlib.suppress(ValueError):
            rows += read(CaseFilter(ids=(uuid.UUID(current),)))
    return tuple(
        Choice(value=str(row.id), label=f"{heading(row)} · {row.number}")
        for row in sorted(rows, key=lambda row: row.ended)
        if row.id != own
    )


def _kinds_of(field: Field) -> Container[str] | None:
    """The kinds of organisation that a field offers, declared or meant by its code; null for any."""
    return field.kinds or ({"bank"} if "bank" in field.code else None)


def _children_named(code: str, detail: CaseDetail) -> tuple[Choice, ...]:
    """For a text field named after a child register («quote»): the numbers of its open cases."""
    return tuple(
        Choice(value=child.number, label=f"{child.title} · {child.state_title}")
        for child in detail.children
        if child.register.rpartition("-")[2] == code and not child.ended
    )


def _slot(slot: EvidenceSlot, drawing: Drawing) -> FormField:
    name = slot_name(slot.code)
    held = drawing.held(name)
    return FormField(
        name=name,
        label=words(slot.title),
        control="photos" if slot.kind == "photo" else "file",
        help=_slot_help(slot),
        errors=drawing.errors(name, slot.code),
        # Files that are here already need not be chosen again.
        required=slot.min > len(held),
        accept=_ACCEPT[slot.kind],
        held=held,
        is_multiple=slot.max is None or slot.max > 1,
    )


def _slot_help(slot: EvidenceSlot) -> str:
    if slot.max is None:
        return _("At least %(min)d.") % {"min": slot.min} if slot.min else ""
    if slot.min == slot.max:
        return _("Exactly %(min)d.") % {"min": slot.min}
    return _("%(min)d to %(max)d files.") % {"min": slot.min, "max": slot.max}


def _held(sha256: str, row: EvidenceRow | None) -> EvidenceView:
    url = reverse("evidence", args=[sha256])
    picture = row is not None and row.media_type.startswith("image/")
    return EvidenceView(
        label=_("Received"),
        url=url,
        thumbnail_url=url if picture else "",
        digest=sha256,
        received_at=row.first_seen_at if row else None,
        size_bytes=row.size_bytes if row else None,
    )


def _checklist(drawing: Drawing) -> FormField | None:
    if not drawing.action.checklist:
        return None
    return FormField(
        name=CHECKLIST,
        label=_("Checklist"),
        control="choices",
        values=drawing.typed.ticked,
        help=_("Every point must be ticked: you answer for it by name."),
        errors=drawing.errors(CHECKLIST),
        required=True,
        choices=tuple(
            Choice(value=item.code, label=words(item.title)) for item in drawing.action.checklist
        ),
    )


def known_slots(action: Action, fields: Mapping[str, Field]) -> Mapping[str, str]:
    """Names under which files may come, each with the kind of evidence that they are."""
    slots = {slot_name(slot.code): str(slot.kind) for slot in action.evidence.values()}
    files = {
        code: "photo" if field.type is FieldType.PHOTOS else "document"
        for code, field in fields.items()
        if field.type in _FILES
    }
    return slots | files


def shas_of(typed: Typed) -> Sequence[str]:
    """All files held by the form."""
    return [sha for files in typed.held.values() for sha in files]
