"""The finance bureau's desk: reports counted by hand, board, overdue list, monthly returns, access."""

import dataclasses
import datetime as dt
import io
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

from honghu.base.identifiers import uscc_check_digit
from honghu.domains.financing.commands.days import begin_day
from honghu.domains.financing.commands.overdue_lists import ListChanged
from honghu.domains.financing.queries.claims import list_file, listed_buyers
from honghu.domains.financing.reports.declaration import Question, ReportRow
from honghu.domains.financing.reports.registry import REPORTS
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.turns import my_work
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.notifications.recipients import Asked, find_recipients
from honghu.kernel.parties.models import Account
from honghu.site.county import Member
from tests import notices
from tests.thread import Thread, begin

YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
BOARD_QUERIES_MAX = 12
LENT = 70_000_000
"""One loan of 700,000 yuan at 2.76 % for six months, on an award of a million."""


@dataclasses.dataclass
class Bureau:
    """A small county: one loan drawn, one award at a rate, one payment due."""

    thread: Thread
    loan: uuid.UUID

    def rows(self, code: str, **narrowed: Any) -> dict[str, ReportRow]:
        """The rows of a report on 2026, by their keys."""
        days = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
        question = Question(from_date=days[0], to_date=days[1], now=self.thread.now, **narrowed)
        return {row.key: row for row in REPORTS[code].rows(question)}

    def client(self, who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        account = Account.objects.get(person_id=self.thread.cast[who].person_id)
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def bank(self, who: str) -> uuid.UUID:
        return self.thread.cast[who].organisation_id


@pytest.fixture
def bureau(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    thread = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: thread.now)
    loan = thread.drawn(LENT)
    rate = notices.award(
        number="HHCG-2026-777", project="洪湖市荷塘小学物业服务项目", amount="下浮率：12%"
    )
    thread.take(rate, "rate.txt")
    return Bureau(thread, loan)


def _picked(row: ReportRow, *names: str) -> tuple[object, ...]:
    return tuple(row.values[name] for name in names)


def _claim(thread: Thread, event_on: str) -> uuid.UUID:
    form = {
        "award": str(thread.award.id),
        "amount": 30_000_000,
        "basis": "delivery",
        "event_on": event_on,
    }
    evidence = {"delivery": [thread.file("supplier")]}
    return thread.open("payment-due", "claim", "supplier", form=form, evidence=evidence)


def test_r1_to_r4_and_r7_of_one_loan(bureau: Bureau) -> None:
    r1 = bureau.rows("r1")
    assert _picked(r1["all"], "loans", "lent", "rate_simple", "rate_weighted", "tenor_mean") == (
        1, LENT, Decimal("2.76"), Decimal("2.76"), Decimal("6.0"),
    )  # fmt: skip
    assert r1["bank:1"].values["group"] == "莲湖农村商业银行洪湖支行"
    assert r1["size:1"].values["group"] == "unknown" or r1["size:1"].values["group"] == "未知"
    assert [each.case_id for each in r1["all"].behind] == [bureau.loan]
    r2 = bureau.rows("r2")
    assert _picked(r2["financing.principal_lent"], "before", "after") == (None, Decimal(700_000))
    assert _picked(r2["financing.banks_lending"], "before", "after") == (0, 1)
    assert r2["financing.banks_serving"].values["after"] == 3
    r3 = bureau.rows("r3")
    assert _picked(r3["all"], "loans", "lent", "procured", "share") == (
        1, LENT, 100_000_000, Decimal("0.7000"),
    )  # fmt: skip
    assert r3["2026-06"].values["procured"] is None, "nothing was awarded in June: not 0"
    assert r3["2026-06"].values["share"] is None
    r4 = bureau.rows("r4")
    assert _picked(r4["all"], "loans", "judged", "in_time", "share", "days_max") == (
        1, 1, 1, Decimal("1.0000"), 0,
    )  # fmt: skip
    r7 = bureau.rows("r7")
    assert _picked(r7["all"], "loans", "owed", "overdue", "overdue_share") == (
        1, LENT, 0, Decimal("0.0000"),
    )  # fmt: skip
    assert r7["all"].values["unclassed"] == 1
    assert r7["all"].values["bad_share"] is None, "not classified is not normal"
    other = bureau.bank("jianghe-manager")
    assert not any(bureau.rows(code, bank_id=other) for code in ("r1", "r4", "r7"))


def test_r1_counts_a_loan_by_what_its_supplier_declared_by_its_day(bureau: Bureau) -> None:
    """Unknown until it registers; a later declaration does not move what was lent before."""
    thread, first = bureau.thread, "91421083MA4G90001"

    def register(**declared: str) -> None:
        form = {"supplier_name": notices.SUPPLIER, "uscc": first + uscc_check_digit(first)}
        licence = {"licence": [thread.file("clerk")]}
        case = thread.open(
            "supplier-registration", "enter", "clerk", form=form | declared, evidence=licence
        )
        thread.do(case, "verify", "office", {"result": "passed"})

    def groups() -> list[tuple[object, ...]]:
        rows = bureau.rows("r1")
        parts = [row for key, row in rows.items() if key.startswith(("size", "ownership"))]
        return [_picked(row, "group", "lent") for row in parts]

    assert groups() == [("未知", LENT), ("未知", LENT)]
    register(size="small")
    assert groups() == [("小型", LENT), ("未知", LENT)]
    thread.later(days=1)
    register(size="medium", ownership="private")
    assert groups() == [("小型", LENT), ("私人控股", LENT)]


def test_r5_r6_and_r8(bureau: Bureau) -> None:
    thread = bureau.thread
    _claim(thread, "2026-05-01")  # due on 31 May
    r5 = bureau.rows("r5")["all"]
    assert _picked(r5, "due", "judged", "on_time", "overdue", "overdue_fen", "days_max") == (
        1, 1, 0, 1, 30_000_000, 1,
    )  # fmt: skip
    # 300,000 yuan at 0.05 % for one day.
    assert r5.values["interest"] == 15_000
    thread.open(
        "account-change", "request", "supplier", bureau.loan,
        {"new_account_no": "4210830999999999", "reason": "开户行撤并"},
    )  # fmt: skip
    (r6,) = bureau.rows("r6").values()
    assert r6.values["before"] == "4210************" or "****" in str(r6.values["before"])
    assert _picked(r6, "after", "consented", "changed") == (None, None, None)
    assert r6.values["requested"] == thread.now.date()
    r8 = bureau.rows("r8")["all"]
    assert _picked(r8, "printed", "notices", "share") == (0, 2, Decimal("0.0000"))


def test_page_excel_word_and_api_say_the_same(bureau: Bureau) -> None:
    client = bureau.client("clerk")
    for code, report in REPORTS.items():
        page = client.get(reverse("financing-report", args=[code]), YEAR)
        assert page.status_code == 200, code
        rows = bureau.rows(code)
        sheet = client.get(reverse("financing-report-file", args=[code, "xlsx"]), YEAR)
        book = openpyxl.load_workbook(io.BytesIO(sheet.content)).active
        assert book is not None
        assert book.max_row == 3 + len(rows), code
        word = client.get(reverse("financing-report-file", args=[code, "docx"]), YEAR)
        (table,) = docx.Document(io.BytesIO(word.content)).tables
        assert len(table.rows) == 1 + len(rows), code
        assert len(table.columns) == len(report.columns), code
        told = client.get(f"/api/v1/financing/reports/{code}", YEAR).json()
        assert [row["key"] for row in told["rows"]] == list(rows), code
        for key, row in rows.items():
            if row.behind:
                behind = client.get(reverse("financing-report-row", args=[code, key]), YEAR)
                assert behind.status_code == 200, key
    shown = client.get(reverse("financing-report", args=["r1"]), YEAR).content.decode()
    assert "700,000.00" in shown
    empty = client.get(
        reverse("financing-report", args=["r1"]), {"from": "2025-01-01", "to": "2025-12-31"}
    )
    assert "Show 2026" in empty.content.decode()
    assert client.get(reverse("financing-report", args=["r1"]), {"from": "x"}).status_code == 200


def test_who_reads_what(bureau: Bureau) -> None:
    pages = [reverse(name) for name in ("financing-board", "financing-overdue")]
    office_only = [reverse("financing-report", args=[code]) for code in ("r2", "r5", "r6", "r8")]
    for_banks = [reverse("financing-report", args=[code]) for code in ("r1", "r4", "r7")]
    expected = {
        "clerk": (200, 200, 200),
        "office": (200, 200, 200),
        "auditor": (200, 200, 200),
        "lianhu-manager": (403, 403, 200),
        "jianghe-reviewer": (403, 403, 200),
        "supplier": (403, 403, 403),
        "buyer": (403, 403, 403),
    }
    for who, codes in expected.items():
        client = bureau.client(who)
        for addresses, code in zip((pages, office_only, for_banks), codes, strict=True):
            for address in addresses:
                assert client.get(address, YEAR).status_code == code, (who, address)
    own = {**YEAR, "bank": str(bureau.bank("lianhu-manager"))}
    other = bureau.client("jianghe-manager").get(for_banks[0], own)
    assert "700,000.00" not in other.content.decode(), "a bank cannot ask about another"
    home = bureau.client("office").get(reverse("my-work")).content.decode()
    assert all(address in home for address in pages)


def test_the_board_in_a_dozen_queries(bureau: Bureau) -> None:
    client = bureau.client("office")
    address = reverse("financing-board")
    client.get(address, YEAR)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address, YEAR)
    done = [one["sql"] for one in captured.captured_queries if "SAVEPOINT" not in one["sql"]]
    assert len(done) <= BOARD_QUERIES_MAX, done
    text = page.content.decode()
    assert "proved by the ledger" in text
    reached = {"award": 2, "invited": 2, "consented": 1, "drawn": 1, "repaid": 0}
    for what, count in reached.items():
        behind = client.get(reverse("financing-board-behind", args=[what]), YEAR)
        assert behind.context["count"] == count, what
    term = {"term": "D9a", "which": "in_time"}
    behind = client.get(reverse("financing-board-behind", args=["term"]), YEAR | term)
    assert behind.context["count"] == 1
    nobody = YEAR | {"buyer": "无此单位"}
    assert (
        client.get(reverse("financing-board-behind", args=["award"]), nobody).context["count"] == 0
    )
    assert client.get(reverse("financing-board-behind", args=["nothing"]), YEAR).status_code == 404


