"""Locked contracts for the benchmarks: one that went the whole way, and copies of its rows."""

import copy
import dataclasses
import datetime as dt
import uuid

from honghu.base.identifiers import new_id
from honghu.kernel.parties.actor import Actor

ACCOUNT = "4210830123456789"


@dataclasses.dataclass(frozen=True, slots=True)
class Planted:
    """The bank that keeps the account, its manager, and the numbers of all contracts."""

    bank: Actor
    buyer: str
    contracts: list[str]


def plant(count: int, now: dt.datetime) -> Planted:
    """Drive one contract to its locked account; copy it so often, all on one account."""
    from tests import notices
    from tests.thread import begin

    from honghu.site.county import settle_county

    thread = begin(dict(settle_county(now=now)), now)
    loan = thread.locked()
    bank = thread.cast["lianhu-manager"].actor(now.date())
    first = f"{notices.NUMBER}-HT"
    numbers = [first, *(f"HHCG-2026-{each:05}-HT" for each in range(count))]
    _copies(loan, numbers[1:])
    return Planted(bank, notices.BUYER, numbers)


def _copies(loan: uuid.UUID, numbers: list[str]) -> None:
    from honghu.domains.financing.models import AccountLock, Limit, Loan
    from honghu.domains.procurement.models import Award, Contract, Notice
    from honghu.kernel.cases.models import Case

    lock = AccountLock.objects.get(loan_id=loan)
    case, ties = Case.objects.get(pk=loan), Loan.objects.get(pk=loan)
    award = Award.objects.get(pk=lock.award_id)
    contract = Contract.objects.get(award=award)
    limit = Limit.objects.get(pk=lock.award_id)
    made: dict[type, list[object]] = {
        kind: [] for kind in (Notice, Award, Contract, Case, Loan, AccountLock, Limit)
    }
    for number in numbers:
        award_id, case_id = new_id(), new_id()
        notices = [_like(award.notice, id=new_id(), sha256=_hash()) for _ in range(2)]
        made[Notice] += notices
        project = number.removesuffix("-HT")
        made[Award].append(_like(award, id=award_id, notice=notices[0], project_no=project))
        made[Contract].append(
            _like(contract, id=new_id(), notice=notices[1], award_id=award_id, contract_no=number)
        )
        facts = case.facts | {"award": str(award_id), "contract_no": number}
        made[Case].append(_like(case, id=case_id, number=f"融贷-{number}", facts=facts))
        made[Loan].append(
            _like(
                ties,
                case_id=case_id,
                award_id=award_id,
                lending_id=None,
                locked_account_id=uuid.uuid4(),
            )
        )
        made[AccountLock].append(_like(lock, id=new_id(), award_id=award_id, loan_id=case_id))
        made[Limit].append(
            _like(
                limit,
                award_id=award_id,
                used_account_id=uuid.uuid4(),
                contra_account_id=uuid.uuid4(),
            )
        )
    for kind, rows in made.items():
        kind.objects.bulk_create(rows, batch_size=1000)  # type: ignore[attr-defined]  # a model


def _like(row: object, **changes: object) -> object:
    other = copy.copy(row)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def _hash() -> str:
    return uuid.uuid4().hex * 2
