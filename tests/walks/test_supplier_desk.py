"""The supplier's own pages: home, claims, quotes side by side, consents of a consortium."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.base.identifiers import uscc_check_digit
from honghu.domains.financing.queries.offers import compare_offers, loan_plan
from honghu.domains.procurement.commands import take_notice
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.notifications.models import Preference
from honghu.kernel.parties.models import Account, Organisation
from honghu.site.county import Member, ensure_organisation, settle
from tests import notices
from tests.machine import Answer
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Thread:
    begun = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: begun.now)
    return begun


def client_of(thread: Thread, who: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    account = Account.objects.get(person_id=thread.cast[who].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_home_leads_from_the_award_to_the_loan(thread: Thread) -> None:
    supplier = client_of(thread, "supplier")
    page = supplier.get(reverse("financing-home")).content.decode()
    application = thread.application()
    assert reverse("case-action", args=[application.id, "authorise"]) in page
    application_id = thread.applied("lianhu")
    thread.do(thread.quote(application_id, "lianhu"), "offer", "lianhu-reviewer")
    page = supplier.get(reverse("financing-home")).content.decode()
    assert reverse("financing-offers", args=[application_id]) in page
    # The bank is late with nothing; the supplier sees whose turn each deadline is.
    assert "莲湖" in page
    thread.later(days=90)
    late = client_of(thread, "supplier").get(reverse("financing-home")).content.decode()
    assert "late: " in late
    assert client_of(thread, "lianhu-manager").get(reverse("financing-home")).status_code == 200


def test_quotes_are_compared_by_the_lending_rules_and_chosen_on_the_page(thread: Thread) -> None:
    application = thread.applied("lianhu", "jianghe")
    for bank, rate in (("lianhu", "2.76"), ("jianghe", "2.84")):
        thread.do(thread.quote(application, bank, rate=rate), "offer", f"{bank}-reviewer")
    supplier, url = client_of(thread, "supplier"), reverse("financing-offers", args=[application])
    quotes = thread.children(application, "financing-quote")
    row = thread.see(application)
    offers = compare_offers(
        quotes,
        applied_fen=row.facts["amount"],
        supplier_id=thread.cast["supplier"].organisation_id,
        today=thread.now.date(),
    )
    assert [each.rate for each in offers] == sorted(each.rate for each in offers)
    plan = loan_plan(
        70_000_000, offers[0].rate, start=thread.now.date(), months=6, day_count="actual/360"
    )
    assert offers[0].cost_fen == plan[-1].interest_fen
    assert abs(offers[0].year_fen - 2 * offers[0].cost_fen) <= 1
    page = supplier.get(url).content.decode()
    assert f"{offers[0].cost_fen / 100:,.2f}" in page
    number = offers[0].quote.number
    asked = supplier.get(url, {"choose": number}).content.decode()
    hidden = dict(re.findall(r'name="(key|version|quote)" value="([^"]+)"', asked))
    assert hidden["quote"] == number
    # A quote that is not there is refused with a remedy, and nothing is chosen.
    refused = supplier.post(url, hidden | {"quote": "x", "key": "other"})
    assert refused.status_code == 409
    assert supplier.post(url, hidden).status_code == 302
    assert thread.see(application).state == "placed"
    # Nobody but the supplier is offered the choice.
    bank = client_of(thread, "lianhu-manager").get(url).content.decode()
    assert "?choose=" not in bank
    assert "江河" not in bank


def test_a_supplier_claims_what_was_awarded_before_it_was_registered(
    county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    clerk = county["clerk"].actor(now.date())
    take_notice(content=notices.award(), filename="award.txt", actor=clerk, now=now)
    supplier = ensure_organisation(notices.SUPPLIER, "enterprise", now=now)
    member = settle("supplier", "苏荷生", supplier, ("supplier",), now=now)
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        Account.objects.get(person_id=member.person_id),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert "Claim them" in client.get(reverse("financing-home")).content.decode()
    assert client.post(reverse("financing-claim")).status_code == 302
    page = client.get(reverse("financing-home")).content.decode()
    assert "Claim them" not in page
    assert "authorise" in page


def test_a_withdrawn_application_ends_authorisations_and_may_be_made_again(thread: Thread) -> None:
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    thread.do(application, "withdraw", "supplier", {"reason": "暂缓"})
    assert thread.see(application).state == "invited"
    assert thread.see(quote).state == "withdrawn"
    assert not thread.sees(application, "lianhu-manager")
    assert thread.see(application).facts["amount"] is None
    thread.applied("jianghe")
    assert thread.see(application).state == "quoting"


def test_rule_19_contact_data_are_shown_while_the_authorisation_stands(thread: Thread) -> None:
    supplier = thread.cast["supplier"].organisation_id
    Organisation.objects.filter(pk=supplier).update(contact="0716-2200001")
    application = thread.applied("lianhu")
    intent = thread.children(application, "financing-intent")[0]
    bank, url = client_of(thread, "lianhu-manager"), reverse("case", args=[intent.id])
    assert "0716-2200001" in bank.get(url).content.decode()
    thread.do(intent.id, "withdraw", "supplier", {})
    assert "0716-2200001" not in bank.get(url).content.decode()


def test_banks_look_for_opportunities_and_learn_no_more_than_the_notice_says(
    thread: Thread,
) -> None:
    application = thread.application()
    opportunity = thread.children(application.id, "financing-opportunity")[0]
    assert opportunity.facts["amount_band"] == "to_2m"
    bank = client_of(thread, "lianhu-manager")
    listed = reverse("register", args=["financing-opportunity"])
    found = bank.get(listed, {"q": "荷塘", "fact.amount_band": "to_2m"}).content.decode()
    assert opportunity.number in found
    assert (
        opportunity.number not in bank.get(listed, {"fact.amount_band": "to_500k"}).content.decode()
    )
    expires = (thread.now.date() + dt.timedelta(days=60)).isoformat()
    form = {"consent": True, "expires_on": expires}
    thread.do(application.id, "authorise_all", "supplier", form)
    asked = {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货", "sector": "goods"}
    thread.do(application.id, "apply", "supplier", asked)
    noted = thread.see(opportunity.id).facts
    assert (noted["asked_amount"], noted["sector"]) == (70_000_000, "goods")
    assert noted["ratio_band"] == "to_70"
    # What is withdrawn is not shown, and a directed application says nothing of itself to others.
    thread.do(application.id, "withdraw", "supplier", {})
    assert thread.see(opportunity.id).facts.get("asked_amount") is None
    thread.applied("jianghe")
    noted = thread.see(opportunity.id).facts
    assert (noted.get("asked_amount"), noted.get("ratio_band")) == (None, None)
    thread.do(application.id, "decline", "supplier", {})
    assert thread.see(opportunity.id).state == "gone"
    # The supplier does not see who looks.
    assert client_of(thread, "supplier").get(listed).status_code == 404


def test_a_supplier_registers_itself_and_signs_in_after_the_office_verified(
    county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    clerk = county["clerk"].actor(now.date())
    take_notice(content=notices.award(), filename="award.txt", actor=clerk, now=now)
    public, url = Client(headers={"accept-language": "en"}), reverse("financing-register")
    assert url in public.get(reverse("financing-policy")).content.decode()
    first = "91421083MA4F0H0A0"
    code = first + uscc_check_digit(first)
    good = {
        "supplier_name": notices.SUPPLIER,
        "uscc": code,
        "contact_person": "苏荷生",
        "contact_phone": "07162200001",
        "contact_mail": "su@supplier.example",
        "size": "small",
    }

    def send(**changed: str) -> Answer:
        licence = SimpleUploadedFile("licence.txt", b"business licence\n")
        return Answer.of(public.post(url, good | changed | {"licence": licence}))

    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    for changed in (
        {"uscc": wrong},
        {"supplier_name": "洪湖市无中标公司"},
        {"contact_person": ""},
        {"size": "tiny"},
        {"contact_mail": "su"},
    ):
        refused = send(**changed)
        assert refused.status == 422, changed
        assert 'aria-invalid="true"' in refused.content.decode()
    assert send().status == 200
    assert send().status == 409
    (row,) = cases_with_fact("supplier-registration", fact="uscc", value=code, now=now)
    assert (row.facts["size"], row.facts.get("ownership")) == ("small", None)
    office = Client(headers={"accept-language": "en"})
    person = Account.objects.get(person_id=county["office"].person_id)
    office.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    letter = reverse("financing-welcome", args=[row.number])
    assert office.get(letter).status_code == 404
    actor = county["office"].actor(now.date())
    perform(row.id, "verify", actor=actor, now=now, idempotency_key="v", form={"result": "passed"})
    assert letter in office.get(reverse("case", args=[row.id])).content.decode()
    told = Preference.objects.get()
    assert (told.address, told.confirmed_at) == ("su@supplier.example", None)
    text = office.get(letter).content.decode()
    found = re.search(r"/financing/first-password/[^<\s]+", text)
    assert found
    page = public.get(found.group(), follow=True)
    secret = "莲-Lotus-2026-荷"  # noqa: S105 of an invented person
    answers = {"new_password1": secret, "new_password2": secret}
    assert public.post(page.request["PATH_INFO"], answers).status_code == 302
    # The link works once; then the supplier signs in and finds its award.
    assert (
        "used already"
        in Client().get(found.group(), headers={"accept-language": "en"}).content.decode()
    )
    assert public.login(username=code, password=secret, request=HttpRequest())
    assert "authorise" in public.get(reverse("financing-home")).content.decode()
    assert office.get(letter).status_code == 404
