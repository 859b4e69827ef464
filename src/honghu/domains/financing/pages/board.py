"""The monitoring board of the finance bureau: funnel, terms, exposure, overdue loans and risks."""

import uuid
from collections.abc import Sequence
from typing import Final, cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.pages.period import Asked, period_fields, read_asked
from honghu.domains.financing.pages.reports import BEHIND_MAX, behind_table
from honghu.domains.financing.reports.declaration import Behind, share
from honghu.domains.financing.reports.funnel import (
    Course,
    Step,
    behind_stage,
    courses_of,
    steps_of,
)
from honghu.domains.financing.reports.notices import NoticeTerm, notice_terms
from honghu.domains.financing.reports.registry import ReportSight, require_office, sight_of_reports
from honghu.domains.financing.reports.risks import open_risks
from honghu.domains.financing.reports.standing import (
    Exposure,
    Stand,
    exposure_by,
    loans_and_ledger,
    loans_of,
)
from honghu.domains.financing.reports.terms import TERMS, Taken, Which, behind_term, terms_taken
from honghu.kernel.cases.wording import words
from honghu.kernel.rulesets.queries import reading_one_edition
from honghu.web.charts.model import Chart, Series
from honghu.web.components import Badge, Column, Crumb, KeyFigure, Level, Light, Row, Table
from honghu.web.fields import Choice, FormField

_WHICH: Final = ("in_time", "late", "running", "overdue")


@require_safe
@desk_page
def board(request: DeskRequest) -> HttpResponse:
    """The whole scheme at a glance, in a dozen statements whatever its size."""
    require_office(request.visit.actor)
    sight = ReportSight(None)
    asked = read_asked(request, sight)
    question, buyer = asked.question, asked.buyer
    everything, drawn = loans_and_ledger(question.today)
    loans = loans_of(everything, question.bank_id, buyer)
    courses = courses_of(question, {each.case_id: each for each in loans}, buyer=buyer)
    steps = steps_of(courses)
    fields = period_fields(asked, sight, narrows=True)
    banks = {choice.value: choice.label for choice in fields[-1].choices}
    owed = sum(each.owed_fen for each in everything)
    risks = open_risks(question.bank_id, now=question.now)
    context = {
        "title": _("Monitoring board"),
        "fields": (*fields, _buyer_field(asked, everything)),
        "error": asked.error,
        "figures": _figures(loans, risks.count, risks.overdue, asked),
        "funnel": _funnel_table(steps, asked),
        "chart": _funnel_chart(steps),
        "terms": _terms(asked, courses),
        "banks": _exposure_table(
            _("By bank"), exposure_by(loans, lambda each: str(each.bank_id)), banks, "bank", asked
        ),
        "buyers": _exposure_table(
            _("By buyer"), exposure_by(loans, lambda each: each.buyer), {}, "buyer", asked
        ),
        "agrees": owed == drawn,
        "risks": _risk_table(risks.rows) if risks.rows else None,
        "overdue": _overdue_table(loans, banks),
    }
    return render(request, "financing/board.html", context)


def _terms(asked: Asked, courses: list[Course]) -> Table:
    question, buyer = asked.question, asked.buyer
    with reading_one_edition():
        taken = terms_taken(question, buyer=buyer)
        shown = notice_terms(question, courses, buyer=buyer)
    return _terms_table(taken, shown, asked)


def _buyer_field(asked: Asked, loans: Sequence[Stand]) -> FormField:
    names = sorted({each.buyer for each in loans if each.buyer} | ({asked.buyer} - {""}))
    return FormField(
        name="buyer",
        label=_("Buyer"),
        control="choice",
        value=asked.buyer,
        choices=tuple(Choice(value=name, label=name) for name in names),
        placeholder=_("All buyers"),
        is_select=True,
    )


def _behind_url(asked: Asked, what: str, **more: str) -> str:
    query = urlencode(dict(asked.parameters()) | more)
    return f"{reverse('financing-board-behind', args=[what])}?{query}"


def _figures(
    loans: Sequence[Stand], risks: int, late_risks: int, asked: Asked
) -> tuple[KeyFigure, ...]:
    live = [each for each in loans if not each.is_repaid]
    late = [each for each in live if each.overdue_days > 0]
    register = reverse("register", args=["risk-event"])
    return (
        KeyFigure(label=_("Loans open"), value=len(live), proof_url=_behind_url(asked, "exposure")),
        KeyFigure(
            label=_("Principal owed"),
            value=sum(each.owed_fen for each in live),
            kind="money_wan",
            proof_url=_behind_url(asked, "exposure"),
        ),
        KeyFigure(
            label=_("Loans overdue"),
            value=len(late),
            level="red" if late else "green",
            proof_url=_behind_url(asked, "overdue"),
        ),
        KeyFigure(
            label=_("Risk events open"),
            value=risks,
            level="red" if late_risks else "amber" if risks else "green",
            proof_url=f"{register}?open=true",
        ),
    )


