"""The official document that an action makes: drafted, numbered and signed with the step."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.timezone import localtime

from honghu.base.money import format_yuan
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case
from honghu.kernel.documents.commands import draft_document, sign_document
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.pictures import PicturePair, pair_data
from honghu.kernel.documents.rendering import chinese_date
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.pairing import Shot, ShotPair, pair_shots
from honghu.kernel.evidence.queries import read_content, uses_of_case
from honghu.kernel.parties.queries import organisation_names, person_names
from honghu.kernel.registers.model import Document, Field, FieldType
from honghu.kernel.registers.papers import NUMBER, PLACE

_UNPRINTED = frozenset({FieldType.FILE, FieldType.PHOTOS})
"""Files are attached to the case; their digests tell a reader nothing."""


def issue_document(effect: Effect) -> None:
    """Draft and sign the document that the action declares, in the step's own transaction.

    It says what its register declares: paragraphs, facts, addressees; personal values are never
    printed. Official documents are Chinese. Raises NotFound where the actor's organisation has no
    such number series, TemplateError for a missing template.
    """
    declared = effect.case.register.documents[effect.action.document or ""]
    told = printed_values(effect) | {NUMBER: effect.case.number}
    heading = list(_filled([declared.heading] if declared.heading else [], told))
    content = Content(
        title=heading[0] if heading else declared.title.zh,
        main_recipients=_recipients(effect, declared),
        body=list(_filled(declared.text, told)),
        facts=list(_facts(effect, declared, told)),
        data=_data(effect, declared),
    )
    sign_paper(effect, series=declared.series, template=declared.template, content=content)


def _data(effect: Effect, declared: Document) -> dict[str, Any]:
    """What the layout prints besides: boxes to be signed, photographs in pairs."""
    boxes = {"boxes": list(declared.boxes)} if declared.boxes else {}
    pairs = picture_pairs(effect.case.id) if declared.pairs else []
    return boxes | (pair_data(pairs) if pairs else {})


def sign_paper(effect: Effect, *, series: str, template: str, content: Content) -> str:
    """Draft and sign a paper of the actor's organisation in the step's transaction; its number.

    Raises NotFound where the organisation has no such series, TemplateError.
    """
    drafted = draft_document(
        series=series,
        template=template,
        content=content,
        actor=effect.actor,
        now=effect.now,
        case_id=effect.case.id,
        step_id=effect.step_id,
    )
    signed = sign_document(
        document_id=drafted.id,
        actor=effect.actor,
        now=effect.now,
        keep=lambda file, name: (
            store_evidence(
                content=file, filename=name, actor=effect.actor, now=effect.now, kind="document"
            ).evidence.sha256
        ),
        pictures=read_content,
    )
    return signed.number or ""


def picture_pairs(case_id: uuid.UUID) -> list[PicturePair]:
    """The photographs of a case before and after the work, in pairs, as papers tell of them.

    Official papers are Chinese. None until there are both.
    """
    return [
        PicturePair(
            before=pair.before.use.sha256,
            before_taken=_taken(pair.before),
            after=pair.after.use.sha256 if pair.after else None,
            after_taken=_taken(pair.after) if pair.after else "",
            remark=_remark(pair),
        )
        for pair in pair_shots(uses_of_case(case_id))
    ]


def _remark(pair: ShotPair) -> str:
    if pair.after is None:
        return "没有对应的整改后照片"
    return "位置不明，按上传先后并列" if pair.metres is None else f"相距{pair.metres}米"


def _taken(shot: Shot) -> str:
    """When a photograph was taken, else when it came in."""
    said, at = ("拍摄", shot.at) if shot.at is not None else ("收到", shot.use.received_at)
    return f"{localtime(at):%Y-%m-%d %H:%M}{said}"


def printed_values(effect: Effect) -> dict[str, str]:
    """What is known of the case and was typed in the action's form, as official documents print it.

    By code, in the order of the register; what is unknown, personal or a file is left out.
    """
    fields = {
        code: field
        for code, field in _fields(effect).items()
        if not field.personal and field.type not in _UNPRINTED
    }
    values = dict(effect.case.facts) | dict(effect.form)
    known = {code: values[code] for code in fields if values.get(code) not in (None, "")}
    names = _names({code: fields[code] for code in known}, known)
    told = {code: _text(fields[code], value, names) for code, value in known.items()}
    return {code: text for code, text in told.items() if text}


def _fields(effect: Effect) -> dict[str, Field]:
    return dict(effect.case.register.fields) | dict(effect.action.form)


def _facts(
    effect: Effect, declared: Document, told: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    fields = _fields(effect)
    titles = {NUMBER: "编号"} | {code: field.title.zh for code, field in fields.items()}
    chosen = (NUMBER, *fields) if declared.facts is None else declared.facts
    return ((titles[code], told[code]) for code in chosen if code in told)


def _filled(paragraphs: Iterable[str], told: Mapping[str, str]) -> Iterator[str]:
    """The paragraphs whose every value is known, with the values in them."""
    for paragraph in paragraphs:
        if all(name in told for name in PLACE.findall(paragraph)):
            yield PLACE.sub(lambda place: told[place[1]], paragraph)


def _names(fields: Mapping[str, Field], values: Mapping[str, Any]) -> Mapping[uuid.UUID, str]:
    """Names of the organisations, persons and cases that the values refer to; a query a kind."""

    def named(kind: FieldType) -> list[uuid.UUID]:
        return [uuid.UUID(values[code]) for code, field in fields.items() if field.type is kind]

    cases, people = named(FieldType.CASE), named(FieldType.PERSON)
    found: dict[uuid.UUID, str] = dict(organisation_names(named(FieldType.ORGANISATION)))
    found |= person_names(people) if people else {}
    if cases:
        rows = Case.objects.filter(pk__in=cases).values_list("id", "number", "title")
        found |= {case: f"{title}（{number}）" for case, number, title in rows}
    return found


def _recipients(effect: Effect, declared: Document) -> Sequence[str]:
    """The organisations in the fields `to`, else those behind the roles whose turn it is now."""
    case = effect.case
    codes: Sequence[str] = declared.to
    if not codes:
        roles = (
            case.register.roles.get(code) for code in case.register.states[case.state].waits_for
        )
        codes = [role.of for role in roles if role is not None and role.of]
    values = dict(case.facts) | dict(effect.form)
    ids = [uuid.UUID(values[code]) for code in codes if values.get(code)]
    names = organisation_names(ids)
    return list(dict.fromkeys(names[each] for each in ids))


def _text(  # noqa: PLR0911 one way of printing for each type
    field: Field, value: Any, names: Mapping[uuid.UUID, str]
) -> str:
    """A value as an official document prints it."""
    match field.type:
        case FieldType.MONEY:
            return f"{format_yuan(value)}元"
        case FieldType.CHOICE:
            return field.options[value].zh
        case FieldType.CHOICES:
            return "、".join(field.options[each].zh for each in value)
        case FieldType.ORGANISATION | FieldType.PERSON | FieldType.CASE:
            return names.get(uuid.UUID(value), "")
        case FieldType.BOOLEAN:
            return "是" if value else "否"
        case FieldType.DATE:
            return chinese_date(dt.date.fromisoformat(value))
        case FieldType.INSTANT:
            at = localtime(dt.datetime.fromisoformat(value))
            return f"{chinese_date(at.date())}{at:%H:%M}"
        case FieldType.PLACE:
            return f"东经{value['lon']}，北纬{value['lat']}"
        case _:
            return f"{value}{field.unit.zh}" if field.unit else str(value)