def test_the_overdue_list_needs_two_persons(bureau: Bureau) -> None:
    thread = bureau.thread
    _claim(thread, "2026-05-01")
    thread.now = dt.datetime(2027, 1, 11, 1, 0, tzinfo=dt.UTC)
    clerk, head, anybody = bureau.client("clerk"), bureau.client("office"), Client()
    page, public = reverse("financing-overdue"), reverse("financing-overdue-published", args=[2026])
    # 214 days from 31 May to 31 December at 0.05 % a day.
    assert "32,100.00" in clerk.get(page).content.decode()
    assert anybody.get(public).status_code == 404
    form = {"_key": "a", "year": "2026"}
    assert head.post(reverse("financing-overdue-prepare"), form).status_code == 403
    assert clerk.post(reverse("financing-overdue-prepare"), form).status_code == 302
    kept = Case.objects.get(register="overdue-list")
    assert kept.facts["publish_by"] == "2027-03-31"
    assert clerk.post(reverse("financing-overdue-publish"), form | {"_key": "b"}).status_code == 403
    assert head.post(reverse("financing-overdue-publish"), form | {"_key": "c"}).status_code == 302
    shown = anybody.get(public).content.decode()
    assert notices.BUYER in shown
    assert "300,000.00" in shown
    assert notices.SUPPLIER not in shown