def _funnel_table(steps: Sequence[Step], asked: Asked) -> Table:
    """Counts and yuan with the share of the step before and of the first."""
    rows, before = [], None
    for step in steps:
        rows.append(
            Row(
                cells=(
                    words(step.stage.title),
                    step.count,
                    None if before is None else share(step.count, before),
                    share(step.count, steps[0].count),
                    step.fen,
                    step.unpriced,
                ),
                url=_behind_url(asked, step.stage.code) if step.count else "",
            )
        )
        before = step.count
    return Table(
        caption=_("Funnel"),
        columns=(
            Column(label=_("Step"), role="title"),
            Column(label=_("Awards"), kind="integer"),
            Column(label=_("Of the step before"), kind="percent"),
            Column(label=_("Of all"), kind="percent", role="hidden"),
            Column(label=_("Amount"), kind="money"),
            Column(label=_("Without an amount"), kind="integer", role="hidden"),
        ),
        rows=tuple(rows),
        density="compact",
        is_caption_hidden=True,
    )


def _funnel_chart(steps: Sequence[Step]) -> Chart | None:
    if not steps[0].count:
        return None
    return Chart(
        kind="funnel",
        title=_("From award to settlement"),
        categories=tuple(words(step.stage.title) for step in steps),
        series=(Series(label=_("Awards"), values=tuple(step.count for step in steps)),),
        source=_("awards published in the period and their cases"),
    )


def _terms_table(terms: Sequence[Taken], notices: Sequence[NoticeTerm], asked: Asked) -> Table:
    drawn = [(one.code, _notice_row(one, asked)) for one in notices]
    drawn += [(one.term.code, _term_row(one, asked)) for one in terms]
    return Table(
        caption=_("Days in each step against its term"),
        columns=(
            Column(label=_("Step"), role="title"),
            Column(label=_("Light"), kind="light", role="light"),
            Column(label=_("Term")),
            Column(label=_("Done in time"), kind="integer"),
            Column(label=_("Late"), kind="integer"),
            Column(label=_("In time (share)"), kind="percent", role="hidden"),
            Column(label=_("Mean (working days)"), kind="decimal"),
            Column(label=_("Longest"), kind="integer", role="hidden"),
            Column(label=_("Running"), kind="integer", role="hidden"),
            Column(label=_("Overdue"), kind="integer"),
        ),
        rows=tuple(row for _code, row in sorted(drawn, key=lambda each: _order(each[0]))),
        density="compact",
        is_caption_hidden=True,
    )


def _order(code: str) -> tuple[int, str]:
    digits = code.removeprefix("D").rstrip("abc")
    return int(digits), code


def _term_row(taken: Taken, asked: Asked) -> Row:
    term, ended = taken.term, taken.in_time + taken.late
    which = "overdue" if taken.overdue else "late" if taken.late else "in_time"
    which = which if ended or taken.overdue else "running"
    any_case = ended + taken.running
    return Row(
        cells=(
            f"{term.code} {words(term.title)}",
            Light(level=taken.level, word=_("nothing yet") if taken.level == "none" else ""),
            taken.limit,
            taken.in_time,
            taken.late,
            share(taken.in_time, ended),
            taken.days_mean,
            taken.days_max,
            taken.running,
            taken.overdue,
        ),
        url=_behind_url(asked, "term", term=term.code, which=which) if any_case else "",
    )


def _notice_row(one: NoticeTerm, asked: Asked) -> Row:
    """A term that notices show: it has ended when it is known, so nothing runs."""
    judged = one.in_time + one.late
    level: Level = "none" if not judged else "amber" if one.late else "green"
    return Row(
        cells=(
            f"{one.code} {words(one.title)}",
            Light(level=level, word=_("nothing yet") if not judged else ""),
            one.limit,
            one.in_time if judged else None,
            one.late if judged else None,
            share(one.in_time, judged),
            one.days_mean,
            one.days_max,
            None,
            None,
        ),
        url=_behind_url(asked, "notice", term=one.code) if one.behind else "",
    )


