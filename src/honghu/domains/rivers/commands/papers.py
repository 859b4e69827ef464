"""Official papers whose number or content a register file cannot say: notice, acceptance, log."""

import uuid
from collections.abc import Sequence

from django.utils.timezone import localdate, localtime

from honghu.domains.rivers.queries import Shot, pairs_of_case, shots_of_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.documents.commands import Content, draft_document, sign_document
from honghu.kernel.documents.pictures import PicturePair, pair_data
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import read_content
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Field, FieldType

_NOTICE = (
    "water_body_name",
    "location",
    "category",
    "description",
    "severity",
    "measure",
    "responsible",
    "responsible_person",
    "term",
)
_ACCEPTANCE = (*_NOTICE[:5], "responsible", "inputs", "outputs", "first_checker", "reviewer")


def issue_paper(
    effect: Effect,
    *,
    series: str,
    title: str,
    recipients: Sequence[str] = (),
    body: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
    pairs: Sequence[PicturePair] = (),
) -> str:
    """Draft and sign a paper of the actor's organisation in the step's transaction; its number.

    Official papers are Chinese. Raises NotFound where the organisation has no such series.
    """
    content = Content(
        title=title,
        main_recipients=recipients,
        body=body,
        facts=[("编号", effect.case.number), *facts],
        data=pair_data(pairs) if pairs else {},
    )
    drafted = draft_document(
        series=series,
        template="default.docx",
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


def issue_notice(effect: Effect) -> str:
    """整改通知 to the responsible organisation; its number."""
    names = _names(effect, ("responsible", "town"))
    return issue_paper(
        effect,
        series="整改通知",
        title=f"关于{effect.case.facts['water_body_name']}问题整改的通知",
        recipients=[names[effect.case.facts["responsible"]]],
        body=["请按下列要求限期整改，完成后附整改后照片申请销号。"],
        facts=_facts(effect, _NOTICE, names),
    )


def issue_acceptance(effect: Effect) -> str:
    """验收单 with the photographs in pairs; its number."""
    names = _names(effect, ("responsible", "town"))
    return issue_paper(
        effect,
        series="验收单",
        title="河湖问题整改验收单",
        recipients=[names[effect.case.facts["responsible"]]],
        facts=_facts(effect, _ACCEPTANCE, names),
        pairs=picture_pairs(effect),
    )


def picture_pairs(effect: Effect) -> list[PicturePair]:
    """The photographs before and after in pairs, with when they were taken and how far apart."""
    case_id = effect.case.id
    taken = {
        shot.sha256: _taken(shot)
        for kind in ("before", "after")
        for shot in shots_of_case(case_id, kind)
    }
    return [
        PicturePair(
            before=pair.before,
            before_taken=taken[pair.before],
            after=pair.after,
            after_taken=taken[pair.after] if pair.after else "",
            remark="位置不明，未能配对" if pair.after is None else f"相距{pair.metres}米",
        )
        for pair in pairs_of_case(case_id, on=localdate(effect.now))
    ]


def _taken(shot: Shot) -> str:
    """When a photograph was taken, else when it came in; official Chinese."""
    at = shot.captured_at or shot.exif_captured_at
    said, at = ("拍摄", at) if at is not None else ("收到", shot.received_at)
    return f"{localtime(at):%Y-%m-%d %H:%M}{said}"


def _names(effect: Effect, fields: Sequence[str]) -> dict[str, str]:
    ids = [uuid.UUID(effect.case.facts[code]) for code in fields if effect.case.facts.get(code)]
    return {str(each): name for each, name in organisation_names(ids).items()}


def _facts(effect: Effect, codes: Sequence[str], names: dict[str, str]) -> list[tuple[str, str]]:
    fields, facts = effect.case.register.fields, effect.case.facts
    return [
        (fields[code].title.zh, _text(fields[code], facts[code], names))
        for code in codes
        if facts.get(code) is not None
    ]


def _text(field: Field, value: str, names: dict[str, str]) -> str:
    if field.type is FieldType.CHOICE:
        return field.options[value].zh
    if field.type is FieldType.ORGANISATION:
        return names[value]
    return str(value)
