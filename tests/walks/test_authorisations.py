"""Rule 19 and the bank's answer: what a bank sees, for how long, and of whom it learns nothing."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from honghu.domains.financing.commands.authorisations import (
    UnableToAuthorise,
    expire_authorisations,
)
from honghu.domains.financing.commands.banks import BankNotFiled
from honghu.domains.financing.commands.quotes import UnableToQuote
from honghu.kernel.cases.detail import get_case
from honghu.kernel.parties.models import Account
from honghu.site.county import Member, ensure_organisation, settle
from tests.machine import machine
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def test_rule_19_an_expired_authorisation_ends_the_banks_sight(thread: Thread) -> None:
    application = thread.applied("lianhu", "jianghe", days=2)
    quote = thread.quote(application, "lianhu")
    thread.later(days=2)
    assert expire_authorisations(now=thread.now) == 0
    assert thread.sees(application, "lianhu-manager")
    thread.later(days=1)
    assert expire_authorisations(now=thread.now) == 2
    assert expire_authorisations(now=thread.now) == 0
    assert not thread.sees(application, "lianhu-manager")
    assert thread.see(quote).state == "withdrawn"
    assert {each.state for each in thread.children(application, "financing-intent")} == {"expired"}


def test_edge_authorisation_withdrawn_mid_way(thread: Thread) -> None:
    """At once: the bank sees and quotes no more; the other goes on; it may be authorised again."""
    application = thread.applied("lianhu", "jianghe")
    quote = thread.quote(application, "lianhu")
    intent = thread.children(application, "financing-intent")[0]
    if intent.facts["bank"] != str(thread.cast["lianhu-manager"].organisation_id):
        intent = thread.children(application, "financing-intent")[1]
    thread.do(intent.id, "withdraw", "supplier", {"reason": "已另行筹资"})
    assert not thread.sees(application, "lianhu-manager")
    assert thread.sees(application, "jianghe-manager")
    assert thread.see(quote).state == "withdrawn"
    with pytest.raises(UnableToQuote):
        thread.quote(application, "lianhu")
    bank = str(thread.cast["lianhu-manager"].organisation_id)
    form = {"consent": True, "bank_one": bank, "expires_on": "2026-08-01"}
    thread.do(application, "authorise_another", "supplier", form)
    assert thread.see(thread.quote(application, "lianhu")).state == "drafted"


def test_a_bank_learns_nothing_of_other_banks(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on the page of the application, nor from the API, nor once another is chosen."""
    monkeypatch.setattr(timezone, "now", lambda: thread.now)
    application = thread.applied("lianhu", "jianghe")
    other = thread.cast["jianghe-manager"]
    actor = thread.cast["lianhu-manager"].actor(thread.now.date())
    detail = get_case(application, actor=actor, now=thread.now)
    assert str(other.organisation_id) not in {*detail.parties["banks"], *detail.names}
    client = Client(headers={"accept-language": "en"})
    account = Account.objects.get(person_id=thread.cast["lianhu-manager"].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/cases/{application}/").content.decode()
    answer = machine("lianhu-manager", now=thread.now).get(f"/cases/{application}")
    assert answer.status == 200
    for text in (page, answer.content.decode()):
        assert "莲湖" in text
        assert "江荷" not in text
        assert str(other.organisation_id) not in text
    office = thread.cast["office"].actor(thread.now.date())
    assert len(get_case(application, actor=office, now=thread.now).parties["banks"]) == 2


def test_a_bank_that_was_not_chosen_loses_sight(thread: Thread) -> None:
    loan = thread.placed()
    application = thread.application().id
    assert thread.sees(application, "lianhu-manager")
    assert not thread.sees(application, "jianghe-manager")
    assert not thread.sees(loan, "jianghe-manager")


def test_a_public_intent_goes_to_every_serving_bank_and_a_bank_may_decline(thread: Thread) -> None:
    application = thread.application().id
    form = {"consent": True, "expires_on": "2026-08-01"}
    thread.do(application, "authorise_all", "supplier", form)
    thread.do(
        application, "apply", "supplier", {"amount": 100, "tenor_months": 6, "purpose": "备货"}
    )
    intents = thread.children(application, "financing-intent")
    assert {(each.state, each.facts["mode"]) for each in intents} == {("received", "public")}
    assert len(intents) == 3
    bank = str(thread.cast["changqu-manager"].organisation_id)
    (theirs,) = [each for each in intents if each.facts["bank"] == bank]
    form = {"decline_reason": "capacity", "explanation": "本季度额度已满"}
    thread.do(theirs.id, "decline", "changqu-manager", form)
    assert thread.see(theirs.id).facts["decline_reason"] == "capacity"
    assert not thread.sees(application, "changqu-manager")
    assert thread.sees(application, "lianhu-manager")


def test_only_a_filed_bank_with_a_product_may_be_authorised(thread: Thread) -> None:
    stranger = ensure_organisation("荷塘外资银行", "bank", now=thread.now)
    thread.cast["stranger-manager"] = settle(
        "stranger-manager", "白外行", stranger, ("bank_manager",), now=thread.now
    )
    with pytest.raises(BankNotFiled):
        thread.authorise("stranger")
    thread.cast["school-manager"] = thread.cast["buyer"]
    with pytest.raises(UnableToAuthorise):
        thread.authorise("school")


def test_edge_quote_withdrawn(thread: Thread) -> None:
    """The supplier cannot choose it any more; the bank may quote again."""
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    thread.do(quote, "offer", "lianhu-reviewer")
    (intent,) = thread.children(application, "financing-intent")
    assert thread.see(intent.id).state == "quoted"
    thread.do(quote, "withdraw", "lianhu-manager", {"reason": "利率调整"})
    assert thread.see(intent.id).state == "accepted"
    again = thread.quote(application, "lianhu", rate="2.70")
    thread.do(again, "offer", "lianhu-reviewer")
    assert thread.see(intent.id).state == "quoted"
