"""Rule 2 and D8: money is lent on a contract that is filed; one that the law keeps unpublished."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.base.problems import Invalid
from honghu.domains.financing.commands.disbursements import ContractNotFiled
from honghu.domains.financing.queries import get_ceiling
from honghu.kernel.cases.permissions import NotYourTurn
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.models import Account
from honghu.site.county import Member
from tests import notices
from tests.thread import ACCOUNT, WHY, Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Thread:
    begun = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: begun.now)
    return begun


def _lock(thread: Thread, loan: uuid.UUID) -> None:
    thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", "lianhu-reviewer")


def _lend(thread: Thread, loan: uuid.UUID) -> None:
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})


def test_rule_02_no_money_before_the_copy_of_the_contract_is_filed(thread: Thread) -> None:
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    _lock(thread, loan)
    client = Client(headers={"accept-language": "zh-hans"})
    account = Account.objects.get(person_id=thread.cast["lianhu-manager"].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    filing = cases_with_fact(
        "contract-filing", fact="contract", value=thread.see(loan).facts["contract"], now=thread.now
    )[0]
    assert filing.number in client.get(reverse("case", args=[loan])).content.decode()
    with pytest.raises(ContractNotFiled) as refusal:
        _lend(thread, loan)
    assert refusal.value.code == "contract-not-filed"
    assert filing.number in (refusal.value.remedy or "")
    assert "2026-05-29" in (refusal.value.remedy or "")
    thread.file_contract()
    _lend(thread, loan)
    assert thread.see(loan).state == "repaying"


def _exempt(thread: Thread, **changes: Any) -> uuid.UUID:
    form = {
        "award": str(thread.award.id),
        "contract_no": "HT-2026-保密",
        "amount": 100_000_000,
        "signed": thread.now.date().isoformat(),
        "reason": "commercial_secret",
        "basis": "洪财采函〔2026〕7号",
    }
    receipt = {"receipt": [thread.file("clerk", "receipt")]}
    return thread.open(
        "contract-filing", "record_exempt", "clerk", form=form | changes, evidence=receipt
    )


@pytest.mark.parametrize("is_filed_first", [False, True])
def test_edge_a_contract_exempt_from_publication_is_filed_and_lent_on(
    thread: Thread, is_filed_first: bool
) -> None:
    """实施条例 art 50: no notice speaks of it, the office compares the paper copy, two persons."""
    loan = None if is_filed_first else thread.placed()
    with pytest.raises(Invalid) as refusal:
        _exempt(thread, basis=None)
    assert set(refusal.value.fields) == {"basis"}
    filing = _exempt(thread)
    assert thread.sees(filing, "buyer")
    assert not thread.sees(filing, "lianhu-manager")
    with pytest.raises(NotYourTurn):
        thread.do(filing, "verify", "clerk", {"result": "passed"})
    thread.do(filing, "verify", "office", {"result": "passed"})
    loan = loan or thread.placed()
    assert thread.see(loan).state == "locking"
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.contract_fen == 100_000_000
    _lock(thread, loan)
    _lend(thread, loan)
    assert thread.see(loan).state == "repaying"


def test_edge_an_exempt_contract_of_another_amount_is_in_doubt(thread: Thread) -> None:
    loan = thread.placed()
    thread.do(_exempt(thread, amount=99_000_000), "verify", "office", {"result": "passed"})
    row = thread.see(loan)
    assert (row.state, row.facts["mismatch"]) == ("contract_doubt", "金额")
    thread.take(notices.contract(), "contract.txt")
    assert thread.see(loan).state == "locking"
