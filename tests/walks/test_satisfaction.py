"""How satisfied reporters are: a share with both its parts, withheld while few have judged."""

import datetime as dt

from honghu.analytics.bulletins.building import Builder, is_small, parse_month, suppressed_below
from honghu.analytics.bulletins.template import read_template
from honghu.analytics.figure import Scope
from honghu.analytics.oversight import Period, by_register
from honghu.analytics.queries import measure
from honghu.analytics.registry import get_figure
from honghu.domains.citizens.commands.following import judge_report
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.fates import Fate, Within
from honghu.kernel.cases.queries import CaseFilter, list_cases
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.registers.queries import get_register
from honghu.site.county import ensure_organisation, settle


def _until(now: dt.datetime) -> Scope:
    return Scope(end=now + dt.timedelta(days=1))


def test_satisfaction_is_counted_and_withheld_while_few_have_judged(
    shipped: None, now: dt.datetime
) -> None:
    satisfaction = get_figure("citizens.satisfaction")
    assert measure(satisfaction, _until(now)).value is None
    officer = settle(
        "judged", "岑受理", ensure_organisation("洪湖市受理中心", "office", now=now),
        ("report_officer",), now=now,
    ).actor(now.date())  # fmt: skip
    judgements = ["satisfied", "fair", "satisfied", "satisfied", "dissatisfied", "satisfied"]
    for number, judgement in enumerate(judgements):
        _judged(officer, judgement, f"r{number}", now)
        measured = measure(satisfaction, _until(now))
        content = sum(each != "dissatisfied" for each in judgements[: number + 1])
        assert measured.numerator == content
        assert measured.denominator == measured.row_count == number + 1
        few = is_small(measured, suppressed_below(now.date()))
        assert few is (content < 5), "the smaller part could be reckoned back"
    assert satisfaction.personal
    builder = Builder(read_template("county"), parse_month(f"{now:%Y-%m}"), 100)
    told = builder.content(now=now, head=(0, ""))["figures"]["citizens.satisfaction|month"]
    assert (told["withheld"], told["value"], told["numerator"]) == (True, None, None)
    # The supervisor reads both, and each opens exactly its cases.
    reports, period = get_register("public-report"), Period(30, now + dt.timedelta(minutes=1))
    standing = by_register([reports], period)["public-report"]
    assert (standing.judged, standing.content) == (6, 5)
    for fate, count in ((Fate.SATISFIED, 5), (Fate.DISSATISFIED, 1)):
        wanted = CaseFilter(within=Within(period.since, fate))
        page = list_cases(reports, actor=officer, now=period.now, wanted=wanted)
        assert len(page.rows) == count


def _judged(officer: Actor, judgement: str, key: str, now: dt.datetime) -> None:
    """A report that is not taken up, answered and judged by its reporter."""
    said = {"service": "urban-problem.kerb", "source": "page", "description": "沿石断裂"}
    report = open_case(
        "public-report", action="report", actor=SYSTEM, now=now, idempotency_key=key, form=said
    ).case_id
    perform(
        report, "refuse", actor=officer, now=now, idempotency_key=f"{key}a",
        form={"answer": "不属受理范围"},
    )  # fmt: skip
    judge_report(report, judgement, "", actor=SYSTEM, now=now, idempotency_key=f"{key}b")
