"""The treasury's question before it pays, and the payment it records."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from honghu.base.identifiers import new_id
from honghu.domains.financing.queries import payments_of_loan
from honghu.domains.procurement.models import Award, Contract
from honghu.site.county import ensure_organisation, settle
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.machine import Machine
from tests.thread import ACCOUNT, Thread, served

CONTRACT = f"{notices.NUMBER}-HT"
Machines = Callable[[str | None], Machine]


def _check(machine: Machine, **changes: object) -> tuple[str, str, str | None]:
    body = {
        "contract_no": CONTRACT,
        "account_no": ACCOUNT["account_no"],
        "amount_fen": 1_000_000,
    } | changes
    sent = {name: value for name, value in body.items() if value is not None}
    answer = machine.post("/payments/check", sent)
    assert answer.status == 200, answer.content
    return (answer.body["answer"], answer.body["reason"], answer.body["expected_account"])


def test_the_answer_follows_the_lock(thread: Thread, machines: Machines) -> None:
    treasury = machines("treasury")
    assert _check(treasury) == ("unknown", "contract-unknown", None)
    loan = thread.at_lock()
    assert _check(treasury) == ("unknown", "not-financed", None)
    thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    assert _check(treasury) == ("unknown", "lock-not-confirmed", None)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    yes = ("yes", "locked-account", "****6789")
    assert _check(treasury) == yes
    with CaptureQueriesContext(connection) as spent:
        assert _check(treasury, contract_no=None, award_id=str(thread.award.id)) == yes
    assert len(spent) == 2  # the token, the award with its lock
    assert _check(treasury, account_no="4210 8301-2345 6789") == yes
    assert _check(treasury, account_no="6222000011112222") == ("no", "other-account", "****6789")
    assert _check(treasury, amount_fen=100_000_001)[:2] == ("unknown", "above-contract")


def test_an_approval_opens_the_loan_in_few_statements(thread: Thread, machines: Machines) -> None:
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    thread.do(quote, "offer", "lianhu-reviewer")
    thread.do(application, "choose", "supplier", {"quote": thread.see(quote).number})
    loan = thread.children(application, "financing-loan")[0].id
    form = {"credit_standing": "good", "opinion": "好", "checklist": list(INVESTIGATED)}
    thread.do(loan, "propose", "lianhu-manager", form)
    reviewer, body = machines("lianhu-reviewer"), {"form": {"result": "approved"}}
    reviewer.get(f"/cases/{loan}")
    with CaptureQueriesContext(connection) as spent:
        answer = reviewer.post(f"/cases/{loan}/actions/approve", body)
    assert (answer.status, served(loan).status) == (201, "approved")
    # The bank's first loan opens its books besides; a test's transaction has a savepoint more.
    found = [each["sql"] for each in spent if "ledger_" not in each["sql"]]
    assert len(found) <= 15, [each[:90] for each in found]


def test_an_award_that_corrections_joined_is_asked_by_any_of_its_line(
    thread: Thread, machines: Machines
) -> None:
    """Two awards were replaced by a third, whose contract it is; the lock lies on the first."""
    thread.locked()
    first = thread.award.id
    later = [_like_award(first), _like_award(first)]
    Award.objects.filter(pk__in=[first, later[0]]).update(replaced_by_id=later[1])
    Contract.objects.filter(award_id=first).update(award_id=later[1])
    treasury = machines("treasury")
    with CaptureQueriesContext(connection) as spent:
        assert _check(treasury)[0] == "yes"
    assert len(spent) == 4  # the token, the award, its line, the lock of the first
    for each in (first, *later):
        assert _check(treasury, contract_no=None, award_id=str(each))[0] == "yes"


def _like_award(award_id: uuid.UUID) -> uuid.UUID:
    """A later award of the same lot; its identifier."""
    award = Award.objects.get(pk=award_id)
    award.pk, award.position = new_id(), award.position + 1 + Award.objects.count()
    award.save(force_insert=True)
    return award.pk


def test_each_asks_about_its_own(thread: Thread, machines: Machines) -> None:
    thread.locked()
    for who in ("treasury", "auditor", "office", "lianhu-manager", "buyer"):
        assert _check(machines(who))[0] == "yes", who
    other = ensure_organisation("洪湖市另一中学", "institution", now=thread.now)
    thread.cast["other-buyer"] = settle("other-buyer", "旁人", other, ("buyer",), now=thread.now)
    for who in ("changqu-manager", "other-buyer"):
        assert _check(machines(who)) == ("unknown", "contract-unknown", None), who
    assert machines("supplier").post("/payments/check", {}).status == 422
    body = {"contract_no": CONTRACT, "account_no": "62220000", "amount_fen": 1}
    assert machines("supplier").post("/payments/check", body).status == 403


def test_many_at_once_in_their_order(thread: Thread, machines: Machines) -> None:
    thread.locked()
    one = {"contract_no": CONTRACT, "account_no": ACCOUNT["account_no"], "amount_fen": 1}
    checks = [one, one | {"account_no": "6222000011112222"}, one | {"contract_no": "没有"}] * 333
    answer = machines("treasury").post("/payments/checks", {"checks": checks})
    told = [each["answer"] for each in answer.body["results"]]
    assert told == ["yes", "no", "unknown"] * 333
    wrongs: tuple[dict[str, Any], ...] = (
        {"checks": []},
        {"checks": [one] * 1001},
        {"checks": [{"amount_fen": 1}]},
    )
    for wrong in wrongs:
        assert machines("treasury").post("/payments/checks", wrong).status == 422


def test_a_payment_is_recorded_once(thread: Thread, machines: Machines) -> None:
    loan, treasury = thread.drawn(), machines("treasury")
    body = {
        "contract_no": CONTRACT,
        "account_no": ACCOUNT["account_no"],
        "amount_fen": 5_000_000,
        "paid_on": thread.now.date().isoformat(),
        "reference": "GK-2026-1",
    }
    key = str(uuid.uuid4())
    first, again = (treasury.post("/payments", body, key=key) for _ in range(2))
    assert (first.status, again.body) == (201, first.body)
    alike = treasury.post("/payments", body | {"reference": "GK-2026-2"})
    assert (alike.status, alike.body["code"]) == (409, "payment-alike")
    known = treasury.post("/payments", body)
    assert (known.status, known.body["code"]) == (409, "payment-recorded")
    another = body | {"reference": "GK-2026-2", "is_another": True}
    assert treasury.post("/payments", another).status == 201
    assert [paid.into_lock for paid in payments_of_loan(loan)] == [True, True]
    for who in ("auditor", "lianhu-manager", "buyer"):
        refused = machines(who).post("/payments", another | {"reference": "GK-3"})
        assert (refused.status, refused.body["code"]) == (403, "role-missing"), who
    missing = treasury.post("/payments", body | {"contract_no": "HHCG-0"})
    assert (missing.status, missing.body["code"]) == (404, "contract-not-financed")
