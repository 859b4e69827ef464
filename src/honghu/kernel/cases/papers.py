"""The official document that an action makes: drafted, numbered and signed with the step."""

import uuid
from collections.abc import Mapping
from typing import Any

from honghu.base.money import format_yuan
from honghu.kernel.cases.effects import Effect
from honghu.kernel.documents.commands import draft_document, sign_document
from honghu.kernel.documents.content import Content
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Field, FieldType


def issue_document(effect: Effect) -> None:
    """Draft and sign the document that the action declares, in the step's own transaction.

    Its facts are those of the case and of the form, personal ones left out; its main recipient is
    the party that the next turn waits for. Official documents are Chinese. Raises NotFound where
    the actor's organisation has no such number series, TemplateError for a missing template.
    """
    case, action = effect.case, effect.action
    declared = case.register.documents[action.document or ""]
    fields = dict(case.register.fields) | dict(action.form)
    values = dict(case.facts) | dict(effect.form)
    names = _organisations(fields, values)
    content = Content(
        title=declared.title.zh,
        main_recipients=_recipients(effect, names),
        facts=[("编号", case.number)]
        + [
            (field.title.zh, _text(field, values[code], names))
            for code, field in fields.items()
            if values.get(code) is not None and not field.personal
        ],
    )
    drafted = draft_document(
        series=declared.series,
        template=declared.template,
        content=content,
        actor=effect.actor,
        now=effect.now,
        case_id=case.id,
        step_id=effect.step_id,
    )
    sign_document(
        document_id=drafted.id,
        actor=effect.actor,
        now=effect.now,
        keep=lambda file, name: (
            store_evidence(
                content=file, filename=name, actor=effect.actor, now=effect.now, kind="document"
            ).evidence.sha256
        ),
    )


def _organisations(
    fields: Mapping[str, Field], values: Mapping[str, Any]
) -> Mapping[uuid.UUID, str]:
    return organisation_names(
        uuid.UUID(values[code])
        for code, field in fields.items()
        if field.type is FieldType.ORGANISATION and values.get(code)
    )


def _recipients(effect: Effect, names: Mapping[uuid.UUID, str]) -> list[str]:
    """The organisations behind the roles whose turn it is after the action."""
    register = effect.case.register
    found = []
    for code in register.states[effect.case.state].waits_for:
        role = register.roles.get(code)
        value = effect.case.facts.get(role.of) if role is not None and role.of else None
        if value:
            found.append(names[uuid.UUID(value)])
    return found


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
        case FieldType.ORGANISATION:
            return names[uuid.UUID(value)]
        case FieldType.BOOLEAN:
            return "是" if value else "否"
        case FieldType.PLACE:
            return f"东经{value['lon']}，北纬{value['lat']}"
        case _:
            return f"{value}{field.unit.zh}" if field.unit else str(value)
