"""Taking a report in: all faults at once, or a case with a number and a secret."""

import dataclasses
import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.citizens.commands.secrets import seal_contact, secret_of
from honghu.domains.citizens.models import Contact
from honghu.domains.citizens.queries.rule_rows import is_outside
from honghu.domains.citizens.queries.services import REPORTS, Service, find_service
from honghu.domains.citizens.queries.similar import point_of
from honghu.kernel.cases.commands import open_case
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.forms import read_value
from honghu.kernel.registers.model import Field, FieldType, Text

DESCRIPTION_MAX: Final = 4000
_CONTACT_MAX: Final = 200
_ANSWERS_MAX: Final = 6000
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_URL: Final = re.compile(r"https?://[^\s<>\"']{1,1990}", re.IGNORECASE)
_PHONE: Final = re.compile(r"[+0-9][0-9 \-()]{2,24}")
_TEXT = Text("", "")


class ReportInvalid(Invalid):
    """A report with faults; `fields` maps each to what is wrong with it."""

    code = "report-invalid"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What somebody reports, as it came: texts. `attributes` are answers by field, known or not."""

    service: str
    description: str = ""
    address: str = ""
    longitude: str = ""
    latitude: str = ""
    attributes: Mapping[str, str | Sequence[str]] = dataclasses.field(default_factory=dict)
    photographs: Sequence[str] = ()
    taken_at: dt.datetime | None = None
    media_url: str = ""
    contact: Mapping[str, str] = dataclasses.field(default_factory=dict)
    source: str = "page"
    external_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Submitted:
    """A report that was taken in. `replayed`: the same key had brought it before."""

    case_id: uuid.UUID
    number: str
    secret: str
    replayed: bool


def submit_report(
    said: Submission, *, actor: Actor, now: dt.datetime, idempotency_key: str
) -> Submitted:
    """Take a report in; its contact is sealed beside it, in the same transaction.

    Raises ServiceUnknown, and ReportInvalid with every fault at once; then nothing is kept but
    the photographs, which nothing uses.
    """
    form = check_report(said, now=now)
    contact = {name: text.strip() for name, text in said.contact.items() if text.strip()}
    with transaction.atomic():
        done = open_case(
            REPORTS,
            action="report",
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            form=form,
            evidence={"before": list(said.photographs)} if said.photographs else None,
        )
        if contact and not done.replayed:
            Contact.objects.create(
                case_id=done.case_id, sealed=seal_contact(contact), created_at=now
            )
    return Submitted(done.case_id, done.number, secret_of(done.case_id), done.replayed)


def check_report(said: Submission, *, now: dt.datetime) -> dict[str, Any]:
    """The form of the report's opening. Raises ServiceUnknown, ReportInvalid."""
    service = find_service(said.service)
    faults: dict[str, str] = {}
    values: dict[str, Any] = {
        "service": service.code,
        "source": said.source,
        "external_id": said.external_id[:200] or None,
        "taken_at": said.taken_at.isoformat() if said.taken_at else None,
        "description": _text("description", said.description, DESCRIPTION_MAX, faults),
        "address": _text("address", " ".join(said.address.split()), 300, faults),
    }
    place = _place(said, now, faults)
    answers = _answers(service, said.attributes, faults)
    if not said.description.strip() and not said.photographs and not said.media_url:
        faults.setdefault("description", _("Say what is wrong, or send a photograph."))
    if place is None and not said.address.strip() and "place" not in faults:
        faults["place"] = _("Say where it is: give the position, or write the place in words.")
    if said.media_url and not _URL.fullmatch(said.media_url):
        faults["media_url"] = _("This is no address of the web.")
    faults |= _contact_faults(said.contact)
    if faults:
        message = _("{count} fields need attention").format(count=len(faults))
        raise ReportInvalid(message, remedy=_("Correct the marked fields."), fields=faults)
    return values | {"place": place, "answers": answers, "media_url": said.media_url or None}


def _text(name: str, text: str, longest: int, faults: dict[str, str]) -> str | None:
    kind = FieldType.LONG_TEXT if name == "description" else FieldType.TEXT
    field = Field(code=name, title=_TEXT, type=kind, max_length=longest)
    try:
        value: str | None = read_value(field, text)
    except ValueError as wrong:
        faults[name] = str(wrong)
        return None
    return value


def _place(said: Submission, now: dt.datetime, faults: dict[str, str]) -> dict[str, str] | None:
    longitude, latitude = said.longitude.strip(), said.latitude.strip()
    if not longitude and not latitude:
        return None
    field = Field(code="place", title=_TEXT, type=FieldType.PLACE)
    try:
        place: dict[str, str] = read_value(field, f"{longitude},{latitude}")
    except ValueError as wrong:
        faults["place"] = str(wrong)
        return None
    point = point_of(place)
    if point is not None and is_outside(point, localdate(now)):
        faults["place"] = _("This position lies outside the county, so nobody here can act on it.")
    return place


def _answers(
    service: Service, given: Mapping[str, str | Sequence[str]], faults: dict[str, str]
) -> str | None:
    """What was answered beside, as JSON; what no field asks for is kept as it came."""
    asked = {field.code: field for field in service.attributes}
    found: dict[str, Any] = {}
    for code, field in asked.items():
        raw: Any = given.get(code)
        if field.type is FieldType.CHOICES:
            raw = [raw] if isinstance(raw, str) and raw else list(raw or ())
        elif raw is not None and not isinstance(raw, str):
            raw = raw[0] if len(raw) == 1 else None if not raw else "\n".join(raw)
        try:
            value = read_value(field, raw)
        except ValueError as wrong:
            faults[f"attribute.{code}"] = str(wrong)
        else:
            if value is not None:
                found[code] = value
    for code, raw in given.items():
        if code not in asked and raw:
            found[_printable(code)[:100]] = _printable(
                raw if isinstance(raw, str) else " / ".join(raw)
            )
    text = json.dumps(found, ensure_ascii=False) if found else None
    if text is not None and len(text) > _ANSWERS_MAX:
        faults["attributes"] = _("These are more details than can be kept.")
    return text


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable() or each == "\n")


def _contact_faults(contact: Mapping[str, str]) -> dict[str, str]:
    faults = {
        name: _("At most {limit} characters; these are {count}.").format(
            limit=_CONTACT_MAX, count=len(text)
        )
        for name, text in contact.items()
        if len(text) > _CONTACT_MAX
    }
    email, phone = contact.get("email", "").strip(), contact.get("phone", "").strip()
    if email and not _EMAIL.fullmatch(email):
        faults["email"] = _("This is no address of mail.")
    if phone and not _PHONE.fullmatch(phone):
        faults["phone"] = _("Write a telephone number, e.g. 13800000000 or 0716-2422222.")
    return faults


__all__ = [
    "ReportInvalid",
    "Submission",
    "Submitted",
    "check_report",
    "submit_report",
]
