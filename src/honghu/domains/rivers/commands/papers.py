"""Official papers whose number or content a register file cannot say: notice, acceptance, log."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.timezone import localtime

from honghu.kernel.cases.deadlines import for_state
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.papers import picture_pairs, printed_values, sign_paper
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.pictures import pair_data
from honghu.kernel.documents.rendering import chinese_date

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
    template: str,
    title: str,
    recipients: Sequence[str] = (),
    body: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
    data: Mapping[str, Any] | None = None,
) -> str:
    """Draft and sign a paper of the actor's organisation in the step's transaction; its number.

    Official papers are Chinese. Raises NotFound where the organisation has no such series.
    """
    content = Content(
        title=title,
        main_recipients=recipients,
        body=body,
        facts=[("编号", effect.case.number), *facts],
        data=data or {},
    )
    return sign_paper(effect, series=series, template=template, content=content)


def issue_notice(effect: Effect) -> str:
    """整改通知 to the responsible organisation; its number.

    Of a major problem it asks for a plan; of any other it names the last day of its term.
    """
    told, facts = printed_values(effect), effect.case.facts
    found = (
        f"{told['found_on']}，经{told['source']}发现，{told['water_body_name']}{told['location']}"
    )
    demand = "请你单位签收本通知后编制整改方案，明确节点、措施和责任人，报我办后按方案整改。"
    if facts["severity"] != "major":
        term = for_state(effect.case.register, "in_progress", facts, effect.now)
        until = f"，于{_last_day(term.due_at)}前完成整改" if term is not None else ""
        demand = f"请你单位签收本通知后立即组织整改{until}，附整改后照片申请销号。"
    return issue_paper(
        effect,
        series="整改通知",
        template="default.river-notice.docx",
        title=f"关于{told['water_body_name']}问题整改的通知",
        recipients=[told["responsible"]],
        body=[
            f"{found}存在{_kind(told['category'])}问题：{told['description'].rstrip('。')}。",
            demand,
            "逾期未完成整改的，将按规定提醒、督办、约谈直至通报。",
        ],
        facts=_facts(effect, told, _NOTICE),
    )


def issue_acceptance(effect: Effect) -> str:
    """验收单 with the photographs in pairs; its number."""
    told = printed_values(effect)
    return issue_paper(
        effect,
        series="验收单",
        template="form.river-acceptance.docx",
        title="河湖问题整改验收单",
        recipients=[told["responsible"]],
        facts=_facts(effect, told, _ACCEPTANCE),
        data=pair_data(picture_pairs(effect.case.id)),
    )


def _kind(category: str) -> str:
    """A category without the letter of its group."""
    return category.partition(" ")[2] or category


def _last_day(due_at: dt.datetime) -> str:
    """The day that a term ends with: one that ends at midnight ends with the day before."""
    return chinese_date(localtime(due_at - dt.timedelta(seconds=1)).date())


def _facts(effect: Effect, told: Mapping[str, str], codes: Sequence[str]) -> list[tuple[str, str]]:
    fields = effect.case.register.fields
    return [(fields[code].title.zh, told[code]) for code in codes if code in told]
