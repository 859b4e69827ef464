"""Official papers whose number or content a register file cannot say: notice, acceptance, log."""

import uuid
from collections.abc import Sequence

from honghu.domains.rivers.queries import pairs_of_case
from honghu.domains.rivers.rules.places import Pair
from honghu.kernel.cases.effects import Effect
from honghu.kernel.documents.commands import Content, draft_document, sign_document
from honghu.kernel.evidence.commands import store_evidence
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
_DIGEST_SHOWN = 12


def issue_paper(
    effect: Effect,
    *,
    series: str,
    title: str,
    recipients: Sequence[str] = (),
    body: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
) -> str:
    """Draft and sign a paper of the actor's organisation in the step's transaction; its number.

    Official papers are Chinese. Raises NotFound where the organisation has no such series.
    """
    content = Content(
        title=title,
        main_recipients=recipients,
        body=body,
        facts=[("编号", effect.case.number), *facts],
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
    pairs = pairs_of_case(effect.case.id, on=effect.now.date())
    return issue_paper(
        effect,
        series="验收单",
        title="河湖问题整改验收单",
        recipients=[names[effect.case.facts["responsible"]]],
        facts=[
            *_facts(effect, _ACCEPTANCE, names),
            *((f"照片配对{index}", describe_pair(pair)) for index, pair in enumerate(pairs, 1)),
        ],
    )


def describe_pair(pair: Pair) -> str:
    """A pair of photographs as an acceptance prints it."""
    before = f"整改前 {pair.before[:_DIGEST_SHOWN]}"
    if pair.after is None:
        return f"{before}；位置不明，未能配对"
    return f"{before}；整改后 {pair.after[:_DIGEST_SHOWN]}；相距{pair.metres}米"


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
