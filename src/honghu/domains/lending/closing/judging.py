"""Commands: what persons state about a loan's risk, and their judgement of its class."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate

from honghu.base.problems import Invalid, NotAllowed, NotFound
from honghu.domains.lending.closing.classifying import (
    class_of,
    classification_rules,
    facts_of,
    shown_findings,
)
from honghu.domains.lending.closing.models import ClassChange, RiskStatement
from honghu.domains.lending.models import Loan
from honghu.domains.lending.rules.classification import RiskClass, own_findings, worst
from honghu.domains.lending.rules.classification_change import Cure, judge
from honghu.kernel.parties.actor import Actor


class BadRiskStatement(Invalid):
    """A statement that contradicts itself."""

    code = "risk-statement"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RiskStated:
    """What is stated about a loan; the next close of business counts it in."""

    is_retail: bool = False
    is_technical: bool = False
    is_refinanced: bool = False
    is_impaired: bool = False
    loss_share: Decimal | None = None
    is_evading: bool = False
    is_bankrupt: bool = False
    is_shielded: bool = False


def state_risk(*, actor: Actor, now: dt.datetime, loan_id: uuid.UUID, stated: RiskStated) -> int:
    """State anew what is known of a loan's risk; gives the statement's number.

    The same statement again changes nothing. A judgement of its class stays. Raises NotFound, NotAllowed,
    BadRiskStatement for a loss share of a loan that is not impaired, or outside 0 to 1.
    """
    share = stated.loss_share
    if share is not None and not (stated.is_impaired and 0 <= share <= 1):
        raise BadRiskStatement(
            f"an expected loss of {share} of the balance",
            remedy="give a share from 0 to 1, of an impaired loan",
            fields={"loss_share": str(share)},
        )
    with transaction.atomic():
        _lock(loan_id)
        last = _last_statement(loan_id)
        if last is not None and _stated_in(last) == stated:
            return last.number
        return _state(actor, now, loan_id, stated, last.judged if last else None)


def judge_class(
    *,
    actor: Actor,
    now: dt.datetime,
    loan_id: uuid.UUID,
    wanted: RiskClass,
    verified_by: uuid.UUID | None = None,
    cure: Cure | None = None,
) -> RiskClass:
    """Set a loan's class by a person's judgement; gives the class that it had.

    Worse at any time; better only with a second person, not past what the rules ask for, and out
    of the bad classes only once it is cured. Raises NotFound, NotAllowed, VerifierNeeded,
    UnableToRaiseClass.
    """
    on = localdate(now)
    with transaction.atomic():
        loan = _lock(loan_id)
        current = class_of(loan.risk_class) or RiskClass.NORMAL
        rules = classification_rules(on)
        facts = dataclasses.replace(facts_of(loan_id, on), judged=None)
        own = tuple(own_findings(facts, rules, on))
        change = judge(
            current,
            wanted,
            own,
            rules,
            on=on,
            by=_person(actor),
            verified_by=verified_by,
            cure=cure,
        )
        last = _last_statement(loan_id)
        stated = RiskStated() if last is None else _stated_in(last)
        _state(actor, now, loan_id, stated, wanted.code if wanted > worst(own) else None)
        number = ClassChange.objects.filter(loan_id=loan_id).aggregate(Max("number"))["number__max"]
        ClassChange.objects.create(
            loan_id=loan_id,
            number=(number or 0) + 1,
            business_date=on,
            before=loan.risk_class,
            after=wanted.code,
            findings=shown_findings(own),
            by=change.by,
            verified_by=change.verified_by,
            changed_at=now,
        )
        Loan.objects.filter(pk=loan_id).update(risk_class=wanted.code)
    return current


def _person(actor: Actor) -> uuid.UUID:
    if actor.person_id is None:
        raise NotAllowed("the system states and judges nothing", remedy="act as a person")
    return actor.person_id


def _lock(loan_id: uuid.UUID) -> Loan:
    loan = Loan.objects.select_for_update().filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(f"there is no loan {loan_id}", remedy="check the id")
    return loan


def _last_statement(loan_id: uuid.UUID) -> RiskStatement | None:
    return RiskStatement.objects.filter(loan_id=loan_id).order_by("-number").first()


def _stated_in(row: RiskStatement) -> RiskStated:
    names = (field.name for field in dataclasses.fields(RiskStated))
    return RiskStated(**{name: getattr(row, name) for name in names})


def _state(
    actor: Actor, now: dt.datetime, loan_id: uuid.UUID, stated: RiskStated, judged: str | None
) -> int:
    last = _last_statement(loan_id)
    number = 1 if last is None else last.number + 1
    RiskStatement.objects.create(
        loan_id=loan_id,
        number=number,
        judged=judged,
        stated_by=_person(actor),
        stated_at=now,
        **dataclasses.asdict(stated),
    )
    return number
