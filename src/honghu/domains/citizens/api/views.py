"""The routes of Open311 GeoReport v2, with FixMyStreet's updates of requests."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.api.limits import address_of
from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid, NotFound
from honghu.domains.citizens.api.asking import (
    PAGE_SIZE_MAX,
    KeyRefused,
    Refused,
    caller,
    door,
    moment,
    number,
    parameter,
    parameters,
    words_list,
)
from honghu.domains.citizens.api.formats import Item, answer, answer_one
from honghu.domains.citizens.commands.following import add_remark
from honghu.domains.citizens.commands.limiting import insist_on_limit
from honghu.domains.citizens.commands.photographs import keep_photographs
from honghu.domains.citizens.commands.submitting import Submission, check_report, submit_report
from honghu.domains.citizens.queries.public import (
    PublicReport,
    Wanted,
    find_report,
    list_reports,
    list_updates,
    outcome_words,
    pictures_of,
    report_of_token,
)
from honghu.domains.citizens.queries.rule_rows import rule
from honghu.domains.citizens.queries.services import Service, find_service, list_services
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Field, FieldType

_TYPES: Final[Mapping[FieldType, str]] = {
    FieldType.LONG_TEXT: "text",
    FieldType.INTEGER: "number",
    FieldType.DECIMAL: "number",
    FieldType.DATE: "datetime",
    FieldType.INSTANT: "datetime",
    FieldType.BOOLEAN: "singlevaluelist",
    FieldType.CHOICE: "singlevaluelist",
    FieldType.CHOICES: "multivaluelist",
}
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\]]{1,200})\](\[\])?")
_DEFAULT_SPAN: Final = dt.timedelta(days=90)
_CONTACT: Final = ("email", "first_name", "last_name", "phone")


def _at(value: dt.datetime | None) -> str | None:
    return (
        value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if value
        else None
    )


@door("GET")
def discovery(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:  # noqa: ARG001
    """Service discovery: where the endpoint is, and what it speaks."""
    base = request.build_absolute_uri(reverse("open311-discovery", args=["json"])).rpartition("/")[
        0
    ]
    return answer_one(
        kind,
        "discovery",
        {
            "changeset": "2026-01-01T00:00:00Z",
            "contact": request.build_absolute_uri(reverse("report")),
            "key_service": request.build_absolute_uri(reverse("report")),
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": base,
                    "changeset": "2026-01-01T00:00:00Z",
                    "type": "production",
                    "formats": ["text/xml", "application/json"],
                }
            ],
        },
    )


@door("GET")
def services(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:  # noqa: ARG001
    """All services, grouped by register."""
    return answer(kind, "services", "service", [_service(each) for each in list_services()])


def _service(service: Service) -> Item:
    return {
        "service_code": service.code,
        "service_name": words(service.title),
        "description": f"{words(service.register.title)}：{words(service.title)}",
        "metadata": bool(service.attributes),
        "type": "batch" if service.takes.batch else "realtime",
        "keywords": f"{service.title.zh},{service.title.en}",
        "group": words(service.register.title),
    }


@door("GET")
def definition(request: HttpRequest, now: dt.datetime, kind: str, code: str) -> HttpResponse:  # noqa: ARG001
    """A service with its attributes: the fields asked of the reporter."""
    service = find_service(code)
    attributes = [_attribute(field, order) for order, field in enumerate(service.attributes, 1)]
    item = {"service_code": service.code, "attributes": attributes}
    return answer_one(kind, "service_definition", item)


def _attribute(field: Field, order: int) -> Item:
    options = {code: words(title) for code, title in field.options.items()}
    if field.type is FieldType.BOOLEAN:
        options = {"true": _("yes"), "false": _("no")}
    help_text = words(field.help) if field.help else ""
    unit = words(field.unit) if field.unit else ""
    return {
        "variable": True,
        "code": field.code,
        "datatype": _TYPES.get(field.type, "string"),
        "required": field.required,
        "datatype_description": " ".join(filter(None, [help_text, unit])) or None,
        "order": order,
        "description": words(field.title),
        "values": [{"key": code, "name": title} for code, title in options.items()],
    }


@door("GET", "POST")
def requests(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:
    """The requests that are asked for; or a new one."""
    return _post(request, now, kind) if request.method == "POST" else _list(request, now, kind)


def _list(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:
    numbers = words_list(request, "service_request_id")
    page, size = (
        number(request, "page", 1),
        number(request, "page_size", PAGE_SIZE_MAX, PAGE_SIZE_MAX),
    )
    states = {each.lower() for each in words_list(request, "status") or ()}
    if states - {"open", "closed"}:
        raise Refused(_("status is open or closed."))
    since, until = moment(request, "start_date"), moment(request, "end_date")
    updated = moment(request, "updated_after"), moment(request, "updated_before")
    if numbers is None and since is None and not any(updated):
        since = (until or now) - _DEFAULT_SPAN
    wanted = Wanted(
        numbers=numbers,
        services=None if numbers else words_list(request, "service_code"),
        since=None if numbers else since,
        until=None if numbers else until,
        updated_since=None if numbers else updated[0],
        updated_until=None if numbers else updated[1],
        is_open=None if numbers or len(states) != 1 else "open" in states,
    )
    found = list_reports(wanted, page=page, page_size=size)
    return answer(kind, "service_requests", "request", [_request(each, request) for each in found])


def _request(report: PublicReport, request: HttpRequest) -> Item:
    notes = (
        [report.case_state] if report.is_open else [outcome_words(report.outcome), report.answer]
    )
    if report.joined_number:
        notes = [
            _("The same was reported before: see report {number}.").format(
                number=report.joined_number
            )
        ]
    return {
        "service_request_id": report.number,
        "status": "open" if report.is_open else "closed",
        "status_notes": " ".join(filter(None, notes)) or None,
        "service_name": report.service_name,
        "service_code": report.service,
        "description": report.text,
        "agency_responsible": report.agency,
        "service_notice": None,
        "requested_datetime": _at(report.opened_at),
        "updated_datetime": _at(report.updated_at),
        "expected_datetime": _at(report.expected_at),
        "address": report.address,
        "address_id": None,
        "zipcode": None,
        "lat": report.latitude,
        "long": report.longitude,
        "media_url": _media_url(report, request),
    }


def _media_url(report: PublicReport, request: HttpRequest) -> str | None:
    if not report.photos_public:
        return None
    pictures = pictures_of(report, is_reporter=False)
    if not pictures.before:
        return None
    return request.build_absolute_uri(
        reverse("report-photo", args=[report.number, pictures.before[0]])
    )


@door("GET")
def one_request(request: HttpRequest, now: dt.datetime, kind: str, request_id: str) -> HttpResponse:  # noqa: ARG001
    """One request by its number."""
    item = _request(find_report(request_id), request)
    return answer(kind, "service_requests", "request", [item])


@door("GET")
def token(request: HttpRequest, now: dt.datetime, kind: str, token_id: str) -> HttpResponse:  # noqa: ARG001
    """The number that a token stands for, as soon as there is one."""
    item = {"service_request_id": report_of_token(token_id), "token": token_id}
    return answer(kind, "service_requests", "request", [item])


def _post(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:
    actor = caller(request, now)
    if actor.is_system:
        if rule("posts_per_hour", now.date()).as_int() < 1:
            raise KeyRefused(_("An api_key is needed here."))
        insist_on_limit(address_of(request), now)
    code = parameter(request, "service_code")
    if not code:
        raise Refused(_("service_code was not provided."))
    if parameter(request, "address_id") and not (
        parameter(request, "lat") or parameter(request, "address_string")
    ):
        raise Refused(_("This county has no address_id; send lat and long, or address_string."))
    said = _submission(request, code)
    # Refused before a file is read, if anything else is wrong.
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    check_report(said if not files else _with(said, photographs=("",)), now=now)
    photographs, faults = keep_photographs(files, actor=actor, now=now)
    if faults:
        raise Refused("", fields={"media": " ".join(faults)})
    said = _with(
        said,
        photographs=tuple(each.sha256 for each in photographs),
        taken_at=next((each.taken_at for each in photographs if each.taken_at), None),
    )
    key = (
        f"open311:{said.external_id}" if said.external_id and not actor.is_system else str(new_id())
    )
    done = submit_report(said, actor=actor, now=now, idempotency_key=key)
    item: dict[str, Any] = {
        "service_request_id": done.number,
        "service_notice": None,
        "account_id": None,
    }
    if find_service(code).takes.batch:
        item = {"token": str(done.case_id), "service_notice": None, "account_id": None}
    return answer(kind, "service_requests", "request", [item], 201 if not done.replayed else 200)


def _with(said: Submission, **changes: Any) -> Submission:
    values = {name: getattr(said, name) for name in Submission.__dataclass_fields__}
    return Submission(**values | changes)


def _submission(request: HttpRequest, code: str) -> Submission:
    attributes: dict[str, list[str]] = {}
    for name in request.POST:
        match = _ATTRIBUTE.fullmatch(name)
        if match is not None:
            attributes.setdefault(match[1], []).extend(map(str, request.POST.getlist(name)))
    external = attributes.get("external_id") or attributes.get("fixmystreet_id") or [""]
    media = parameters(request, "media_url")
    if len(media) > 1:
        # FixMyStreet may send one for each photograph; the register's field holds the first.
        attributes.setdefault("media_url", []).extend(media[1:])
    return Submission(
        service=code,
        description=parameter(request, "description"),
        address=parameter(request, "address_string"),
        longitude=parameter(request, "long"),
        latitude=parameter(request, "lat"),
        attributes=attributes,
        media_url=media[0] if media else "",
        contact={name: parameter(request, name) for name in _CONTACT},
        source="open311",
        external_id=external[0],
    )


@door("GET", "POST")
def updates(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:
    """What was done with requests in a period; or a remark of the reporter by the platform."""
    if request.method == "POST":
        return _post_update(request, now, kind)
    since, until = moment(request, "start_date"), moment(request, "end_date")
    numbers = words_list(request, "service_request_id")
    wanted = find_report(numbers[0]).id if numbers else None
    if since is None and wanted is None:
        since = (until or now) - dt.timedelta(hours=24)
    items = [
        {
            "update_id": str(each.id),
            "service_request_id": each.report_number,
            "status": each.status,
            "updated_datetime": _at(each.at),
            "description": each.text,
            "media_url": None,
        }
        for each in list_updates(report_id=wanted, since=since, until=until)
    ]
    return answer(kind, "service_requests_updates", "request_update", items)


def _post_update(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:
    actor = caller(request, now, needed=True)
    report = find_report(parameter(request, "service_request_id"))
    # Only the platform that passed the report on sees it, and so may add to it.
    find_case(report.id, actor=actor, now=now)
    moment(request, "updated_datetime")
    # A photograph or a change of state may come without words.
    said = [parameter(request, name) for name in ("description", "media_url")]
    text = "\n\n".join(filter(None, said)) or parameter(request, "status")
    if not text:
        raise Refused(_("description was not provided."))
    given = parameter(request, "update_id")
    if len(given) > 100:  # noqa: PLR2004 longer than any number of an update
        raise Invalid(_("update_id is too long."))
    done = add_remark(
        report.id, text, actor=actor, now=now, idempotency_key=f"update:{given or uuid.uuid4()}"
    )
    items = [{"update_id": str(done.step_id)}]
    return answer(
        kind, "service_request_updates", "request_update", items, 200 if done.replayed else 201
    )


@door("GET", "POST")
def unknown(request: HttpRequest, now: dt.datetime, kind: str) -> HttpResponse:  # noqa: ARG001
    """An address that GeoReport does not know."""
    message = _("There is nothing at this address.")
    raise NotFound(message, remedy=settings.PUBLIC_ADDRESS)
