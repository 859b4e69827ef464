"""Returns of the river office: the quarter's table of patrols (季度巡查统计表) and the month's paper.

Every number is counted from patrols, posts and struck-off problems when it is shown or signed.
"""

import calendar
import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.analytics.figure import Scope
from honghu.analytics.queries import measure_value
from honghu.analytics.registry import get_figure
from honghu.analytics.wording import value_text
from honghu.base.problems import Invalid
from honghu.domains.rivers.commands.papers import issue_paper
from honghu.domains.rivers.commands.posts import frequency_of
from honghu.domains.rivers.models import PatrolRecord
from honghu.domains.rivers.queries import PATROLS, POSTS, PROBLEMS, local_zone
from honghu.domains.rivers.rules.patrols import required_patrols
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case, Step
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Text

QUARTER_HEADS: Final = (
    Text("单位", "Organisation"),
    Text("在任河湖长", "Chiefs in post"),
    Text("应巡人次", "Patrols due"),
    Text("巡查人次", "Patrols that count"),
    Text("人均巡查", "Patrols a chief"),
    Text("巡查率", "Share patrolled"),
    Text("解决突出问题", "Problems solved"),
)
_MONTH: Final = (
    ("巡查履职情况", ("rivers.patrols", "rivers.attendance_rate", "rivers.patrol_completion")),
    (
        "问题整改情况",
        (
            "rivers.rectification_rate",
            "rivers.on_time_rate",
            "rivers.days_to_rectify",
            "rivers.rebound_rate",
        ),
    ),
    ("整改投入情况", ("rivers.labour", "rivers.machine", "rivers.truck", "rivers.boat")),
    ("清理成效", ("rivers.plants_cleared", "rivers.rubbish_cleared")),
)
"""What the month's paper tells, by its sections; each figure is counted within the month."""
_QUARTER_MONTHS: Final = 3
_UNKNOWN: Final = "—"


@dataclass(frozen=True, slots=True)
class Patrolled:
    """A line of the quarter's table: an organisation of chiefs, and what they did.

    `required` counts each chief's due patrols by the days in post; `counted` what was done of those
    due, so that nobody's surplus makes up for another; `solved` the problems struck off that the
    organisation led or put right.
    """

    name: str
    chiefs: int
    required: Decimal
    valid: int
    counted: Decimal
    solved: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as it is printed."""
        mean = f"{Decimal(self.valid) / self.chiefs:.1f}" if self.chiefs else _UNKNOWN
        rate = f"{self.counted / self.required:.1%}" if self.required else _UNKNOWN
        due = f"{self.required.quantize(Decimal('0.1')).normalize():f}"
        return (self.name, str(self.chiefs), due, str(self.valid), mean, rate, str(self.solved))


def is_quarter(period: str) -> bool:
    """Whether a period of a return is a quarter; else it is a month."""
    return period.startswith("q")


def days_of(year: int, period: str) -> tuple[dt.date, dt.date]:
    """First and last day of `q1` to `q4` or `m01` to `m12` of a year."""
    number = int(period[1:])
    length = _QUARTER_MONTHS if is_quarter(period) else 1
    first, last = (number - 1) * length + 1, number * length
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def draft_return(effect: Effect) -> None:
    """Effect of `draft`: name the return; its period has ended. Raises Invalid."""
    facts = effect.case.facts
    first, last = days_of(facts["year"], facts["period"])
    if last >= localdate(effect.now):
        message = _("This period has not ended yet.")
        remedy = _("Choose one that is over.")
        raise Invalid(message, remedy=remedy, fields={"period": message})
    facts["first_day"], facts["last_day"] = first.isoformat(), last.isoformat()
    effect.case.title = _title(effect)


def sign_return(effect: Effect) -> None:
    """Effect of `sign`: count, and issue the paper with its number (季度表 or 通报).

    Raises NotFound where the office has no such series.
    """
    facts = effect.case.facts
    first, last = days_of(facts["year"], facts["period"])
    remarks = [facts["remarks"]] if facts.get("remarks") else []
    span = f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
    if is_quarter(facts["period"]):
        facts["return_number"] = issue_paper(
            effect,
            series="季度表",
            template="table.river-quarter.docx",
            title=_title(effect),
            body=remarks,
            facts=[
                ("统计时段", span),
                ("巡查率", "各河湖长完成的应巡人次与应巡人次之比，超额不互补"),
            ],
            data={
                "heads": [head.zh for head in QUARTER_HEADS],
                "rows": [list(line.cells) for line in quarter_lines(first, last)],
            },
        )
        return
    facts["return_number"] = issue_paper(
        effect,
        series="通报",
        template="default.river-month.docx",
        title=_title(effect),
        recipients=["各镇人民政府、街道办事处、管理区", "市级河湖长联系部门"],
        body=[
            f"现将{span}全市河湖长制工作情况通报如下。",
            *_sections(month_values(first, last)),
            *remarks,
        ],
    )


def _sections(values: Sequence[tuple[Text, Text]]) -> Iterator[str]:
    """The month in four paragraphs (一、…), as circulars tell it; what is unknown says so."""
    told = iter(values)
    for number, (heading, codes) in zip("一二三四", _MONTH, strict=True):
        said = (
            f"{title.zh}{value.zh if value.zh != _UNKNOWN else '暂无数据'}"
            for title, value in itertools.islice(told, len(codes))
        )
        yield f"{number}、{heading}。{'，'.join(said)}。"


def _title(effect: Effect) -> str:
    facts = effect.case.facts
    period = effect.case.register.fields["period"].options[facts["period"]].zh
    kind = "河湖长巡查统计表" if is_quarter(facts["period"]) else "河湖长制工作情况通报"
    return f"{facts['year']}年{period}{kind}"


def month_values(first: dt.date, last: dt.date) -> list[tuple[Text, Text]]:
    """The month's figures with their names, unknown ones as a dash."""
    start, end = _bounds(first, last)
    found = []
    for code in (code for _heading, codes in _MONTH for code in codes):
        figure = get_figure(code)
        value = measure_value(figure, Scope(start=start, end=end)).value
        found.append((figure.title, value_text(value, figure.unit, figure.unit_words)))
    return found


