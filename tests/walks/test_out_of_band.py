"""The buyer's confirmations out of band: by a code told to its registered contact, not to the bank."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from honghu.base.problems import Invalid
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.models import Organisation
from honghu.site.county import Member
from tests import notices
from tests.thread import ACCOUNT, Thread, begin
from tests.walks.test_supplier_desk import client_of

CONTACT = "finance@school.example"


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Thread:
    begun = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: begun.now)
    buyer = begun.cast["buyer"].organisation_id
    Organisation.objects.filter(pk=buyer).update(contact=CONTACT)
    return begun


def _code() -> str:
    """The eight digits of the last mail, as its reader types them."""
    found = re.search(r"(\d{4} \d{4})", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_a_lock_is_confirmed_by_the_code_of_the_registered_contact(
    thread: Thread,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.HONGHU_MAIL = True
    loan = thread.at_lock()
    with django_capture_on_commit_callbacks() as callbacks:
        thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    # Nothing leaves before the commit; then it goes to the registered contact alone.
    assert mail.outbox == []
    for each in callbacks:
        each()
    assert mail.outbox[-1].to == [CONTACT]
    code, letter = _code(), reverse("financing-letter", args=[loan])
    for who in ("lianhu-manager", "lianhu-reviewer", "buyer"):
        page = client_of(thread, who).get(reverse("case", args=[loan])).content.decode()
        assert code not in page
        assert CONTACT not in page
        assert "f***@school.example" in page
    assert client_of(thread, "lianhu-manager").get(letter).status_code == 403
    assert code in client_of(thread, "clerk").get(letter).content.decode()
    for wrong in (None, "0000 0000", "x" * 12):
        with pytest.raises(Invalid) as refused:
            thread.do(loan, "confirm_account", "buyer", {"result": "confirmed", "code": wrong})
        assert "code" in refused.value.fields
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed", "code": code})
    assert thread.see(loan).state == "confirmed"
    assert client_of(thread, "clerk").get(letter).status_code == 404


def test_another_account_needs_another_code(
    thread: Thread,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.HONGHU_MAIL = True
    loan = thread.at_lock()
    with django_capture_on_commit_callbacks(execute=True):
        thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    first = _code()
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed", "code": first})
    thread.do(loan, "lock", "lianhu-reviewer")
    with django_capture_on_commit_callbacks(execute=True):
        change = thread.open(
            "account-change",
            "request",
            "supplier",
            loan,
            {"new_account_no": "6222000011112222", "reason": "开户行调整"},
        )
    second = _code()
    assert second != first
    with pytest.raises(Invalid):
        thread.do(change, "confirm", "buyer", {"code": first})
    thread.do(change, "confirm", "buyer", {"code": second})
    assert thread.see(change).facts["confirmed_at"]


def test_rule_02_the_copy_of_a_published_contract_is_filed_within_its_days(thread: Thread) -> None:
    """D8: published in two working days, the copy filed in seven, by other hands."""
    thread.take(notices.contract(), "contract.txt")
    award = str(thread.award.id)
    filing = cases_with_fact("contract-filing", fact="award", value=award, now=thread.now)[0]
    # Signed on Wednesday the 20th of May, published on the 21st; the seventh day is the 29th.
    assert (filing.facts["publication"], filing.facts["due_on"]) == ("in_time", "2026-05-29")
    assert thread.sees(filing.id, "buyer")
    assert not thread.sees(filing.id, "lianhu-manager")
    copy = {"copy": [thread.file("buyer", "contract copy")]}
    thread.do(filing.id, "submit_copy", "buyer", evidence=copy)
    thread.do(filing.id, "verify", "office", {"result": "failed", "opinion": "缺附件"})
    thread.do(filing.id, "submit_copy", "buyer", evidence={"copy": [thread.file("buyer", "b")]})
    thread.do(filing.id, "verify", "office", {"result": "passed"})
    filed = thread.see(filing.id)
    assert (filed.state, filed.facts["filed_on"]) == ("filed", thread.now.date().isoformat())
