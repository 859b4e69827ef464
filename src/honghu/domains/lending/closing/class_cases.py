"""Effects of `loan-class`: what persons of a bank judge of a loan's class."""

import dataclasses
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.lending.closing.judging import (
    BadRiskStatement,
    RiskStated,
    judge_class,
    state_risk,
)
from honghu.domains.lending.queries.finding import loan_of_case
from honghu.domains.lending.queries.loans import LoanRow
from honghu.domains.lending.queries.plans import cure_of
from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.classification_change import UnableToRaiseClass
from honghu.kernel.cases.effects import Effect

_CLASSES: Final = {each.code: each for each in RiskClass}
_PERCENT: Final = Decimal(100)


class UnableToJudge(Conflict):
    """The case has no loan in service of the actor's bank, or the decision is not possible."""

    code = "class-not-judged"


def lower_class(effect: Effect) -> None:
    """Effect of `lower`: the loan is in the worse class at once, by one person.

    Raises Invalid for a class that is not worse, BadRiskStatement, UnableToJudge.
    """
    loan = _begin(effect)
    if _wanted(effect) <= _present(loan):
        message = _("This class is not worse than the present one.")
        raise Invalid(
            message,
            remedy=_("A better class is proposed, and a second person verifies it."),
            fields={"wanted": message},
        )
    _state(effect, loan)
    judge_class(actor=effect.actor, now=effect.now, loan_id=loan.id, wanted=_wanted(effect))


def propose_better_class(effect: Effect) -> None:
    """Effect of `propose_better`: nothing changes until it is verified.

    Raises Invalid for a class that is not better, BadRiskStatement, UnableToJudge.
    """
    loan = _begin(effect)
    if _wanted(effect) >= _present(loan):
        message = _("This class is not better than the present one.")
        raise Invalid(message, fields={"wanted": message})
    _stated(effect.case.facts)


def verify_class(effect: Effect) -> None:
    """Effect of `verify`: passed, a better class holds; a worse one has held since it was judged.

    Raises UnableToJudge where the rules forbid the better class, or a worse one would be refused.
    """
    facts = effect.case.facts
    was_lowered = effect.case.state == "lowered"
    if was_lowered and effect.result != "passed":
        message = _("The worse class holds since it was judged.")
        remedy = _("Verify it; if it is wrong, have a better class proposed.")
        raise UnableToJudge(message, remedy=remedy)
    if was_lowered or effect.result != "passed":
        return
    loan = _loan(effect)
    proposer = dataclasses.replace(effect.actor, person_id=uuid.UUID(facts["judged_by"]))
    _state(dataclasses.replace(effect, actor=proposer), loan)
    try:
        judge_class(
            actor=proposer,
            now=effect.now,
            loan_id=loan.id,
            wanted=_wanted(effect),
            verified_by=effect.actor.person_id,
            cure=cure_of(loan.id, localdate(effect.now)),
        )
    except UnableToRaiseClass as error:
        message = _("The rules of the day do not allow the better class.")
        remedy = _("Refuse it: overdue days, or too short a time of regular payment, forbid it.")
        raise UnableToJudge(message, remedy=remedy) from error


def _begin(effect: Effect) -> LoanRow:
    """The loan, and what its case says of it. Raises UnableToJudge."""
    loan, case = _loan(effect), effect.case
    case.title = loan.number
    case.facts.update(
        loan=loan.number,
        bank=str(loan.lender_id),
        present=loan.risk_class,
        judged_by=str(effect.actor.person_id),
    )
    case.add_party("bank", loan.lender_id)
    return loan


def _loan(effect: Effect) -> LoanRow:
    loan = None if effect.case.parent_id is None else loan_of_case(effect.case.parent_id)
    if loan is None or loan.status != "active" or loan.lender_id != effect.actor.organisation_id:
        message = _("A class is judged of a loan that your bank has lent and that runs.")
        raise UnableToJudge(message, remedy=_("Open it from the loan."))
    return loan


def _wanted(effect: Effect) -> RiskClass:
    return _CLASSES[effect.case.facts["wanted"]]


def _present(loan: LoanRow) -> RiskClass:
    """The class that holds; of a loan that no close has looked at yet the best."""
    return _CLASSES.get(loan.risk_class or "", RiskClass.NORMAL)


def _state(effect: Effect, loan: LoanRow) -> None:
    """Keep what was found out: the next close counts it in. Raises BadRiskStatement."""
    stated = _stated(effect.case.facts)
    state_risk(actor=effect.actor, now=effect.now, loan_id=loan.id, stated=stated)


def _stated(facts: Mapping[str, Any]) -> RiskStated:
    found, share = facts.get("found") or (), facts.get("loss_share")
    if share is not None and "impaired" not in found:
        message = _("Only of a credit-impaired loan.")
        raise BadRiskStatement(message, fields={"loss_share": message})
    return RiskStated(
        loss_share=None if share is None else Decimal(share) / _PERCENT,
        **{f"is_{name}": True for name in found},
    )