def quarter_lines(first: dt.date, last: dt.date) -> list[Patrolled]:
    """The quarter's table by organisation of the chiefs, the whole county in its last line.

    Four statements at any size.
    """
    start, end = _bounds(first, last)
    posts = _posts_between(first, last)
    valid = _valid_patrols(start, end)
    solved = _solved(start, end)
    names = organisation_names({*(uuid.UUID(post["organisation"]) for post in posts)})
    lines = [
        _line(
            name, [post for post in posts if post["organisation"] == str(unit)], valid, unit_solved
        )
        for unit, name in sorted(names.items(), key=lambda each: each[1])
        for unit_solved in [{case for case, units in solved.items() if str(unit) in units}]
    ]
    return [*lines, _line("合计", posts, valid, solved)]


def _line(
    name: str,
    posts: Sequence[Mapping[str, object]],
    valid: Mapping[uuid.UUID, int],
    solved: Iterable[uuid.UUID],
) -> Patrolled:
    required = {post["id"]: Decimal(str(post["required"])) for post in posts}
    done = {post: valid.get(uuid.UUID(str(post)), 0) for post in required}
    return Patrolled(
        name=name,
        chiefs=len(posts),
        required=sum(required.values(), Decimal(0)),
        valid=sum(done.values()),
        counted=sum((min(Decimal(done[post]), required[post]) for post in required), Decimal(0)),
        solved=len(set(solved)),
    )


def _posts_between(first: dt.date, last: dt.date) -> list[dict[str, str]]:
    """The posts held on any of these days: id, organisation, and how many patrols they owe."""
    found = []
    for case in Case.objects.filter(register=POSTS, state__in=("in_post", "left")):
        facts = case.facts
        begin = max(first, dt.date.fromisoformat(facts["from_on"]))
        end = min(last, dt.date.fromisoformat(facts["to_on"])) if facts.get("to_on") else last
        if begin <= end and facts.get("chief"):
            required = required_patrols(begin, end, frequency_of(facts["level"], begin))
            found.append(
                {
                    "id": str(case.id),
                    "organisation": facts["organisation"],
                    "required": str(required),
                }
            )
    return found


def _valid_patrols(start: dt.datetime, end: dt.datetime) -> dict[uuid.UUID, int]:
    """How many patrols that count each post made; voided ones left out."""
    voided = Case.objects.filter(register=PATROLS, state="voided").values("id")
    records = PatrolRecord.objects.filter(valid=True, started_at__gte=start, started_at__lt=end)
    found: dict[uuid.UUID, int] = {}
    for post in records.exclude(case_id__in=voided).values_list("post_id", flat=True):
        found[post] = found.get(post, 0) + 1
    return found


def _solved(start: dt.datetime, end: dt.datetime) -> dict[uuid.UUID, set[str]]:
    """The problems struck off, each with the organisations that led it or put it right."""
    steps = Step.objects.filter(
        register=PROBLEMS, to_state="struck_off", at__gte=start, at__lt=end
    ).exclude(from_state="struck_off")
    cases = Case.objects.filter(pk__in=steps.values("case_id"))
    return {
        case.id: {case.facts[code] for code in ("town", "responsible") if case.facts.get(code)}
        for case in cases
    }


def _bounds(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    zone = local_zone()
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    return dt.datetime.combine(first, dt.time(), zone), end