def test_a_list_that_has_changed_is_not_published(bureau: Bureau) -> None:
    thread = bureau.thread
    _claim(thread, "2026-05-01")
    thread.now = dt.datetime(2027, 1, 11, 1, 0, tzinfo=dt.UTC)
    prepared = _kept(thread, "clerk")
    case = thread.open(
        "overdue-list", "prepare", "clerk", form={"year": 2026}, evidence={"list": [prepared]}
    )
    _claim(thread, "2026-05-02")
    recount = {"recount": [_kept(thread, "office")]}
    with pytest.raises(ListChanged):
        thread.do(case, "publish", "office", {"result": "passed"}, evidence=recount)


def _kept(thread: Thread, who: str) -> str:
    return store_evidence(
        content=list_file(2026, listed_buyers(2026)),
        filename="list.csv",
        actor=thread.cast[who].actor(thread.now.date()),
        now=thread.now,
        kind="document",
    ).evidence.sha256


def test_monthly_returns_open_by_themselves(bureau: Bureau) -> None:
    thread = bureau.thread
    begin_day(now=thread.now)
    assert not Case.objects.filter(register="monthly-return").exists(), "nothing was lent in May"
    thread.now = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)
    begin_day(now=thread.now)
    begin_day(now=thread.now)
    case = Case.objects.get(register="monthly-return")
    assert (case.facts["month"], case.facts["due_on"]) == ("2026-06-01", "2026-07-10")
    assert (case.facts["loans"], case.facts["lent"]) == (1, LENT)
    assert thread.sees(case.id, "lianhu-manager")
    assert not thread.sees(case.id, "jianghe-manager")
    thread.now = dt.datetime(2026, 7, 13, 1, 0, tzinfo=dt.UTC)
    assert thread.see(case.id).light.value == "red", "due on the 10th"
    correction = {"loans_as_counted": 2, "lent_as_counted": 80_000_000, "reason": "漏报一笔"}
    proof = {"statement": [thread.file("lianhu-manager")]}
    thread.do(case.id, "correct", "lianhu-manager", correction, evidence=proof)
    assert thread.see(case.id).facts["returned_lent"] == 80_000_000
    check = {"check": [thread.file("clerk")]}
    thread.do(case.id, "verify", "clerk", {"result": "failed"}, evidence=check)
    thread.do(case.id, "confirm", "lianhu-reviewer")
    facts = thread.see(case.id).facts
    assert (facts["returned_lent"], facts["correction_reason"]) == (LENT, None)
    thread.do(
        case.id, "verify", "clerk", {"result": "passed"}, evidence={"check": [thread.file("clerk")]}
    )
    assert thread.see(case.id).state == "verified"
    thread.now = dt.datetime(2026, 10, 2, 1, 0, tzinfo=dt.UTC)
    begin_day(now=thread.now)
    months = Case.objects.filter(register="monthly-return").values_list("facts__month", flat=True)
    assert sorted(months) == ["2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01"], "caught up"


def test_what_is_in_force_waits_for_nobody_but_its_bank_is_told(
    county: dict[str, Member], now: dt.datetime
) -> None:
    day = now.date()
    manager = county["lianhu-manager"].actor(day)
    bank = str(manager.organisation_id)
    at_rest = {"serving-bank": "filed", "bank-product": "live"}
    for code, state in at_rest.items():
        filed = Case.objects.get(register=code, parties__bank__contains=[bank])
        assert filed.state == state
        asked = Asked(filed.id, code, filed.register_version, state, filed.parties)
        told = find_recipients([asked], on=day)[filed.id]
        assert manager.person_id in {each.person_id for each in told}
    for who in ("lianhu-manager", "lianhu-reviewer", "office", "clerk"):
        rows = my_work(actor=county[who].actor(day), now=now)
        assert not at_rest.keys() & {row.register for row in rows}
