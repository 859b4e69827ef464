"""Provisions for loan losses: what each class asks for, and the two ratios of the supervisors.

银行贷款损失准备计提指引 (银发〔2002〕98号): 1, 2, 25, 50 and 100 percent, of which the ratios of 次级 and
可疑 may be moved by a fifth of themselves. 商业银行贷款损失准备管理办法 (银监会令2011年第4号): the
allowance as a share of all loans (贷款拨备率) and of the bad ones (拨备覆盖率); the stricter counts.
"""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from honghu.base.money import apply_rate
from honghu.base.problems import Invalid
from honghu.domains.lending.rules.classification import FindRule, RiskClass

FLOATING: Final = frozenset({RiskClass.SUBSTANDARD, RiskClass.DOUBTFUL})


class ProvisionError(Invalid):
    """A provisioning ratio that the rules of the day do not know or do not permit."""

    code = "provision"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionRules:
    """The rows of a day: ratio by class, how far some may be moved, the two least ratios."""

    ratios: Mapping[RiskClass, Decimal]
    float_share: Decimal | None
    allowance_ratio_min: Decimal | None
    coverage_ratio_min: Decimal | None

    def ratio(self, risk_class: RiskClass, chosen: Decimal | None = None) -> Decimal:
        """The ratio of a class, or the bank's own choice within the permitted margin.

        Raises ProvisionError for a choice outside it, or where no row holds.
        """
        standard = self.ratios.get(risk_class)
        if standard is None:
            raise ProvisionError(
                f"the rules of the day set no provision for {risk_class.code}",
                remedy=f"add a row of lending.provision_ratio.{risk_class.code}",
            )
        if chosen is None:
            return standard
        margin = (self.float_share or 0) * standard if risk_class in FLOATING else Decimal()
        if abs(chosen - standard) > margin:
            raise ProvisionError(
                f"{chosen} is outside {standard - margin} to {standard + margin},"
                f" what is permitted for {risk_class.code}",
                remedy="choose a ratio within these bounds",
            )
        return chosen


def read_provision_rules(find: FindRule) -> ProvisionRules:
    """The rules of a day. `find` gives the row "lending.<code>" of that day, or None."""
    ratios = {
        risk_class: row.as_decimal()
        for risk_class in RiskClass
        if (row := find(f"lending.provision_ratio.{risk_class.code}")) is not None
    }
    rest = {
        name: None if row is None else row.as_decimal()
        for name in ("provision_float", "allowance_ratio_min", "coverage_ratio_min")
        for row in (find(f"lending.{name}"),)
    }
    return ProvisionRules(
        ratios=ratios,
        float_share=rest["provision_float"],
        allowance_ratio_min=rest["allowance_ratio_min"],
        coverage_ratio_min=rest["coverage_ratio_min"],
    )


def required_provision(
    balance_fen: int, risk_class: RiskClass, rules: ProvisionRules, chosen: Decimal | None = None
) -> int:
    """Fen to be set aside for a balance of principal, rounded half up.

    Raises ProvisionError as `ProvisionRules.ratio`.
    """
    return apply_rate(balance_fen, rules.ratio(risk_class, chosen))


@dataclasses.dataclass(frozen=True, slots=True)
class Adequacy:
    """The two ratios of a bank, None where there is nothing to divide by, and what is missing."""

    allowance_ratio: Fraction | None
    coverage_ratio: Fraction | None
    shortfall_fen: int


def adequacy(
    allowance_fen: int, balances_fen: Mapping[RiskClass, int], rules: ProvisionRules
) -> Adequacy:
    """How an allowance compares with the balances by class.

    The shortfall is what is missing to the highest of three: the two least ratios, and the sum of
    the classes' provisions; 0 if nothing is. Raises ProvisionError as `required_provision`.
    """
    total = sum(balances_fen.values())
    bad = sum(fen for risk_class, fen in balances_fen.items() if risk_class.is_bad)
    wanted = [
        sum(required_provision(fen, each, rules) for each, fen in balances_fen.items()),
        apply_rate(total, rules.allowance_ratio_min or Decimal()),
        apply_rate(bad, rules.coverage_ratio_min or Decimal()),
    ]
    return Adequacy(
        Fraction(allowance_fen, total) if total else None,
        Fraction(allowance_fen, bad) if bad else None,
        max(max(wanted) - allowance_fen, 0),
    )
