"""The pages of lending: who sees which loan, what each shows, and that its sums are the ledger's."""

import dataclasses
import datetime as dt
import io
import re
import uuid
from decimal import Decimal
from typing import Any

import docx
import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from honghu.api.limits import Strangers
from honghu.domains.lending import commands
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.commands import disburse, open_loan, record_payment
from honghu.domains.lending.commands.portfolios import keep_portfolios
from honghu.domains.lending.pages import calculator
from honghu.domains.lending.queries import draft_contract, get_loan
from honghu.domains.lending.queries.portfolio import get_portfolio
from honghu.domains.lending.queries.statements import loan_statement
from honghu.kernel.parties.models import Account
from honghu.site.county import Member, ensure_organisation, settle

YUAN = 100
FIRST = dt.date(2023, 1, 10)
START = {"start_date": FIRST.isoformat(), "day_count": "actual/360"}
PAGES = ("loans", "loan-portfolio")


@dataclasses.dataclass
class Books:
    """Loans of two banks to two suppliers: one on time, one late, one that was never lent."""

    cast: dict[str, Member]
    now: dt.datetime
    loans: dict[str, uuid.UUID]

    def client(self, who: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        account = Account.objects.get(person_id=self.cast[who].person_id)
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def open(self, number: str, bank: str, supplier: str, yuan: int, *, lent: bool = True) -> None:
        terms = {**START, "principal": str(yuan), "annual_rate": "3.6", "n": 12, "unit": "months"}
        self.loans[number] = open_loan(
            actor=None,
            now=self.now,
            idempotency_key=f"open {number}",
            number=number,
            lender_id=self.cast[f"{bank}-manager"].organisation_id,
            borrower_id=self.cast[supplier].organisation_id,
            product="ZCD",
            approved_fen=yuan * YUAN,
            terms=draft_contract(
                {**terms, "method": "equal_principal"},
                overdue_markup_pct=Decimal(50),
                misuse_markup_pct=Decimal(100),
            ),
            start_date=FIRST,
        ).loan_id
        if lent:
            self.do(disburse, number, yuan * YUAN, FIRST)

    def do(self, command: Any, number: str, fen: int, day: dt.date) -> commands.Booked:
        booked: commands.Booked = command(
            actor=None,
            now=self.now,
            idempotency_key=f"{command.__name__} {number} {day}",
            loan_id=self.loans[number],
            amount_fen=fen,
            value_date=day,
        )
        return booked


@pytest.fixture
def books(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(timezone, "now", lambda: now)
    cast = dict(county)
    for name, title in (("lotus", "洪湖荷香食品有限公司"), ("reed", "芦苇工程有限公司")):
        cast[name] = _supplier(name, title, now)
    made = Books(cast, now, {})
    made.open("A-1", "lianhu", "lotus", 120_000)
    made.open("A-2", "lianhu", "reed", 60_000)
    made.open("A-3", "lianhu", "reed", 10_000, lent=False)
    made.open("B-1", "jianghe", "reed", 24_000)
    # 31 days of 3.6 % of actual/360 on 120,000 yuan are 372 yuan.
    made.do(record_payment, "A-1", 10_372 * YUAN, dt.date(2023, 2, 10))
    made.do(record_payment, "A-2", 100 * YUAN, dt.date(2023, 6, 1))
    return made


def _supplier(name: str, title: str, now: dt.datetime) -> Member:
    organisation = ensure_organisation(title, "supplier", now=now)
    return settle(name, title[:3], organisation, ("supplier",), now=now)


def _text(response: Any) -> str:
    return str(response.content.decode())


def test_nobody_gets_in_unsigned_and_each_sees_his_own(books: Books) -> None:
    loan = books.loans["A-1"]
    addresses = [reverse(name) for name in (*PAGES, "loans-excel")]
    addresses += [reverse("loan", args=[loan]), reverse("loan-statement", args=[loan])]
    addresses += [
        reverse("loan-statement-file", args=[loan, kind]) for kind in ("pdf", "docx", "xlsx")
    ]
    addresses.append(reverse("loan-portfolio-excel", args=["ageing"]))
    for address in addresses:
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("sign-in")), address
    _each_sees_his_own(books)
    _a_bank_cannot_look_into_another(books)


SEEN = {
    "lianhu-manager": {"A-1", "A-2", "A-3"},
    "jianghe-reviewer": {"B-1"},
    "changqu-manager": set(),
    "lotus": {"A-1"},
    "reed": {"A-2", "A-3", "B-1"},
    "auditor": {"A-1", "A-2", "A-3", "B-1"},
    "office": {"A-1", "A-2", "A-3", "B-1"},
}


def _each_sees_his_own(books: Books) -> None:
    for who, seen in SEEN.items():
        client = books.client(who)
        page = client.get(reverse("loans"))
        assert {number for number in books.loans if f">{number}<" in _text(page)} == seen, who
        sheet = _sheet(client.get(reverse("loans-excel")))
        assert {row[0] for row in sheet} & set(books.loans) == seen
        for number, loan_id in books.loans.items():
            expected = 200 if number in seen else 404
            for name in ("loan", "loan-statement"):
                assert client.get(reverse(name, args=[loan_id])).status_code == expected, number
            for kind in ("pdf", "docx", "xlsx") if expected == 404 else ():
                file = client.get(reverse("loan-statement-file", args=[loan_id, kind]))
                assert file.status_code == 404


def test_a_loan_shows_its_life_and_to_the_borrower_no_judgement(books: Books) -> None:
    _the_loan_shows_its_life(books)
    client = books.client("reed")
    text = _text(client.get(reverse("loan", args=[books.loans["A-2"]])))
    assert "Plan against actual" in text
    assert "Class and provision" not in text
    assert "double entry" not in text
    assert client.get(reverse("loan-portfolio")).status_code == 403
    assert client.get(reverse("loan-portfolio-excel", args=["classes"])).status_code == 403
    # A class in the address does not tell what the bank thinks either.
    for risk_class in ("normal", "loss"):
        assert ">A-2<" in _text(client.get(reverse("loans") + f"?class={risk_class}"))
    assert ">A-2<" in _text(client.get(reverse("loans") + "?bad=true"))
    own = _text(books.client("lianhu-reviewer").get(reverse("loan", args=[books.loans["A-2"]])))
    assert "Class and provision" in own
    assert "debits equal credits" in own


def _a_bank_cannot_look_into_another(books: Books) -> None:
    other = books.cast["jianghe-manager"].organisation_id
    url = reverse("loan-portfolio") + f"?bank={other}"
    text = _text(books.client("lianhu-manager").get(url))
    assert "芦苇" in text
    assert "164,370.00" not in text
    rows = _sheet(
        books.client("lianhu-manager").get(
            reverse("loan-portfolio-excel", args=["concentration"]) + f"?bank={other}"
        )
    )
    assert sum(row[2] for row in rows[3:]) == 170_000
    assert books.client("clerk").get(url).status_code == 200


def _the_loan_shows_its_life(books: Books) -> None:
    loan_id = books.loans["A-1"]
    client = books.client("lianhu-manager")
    page = client.get(reverse("loan", args=[loan_id]) + "?payoff=2023-02-20")
    text = _text(page)
    assert page.status_code == 200
    # Ten days of 3.6 % of actual/360 on the 110,000 yuan that are left.
    assert "110,110.00" in text
    assert "proved by the ledger" in text
    assert "10,372.00" in text
    assert "<svg" in text
    chinese = _text(books.client("lianhu-manager", "zh-hans").get(reverse("loan", args=[loan_id])))
    assert "A-1" in chinese
    # 110 of interest, 9,890 of principal; saved is its interest of all the months that it was to run.
    part = _text(client.get(reverse("loan", args=[loan_id]) + "?payoff=2023-02-20&amount=1万元"))
    assert "9,890.00" in part
    assert client.get(f"{page.request['PATH_INFO']}?payoff=2023-02-20&amount=-1").status_code == 422
    for bad in ("yesterday", "1999-01-01", "9999-12-31"):
        refused = client.get(reverse("loan", args=[loan_id]) + f"?payoff={bad}")
        assert refused.status_code == 422
        assert bad in _text(refused) or bad == "9999-12-31"


def test_the_statement_is_the_same_on_the_page_in_word_pdf_and_excel(books: Books) -> None:
    loan_id = books.loans["A-1"]
    account = loan_statement(get_loan(loan_id), FIRST, dt.date(2023, 2, 28))
    assert account.agrees
    assert account.closing.principal_fen == 110_000 * YUAN
    client = books.client("lotus")
    query = "?from=2023-01-10&to=2023-02-28"
    text = _text(client.get(reverse("loan-statement", args=[loan_id]) + query))
    assert "Proved by the ledger" in text
    assert "110,000.00" in text

    def file(kind: str) -> bytes:
        response = client.get(reverse("loan-statement-file", args=[loan_id, kind]) + query)
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        return response.getvalue()

    sheet = openpyxl.load_workbook(io.BytesIO(file("xlsx"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[3] for row in rows] == [None, None, 372, 372]
    assert [row[8] for row in rows] == [0, 120_000, 110_000, 110_000]
    word = docx.Document(io.BytesIO(file("docx")))
    printed = [[cell.text for cell in row.cells] for row in word.tables[1].rows]
    assert printed[0][3] == "Interest accrued"
    assert [row[8] for row in printed[1:]] == ["0.00", "120,000.00", "110,000.00", "110,000.00"]
    assert [row[5] for row in printed[1:]] == ["", "", "372.00", "372.00"]
    assert file("pdf").startswith(b"%PDF-")
    wrong = client.get(reverse("loan-statement", args=[loan_id]) + "?from=2023-03-01&to=2023-02-01")
    assert wrong.status_code == 422
    assert client.get(f"/loans/{loan_id}/statement.exe").status_code == 404


def test_the_portfolio_sums_its_loans_and_leads_to_them(books: Books) -> None:
    bank = books.cast["lianhu-manager"].organisation_id
    today = dt.date(2023, 1, 31)
    found = get_portfolio(lender_id=bank, today=today)
    assert (
        keep_portfolios(now=dt.datetime.combine(today, dt.time(), dt.UTC)) == 3
    )  # two banks, and all
    kept = get_portfolio(lender_id=bank, today=today)
    assert kept.kept_at is not None
    assert dataclasses.replace(kept, kept_at=None) == found
    assert found.agrees
    assert len(found.checks) == 6
    assert (found.loans, found.balance_fen) == (2, 170_000 * YUAN)
    # A-1 was served to 10 February, A-2 to 1 June: then its first instalment was 111 days late.
    ages = {row.age: (row.loans, row.balance_fen) for row in found.standing}
    assert ages == {"current": (1, 110_000 * YUAN), "91-270": (1, 60_000 * YUAN)}
    (vintage,) = found.vintages
    assert (vintage.quarter, vintage.loans) == (dt.date(2023, 1, 1), 2)
    assert (vintage.over_short_fen, vintage.over_long_fen) == (60_000 * YUAN, 60_000 * YUAN)
    assert sum(row.principal_fen for row in found.cash) == 135_000 * YUAN
    client = books.client("lianhu-manager")
    text = _text(client.get(reverse("loan-portfolio")))
    assert "proved by the ledger" in text
    for query, number in (
        ("age=91-270", "A-2"),
        ("age=current", "A-1"),
        ("status=approved", "A-3"),
        ("overdue=true", "A-2"),
        ("vintage=2023Q1&q=A-1", "A-1"),
    ):
        shown = _text(client.get(f"{reverse('loans')}?{query}"))
        assert [each for each in books.loans if f">{each}<" in shown] == [number], query
    for name in ("ageing", "classes", "concentration", "vintages", "cash", "proof"):
        rows = _sheet(client.get(reverse("loan-portfolio-excel", args=[name])))
        assert len(rows) > 3
    assert client.get(reverse("loan-portfolio-excel", args=["everything"])).status_code == 404
    close_day(books.now.date(), now=books.now, today=books.now.date(), workers=1)
    text = _text(client.get(reverse("loan-portfolio")))
    # By now all 170,000 are lost: the ledger holds as much, and half as much again is asked for.
    said = re.search(r"non-performing loans: ([\d.]+) %, at least 150 %. ([\d,.]+) yuan", text)
    assert said is not None
    assert (said[1], said[2]) == ("100", "85,000.00")
    closes = _text(client.get(reverse("loan-closings")))
    assert books.now.date().isoformat() in closes
    assert "Every loan was served." in closes
    _a_ledger_that_disagrees_is_red(books)


def test_pages_cost_the_same_however_many_loans(books: Books) -> None:
    client = books.client("auditor")

    def read(address: str) -> None:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            assert response.getvalue()

    def cost(address: str) -> int:
        read(address)
        with CaptureQueriesContext(connection) as captured:
            read(address)
        return len(captured)

    addresses = [reverse("loans"), reverse("loan-portfolio"), reverse("loans-excel")]
    few = [cost(each) for each in addresses]
    for number in range(6):
        books.open(f"C-{number}", "changqu", "lotus", 12_000 + number)
    assert [cost(each) for each in addresses] == few


def _a_ledger_that_disagrees_is_red(books: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE lending_loan SET principal_fen = principal_fen + 1 WHERE id = %s",
            [books.loans["A-1"]],
        )
    client = books.client("lianhu-manager")
    assert "ledger and loan differ" in _text(client.get(reverse("loan", args=[books.loans["A-1"]])))
    assert "ledger and loans differ" in _text(client.get(reverse("loan-portfolio")))


def test_the_calculator_computes_what_the_address_says(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = books.client("lotus")
    address = reverse("loan-calculator") + "?start=2026-01-31&principal=100万元&rate=3.85"
    text = _text(client.get(address))
    # 12 equal instalments, equal principal; interest first and at the end are the same days.
    for interest in ("21,119.20", "20,996.75", "39,034.72"):
        assert interest in text
    paid = client.get(address + "&prepay_amount=200000&prepay_date=2026-05-10&way=interest_first")
    assert "33,375.71" in _text(paid)
    dearer = client.get(address + "&change_bp=100&change_date=2026-05-10&way=interest_first")
    assert "46,423.62" in _text(dearer)
    sheet = _sheet(
        client.get(reverse("loan-calculator-excel") + "?start=2026-01-31&rate=3.85&periods=6")
    )
    assert len(sheet) == 3 + 6
    assert sum(row[2] for row in sheet[3:]) == 1_000_000
    for wrong in ("principal=-1", "rate=x", "periods=100000", "start=soon", "rate=NaN"):
        refused = client.get(f"{reverse('loan-calculator')}?{wrong}")
        assert refused.status_code == 422
        assert "field--wrong" in _text(refused), wrong
    late = client.get(address + "&prepay_amount=5&prepay_date=2030-01-01")
    assert late.status_code == 422
    assert "before its last day" in _text(late)
    below = client.get(address + "&change_bp=-400&change_date=2026-05-10")
    assert "fall below zero" in _text(below)
    much = client.get(address + "&prepay_amount=2000000&prepay_date=2026-05-10")
    assert "more than is owed" in _text(much)
    monkeypatch.setattr(calculator, "_STRANGERS", Strangers(a_minute=1))
    unsigned = [Client(REMOTE_ADDR="10.9.8.7").get(address).status_code for _ in range(2)]
    assert (*unsigned, client.get(address).status_code) == (200, 429, 200)


def _sheet(response: Any) -> list[list[Any]]:
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell.value for cell in row] for row in page.iter_rows()]
