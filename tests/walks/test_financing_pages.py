"""The pages of the registers of financing: forms for who may open, cases for who may see."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.domains.financing.queries import payments_of_loan
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
    ("contract-filing", "record_exempt", "clerk"),
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


def test_a_payment_like_one_recorded_already_is_confirmed_first(thread: Thread) -> None:
    """The desk asks before it records the same amount of the same days under another number."""
    loan = thread.drawn()
    thread.pay(loan, 5_000_000, reference="GK-2026-1")
    thread.later(days=3)
    client = _client(thread, "treasury")
    address = reverse("case-action", args=[loan, "record_payment"])
    form = {
        "_key": "p2",
        "amount": "50000.00",
        "paid_on": thread.now.date().isoformat(),
        "account_no": "4210830123456789",
        "reference": "GK-2026-2",
    }
    asked = client.post(address, form)
    text = asked.content.decode()
    assert (asked.status_code, len(payments_of_loan(loan))) == (409, 1)
    assert "GK-2026-1" in text
    assert 'name="_sure"' in text
    assert 'value="GK-2026-2"' in text, "what was typed is still there"
    # Another amount gives no pause; a form with faults shows its faults; sure is sure, once.
    assert client.post(address, form | {"_key": "p3", "amount": ""}).status_code == 422
    for _again in range(2):
        assert client.post(address, form | {"_sure": "true"}).status_code == 302
    assert len(payments_of_loan(loan)) == 2
    other = form | {"_key": "p4", "amount": "50000.01", "reference": "GK-2026-3"}
    assert client.post(address, other).status_code == 302


def test_a_buyer_sees_the_case_and_not_the_loan_account(thread: Thread) -> None:
    """The panel of lending is for those who may open the loan: bank, supplier, offices."""
    case = thread.drawn()
    loan = loan_of_case(case)
    assert loan is not None
    for who, sees in {
        "buyer": False,
        "lianhu-manager": True,
        "supplier": True,
        "treasury": True,
    }.items():
        client = _client(thread, who)
        shown = client.get(reverse("case", args=[case])).content.decode()
        assert (reverse("loan", args=[loan.id]) in shown) is sees, who
        status = 200 if sees else 403
        assert client.get(reverse("loan", args=[loan.id])).status_code == status, who
