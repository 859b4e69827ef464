"""The five risk classes of a loan: what the rules of the day ask for at least, and why.

商业银行金融资产风险分类办法 (令2023年第1号) from 2023-07-01, before it 贷款风险分类指引
(银监发〔2007〕54号). The numbers are rows of the rule book; what a row does not set has no effect.
Each finding names a ground and the best class that it leaves; the class is the worst of them.
"""

import calendar
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import NamedTuple

from honghu.kernel.rulesets.values import RuleValue

FindRule = Callable[[str], RuleValue | None]


class RiskClass(IntEnum):
    """正常, 关注, 次级, 可疑, 损失: a higher number is a worse class."""

    NORMAL = 1
    SPECIAL_MENTION = 2
    SUBSTANDARD = 3
    DOUBTFUL = 4
    LOSS = 5

    @property
    def is_bad(self) -> bool:
        """Whether loans of the class are non-performing (不良)."""
        return self >= RiskClass.SUBSTANDARD

    @property
    def code(self) -> str:
        """The name in rule files and API: special_mention."""
        return self.name.lower()


class Ground(StrEnum):
    """Why a loan is in no better class."""

    OVERDUE = "overdue"
    MISUSED = "misused"
    REFINANCED = "refinanced"
    IMPAIRED = "impaired"
    EVADING = "evading"
    BANKRUPT = "bankrupt"
    RESTRUCTURED = "restructured"
    RESTRUCTURED_OVERDUE = "restructured_overdue"
    RESTRUCTURED_AGAIN = "restructured_again"
    JUDGED = "judged"
    NOT_CURED = "not_cured"
    DEBTOR_BAD = "debtor_bad"
    DEBTOR_BAD_SHARE = "debtor_bad_share"
    DEBTOR_OVERDUE_SHARE = "debtor_overdue_share"


class Finding(NamedTuple):
    """A ground, and the best class that it leaves."""

    at_least: RiskClass
    ground: Ground


class Restructured(NamedTuple):
    """Terms changed because the debtor was in difficulties."""

    date: dt.date


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoanFacts:
    """What is known of one loan on a day.

    `is_technical`: the overdue is a slip of operations. `loss_share` is the expected loss over the
    book balance of an impaired loan; None where it was not estimated. `observation_agreed`: until
    when a restructured loan is observed by its contract. `fell_bad_date`: when the loan last
    became bad. `previous` is yesterday's class, `judged` a class that a person set.
    """

    days_past_due: int = 0
    is_technical: bool = False
    is_misused: bool = False
    is_refinanced: bool = False
    is_impaired: bool = False
    loss_share: Fraction | None = None
    is_evading: bool = False
    is_bankrupt: bool = False
    restructurings: tuple[Restructured, ...] = ()
    observation_agreed: dt.date | None = None
    fell_bad_date: dt.date | None = None
    previous: RiskClass | None = None
    judged: RiskClass | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRules:
    """The rule rows of a day; None where the rules of the day set nothing."""

    technical_overdue_days_max: int | None
    mention_overdue_days: int | None
    substandard_overdue_days: int | None
    doubtful_overdue_days: int | None
    loss_overdue_days: int | None
    impaired_at_least: RiskClass | None
    doubtful_loss_share: Decimal | None
    loss_loss_share: Decimal | None
    misuse_at_least: RiskClass | None
    refinanced_at_least: RiskClass | None
    evasion_at_least: RiskClass | None
    bankruptcy_at_least: RiskClass | None
    restructured_observation: int | None
    restructured_at_least: RiskClass | None
    restructured_overdue_at_least: RiskClass | None
    restructured_again_at_least: RiskClass | None
    debtor_bad_share: Decimal | None
    debtor_overdue_share: Decimal | None
    debtor_overdue_days: int | None
    debtor_bad_at_least: RiskClass | None
    cure_months: int | None
    cure_periods: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Classification:
    """A class with all findings, the worst first."""

    risk_class: RiskClass
    findings: tuple[Finding, ...]


def read_classification_rules(find: FindRule) -> ClassificationRules:
    """The rules of a day. `find` gives the row "lending.<code>" of that day, or None.

    Raises RuleValueError for a row whose value is not of its kind.
    """
    values: dict[str, object] = {}
    for field in dataclasses.fields(ClassificationRules):
        row = find(f"lending.{field.name}")
        if row is None:
            values[field.name] = None
        elif row.unit == "text":
            values[field.name] = RiskClass[row.as_text().upper()]
        else:
            values[field.name] = row.as_decimal() if row.unit == "ratio" else row.as_int()
    return ClassificationRules(**values)  # type: ignore[arg-type]  # read by the rows' own units