def _exposure_table(
    caption: str, rows: Sequence[Exposure], names: dict[str, str], field: str, asked: Asked
) -> Table:
    total = sum(each.owed_fen for each in rows)
    return Table(
        caption=caption,
        columns=(
            Column(label=_("Bank") if field == "bank" else _("Buyer"), role="title"),
            Column(label=_("Loans"), kind="integer"),
            Column(label=_("Principal owed"), kind="money"),
            Column(label=_("Share"), kind="percent", role="hidden"),
            Column(label=_("Overdue"), kind="integer"),
            Column(label=_("Overdue principal"), kind="money"),
        ),
        rows=tuple(
            Row(
                cells=(
                    names.get(each.key, each.name or _("unknown")),
                    each.loans,
                    each.owed_fen,
                    share(each.owed_fen, total),
                    each.overdue,
                    each.overdue_fen,
                ),
                url=_behind_url(asked, "exposure", **{field: each.key}),
                level="red" if each.overdue else None,
            )
            for each in rows
        ),
        density="compact",
        is_caption_hidden=True,
    )


def _overdue_table(loans: Sequence[Stand], banks: dict[str, str]) -> Table | None:
    late = sorted((one for one in loans if one.overdue_days > 0), key=lambda x: -x.overdue_days)
    if not late:
        return None
    return Table(
        caption=_("Overdue loans"),
        columns=(
            Column(label=_("Bank"), role="title"),
            Column(label=_("Buyer")),
            Column(label=_("Days overdue"), kind="integer"),
            Column(label=_("Principal owed"), kind="money"),
        ),
        rows=tuple(
            Row(
                cells=(
                    banks.get(str(each.bank_id), _("unknown")),
                    each.buyer,
                    each.overdue_days,
                    each.owed_fen,
                ),
                url=reverse("case", args=[each.case_id]),
                level="red",
            )
            for each in late[:20]
        ),
        density="compact",
        is_caption_hidden=True,
    )


def _risk_table(rows: Sequence[tuple[uuid.UUID, str, str, str, bool]]) -> Table:
    return Table(
        caption=_("Risk events open"),
        columns=(
            Column(label=_("Number"), kind="code", role="title"),
            Column(label=_("Event")),
            Column(label=_("State"), kind="badge"),
            Column(label=_("Light"), kind="light", role="light"),
        ),
        rows=tuple(
            Row(
                cells=(
                    number,
                    title,
                    Badge(label=state, tone="lake"),
                    Light(level="red" if is_late else "green"),
                ),
                url=reverse("case", args=[case_id]),
            )
            for case_id, number, title, state, is_late in rows
        ),
        density="compact",
        is_caption_hidden=True,
    )


@require_safe
@desk_page
def board_behind(request: DeskRequest, what: str) -> HttpResponse:
    """The cases behind a number of the board. Raises NotFound for a number that is none."""
    require_office(request.visit.actor)
    asked = read_asked(request, sight_of_reports(request.visit.actor))
    title, behind = _behind(request, what, asked)
    context = {
        "title": title,
        "crumbs": (
            Crumb(label=_("Monitoring board"), url=f"{reverse('financing-board')}?{asked.query}"),
            Crumb(label=title),
        ),
        "table": behind_table(behind),
        "count": len(behind),
        "is_cut": len(behind) > BEHIND_MAX,
        "shown": BEHIND_MAX,
    }
    return render(request, "financing/behind.html", context)


def _behind(request: DeskRequest, what: str, asked: Asked) -> tuple[str, list[Behind]]:
    question, buyer = asked.question, asked.buyer
    if what == "term":
        return _behind_term(request, asked)
    loans = loans_of(loans_and_ledger(question.today)[0], question.bank_id, buyer)
    if what == "exposure":
        return _("Loans open"), [each.behind for each in loans if not each.is_repaid]
    if what == "overdue":
        return _("Loans overdue"), [each.behind for each in loans if each.overdue_days > 0]
    courses = courses_of(question, {each.case_id: each for each in loans}, buyer=buyer)
    if what == "notice":
        code = request.GET.get("term", "")
        found = [each for each in notice_terms(question, courses, buyer=buyer) if each.code == code]
        if found:
            return words(found[0].title), list(found[0].behind)
    for step in steps_of(courses):
        if step.stage.code == what:
            return words(step.stage.title), behind_stage(courses, what)
    raise NotFound(_("The board has no such number."))


def _behind_term(request: DeskRequest, asked: Asked) -> tuple[str, list[Behind]]:
    code, which = request.GET.get("term", ""), request.GET.get("which", "")
    term = next((one for one in TERMS if one.code == code), None)
    if term is None or which not in _WHICH:
        raise NotFound(_("The board has no such number."))
    said = {
        "in_time": _("in time"),
        "late": _("late"),
        "running": _("running"),
        "overdue": _("overdue"),
    }
    found = behind_term(asked.question, term, cast("Which", which), buyer=asked.buyer)
    return f"{words(term.title)} · {said[which]}", found
