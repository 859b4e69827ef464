"""The pages of the registers of financing: forms for who may open, cases for who may see."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.domains.financing.queries.banks import filing_of
from honghu.domains.lending.queries.finding import loan_of_case
from honghu.kernel.parties.models import Account
from honghu.site.county import Member
from tests.thread import Thread, begin

OPENINGS = (
    ("serving-bank", "apply", "clerk"),
    ("bank-product", "draft", "lianhu-manager"),
    ("supplier-sanction", "flag", "jianghe-manager"),
    ("award-challenge", "lodge", "clerk"),
    ("financing-scheme", "draft", "clerk"),
    ("supplier-registration", "enter", "clerk"),
    ("receivable-confirmation", "request", "supplier"),
    ("payment-due", "claim", "supplier"),
)


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Thread:
    begun = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: begun.now)
    return begun


def _client(thread: Thread, who: str) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    account = Account.objects.get(person_id=thread.cast[who].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_register_can_be_opened_by_page(thread: Thread) -> None:
    for register, action, who in OPENINGS:
        page = _client(thread, who).get(reverse("open-case", args=[register, action]))
        assert page.status_code == 200, (register, page.status_code)


def test_what_is_open_shows_to_those_whom_it_concerns(thread: Thread) -> None:
    """A loan with a change of its account; a filing with the encumbered contracts."""
    loan = thread.drawn()
    url = f"{reverse('open-case', args=['account-change', 'request'])}?parent={loan}"
    assert _client(thread, "supplier").get(url).status_code == 200
    form = {"new_account_no": "6222000011112222", "reason": "开户行调整"}
    change = thread.open("account-change", "request", "supplier", loan, form)
    for who in ("supplier", "lianhu-reviewer", "buyer", "office"):
        page = _client(thread, who).get(reverse("case", args=[change]))
        assert page.status_code == 200
        assert "6222000011112222" not in page.content.decode()
    filing = filing_of(thread.cast["jianghe-manager"].organisation_id, now=thread.now)
    assert filing is not None
    page = _client(thread, "jianghe-manager").get(reverse("case", args=[filing.id]))
    text = page.content.decode()
    assert thread.award.project_name in text
    assert "莲湖" not in text
    assert "200,000.00" in text


def test_supplier_and_bank_see_what_clears_the_loan_early(thread: Thread) -> None:
    """41 days of 2.76 % of actual/360 on 700,000 yuan are 2,200.33 yuan."""
    case = thread.drawn()
    loan = loan_of_case(case)
    assert loan is not None
    thread.later(days=41)
    for who in ("supplier", "lianhu-manager"):
        client, address = _client(thread, who), reverse("loan", args=[loan.id])
        text = client.get(reverse("case", args=[case])).content.decode()
        assert "702,200.33" in text, who
        assert f'action="{address}"' in text
        asked = (thread.now.date() + dt.timedelta(days=49)).isoformat()
        assert "704,830.00" in client.get(f"{address}?payoff={asked}").content.decode(), who