def classify(facts: LoanFacts, rules: ClassificationRules, on: dt.date) -> Classification:
    """The class of a loan by itself on a day; `with_debtor` adds what its debtor's other loans say.

    A class that a person set holds as long as the rules ask for nothing worse. A loan that was bad
    stays at least substandard until a person has raised it (`classification_change.judge`): paying
    is necessary for that, not sufficient.
    """
    findings = own_findings(facts, rules, on)
    was_bad = facts.previous is not None and facts.previous.is_bad
    if was_bad and not worst(findings).is_bad:
        findings.append(Finding(RiskClass.SUBSTANDARD, Ground.NOT_CURED))
    return _concluded(findings)


def own_findings(facts: LoanFacts, rules: ClassificationRules, on: dt.date) -> list[Finding]:
    """What the loan's own facts ask for on a day, whatever it was before."""
    wanted = [
        (_by_days(facts, rules), Ground.OVERDUE),
        (_by_impairment(facts, rules), Ground.IMPAIRED),
        (rules.misuse_at_least if facts.is_misused else None, Ground.MISUSED),
        (rules.refinanced_at_least if facts.is_refinanced else None, Ground.REFINANCED),
        (rules.evasion_at_least if facts.is_evading else None, Ground.EVADING),
        (rules.bankruptcy_at_least if facts.is_bankrupt else None, Ground.BANKRUPT),
        (facts.judged, Ground.JUDGED),
    ]
    found = [Finding(at_least, ground) for at_least, ground in wanted if at_least is not None]
    return found + _by_restructuring(facts, rules, on)


def with_debtor(own: Classification, by_debtor: Iterable[Finding]) -> Classification:
    """The class once the findings about the debtor (`classification_debtor`) are counted in."""
    return _concluded([*own.findings, *by_debtor])


def worst(findings: Iterable[Finding]) -> RiskClass:
    """The worst class that findings ask for; normal without any."""
    return max((finding.at_least for finding in findings), default=RiskClass.NORMAL)


def observed_until(facts: LoanFacts, rules: ClassificationRules) -> dt.date | None:
    """The day on which the observation of a restructured loan ends; None if it is not restructured.

    A loan that becomes bad under observation is observed anew from that day, as is one that is
    restructured again. The parties may agree on longer than the rules ask for, not on less.
    """
    if not facts.restructurings or rules.restructured_observation is None:
        return None
    start = max(each.date for each in facts.restructurings)
    end = months_after(start, rules.restructured_observation)
    if facts.fell_bad_date is not None and start < facts.fell_bad_date < end:
        end = months_after(facts.fell_bad_date, rules.restructured_observation)
    return end if facts.observation_agreed is None else max(end, facts.observation_agreed)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, or the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _concluded(findings: list[Finding]) -> Classification:
    kept = tuple(sorted(set(findings), key=lambda finding: (-finding.at_least, finding.ground)))
    return Classification(worst(kept), kept)


def _by_days(facts: LoanFacts, rules: ClassificationRules) -> RiskClass | None:
    days = facts.days_past_due
    slip = rules.technical_overdue_days_max
    if facts.is_technical and slip is not None and days <= slip:
        return None
    steps = (
        (rules.loss_overdue_days, RiskClass.LOSS),
        (rules.doubtful_overdue_days, RiskClass.DOUBTFUL),
        (rules.substandard_overdue_days, RiskClass.SUBSTANDARD),
        (rules.mention_overdue_days, RiskClass.SPECIAL_MENTION),
    )
    return next((step for limit, step in steps if limit is not None and days > limit), None)


def _by_impairment(facts: LoanFacts, rules: ClassificationRules) -> RiskClass | None:
    if not facts.is_impaired:
        return None
    share = facts.loss_share
    if share is not None:
        # "90%以上" includes 90 % itself.
        if rules.loss_loss_share is not None and share >= Fraction(rules.loss_loss_share):
            return RiskClass.LOSS
        if rules.doubtful_loss_share is not None and share >= Fraction(rules.doubtful_loss_share):
            return RiskClass.DOUBTFUL
    return rules.impaired_at_least


def _by_restructuring(facts: LoanFacts, rules: ClassificationRules, on: dt.date) -> list[Finding]:
    end = observed_until(facts, rules)
    if end is None or on >= end:
        return []
    days = sorted(each.date for each in facts.restructurings)
    months = rules.restructured_observation or 0
    is_again = len(days) > 1 and days[-1] < months_after(days[-2], months)
    wanted = [
        (rules.restructured_at_least, Ground.RESTRUCTURED, True),
        (
            rules.restructured_overdue_at_least,
            Ground.RESTRUCTURED_OVERDUE,
            facts.days_past_due > 0,
        ),
        (rules.restructured_again_at_least, Ground.RESTRUCTURED_AGAIN, is_again),
    ]
    return [Finding(cls, ground) for cls, ground, holds in wanted if holds and cls is not None]
