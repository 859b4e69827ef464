"""A bank brings a statement in: kept whole or not at all, matched, filed, once."""

import datetime as dt
import hashlib
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.base.problems import HonghuError
from honghu.domains.financing.queries import payments_of_loan
from honghu.domains.statements.commands.exceptions import ask_about
from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.commands.importing import (
    Taken,
    preview_statements,
    take_statements,
)
from honghu.domains.statements.models import Entry, Filing, Gap, Statement, Waiting
from honghu.domains.statements.queries.statements import list_entries
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.kernel.cases.models import Case, Step
from honghu.kernel.evidence.models import Evidence
from honghu.kernel.evidence.queries import open_content, uses_of_case
from honghu.kernel.parties.models import Account
from honghu.site.county import Member
from tests import notices
from tests.statements import ACCOUNT, CONTRACT, Line, camt, csv
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def take(
    thread: Thread, content: bytes, *, who: str = "lianhu-manager", terms: CsvTerms | None = None
) -> list[Taken]:
    taken = take_statements(
        io.BytesIO(content),
        filename="statement.xml",
        actor=thread.cast[who].actor(thread.now.date()),
        now=thread.now,
        terms=terms,
    )
    continue_filing(now=thread.now)
    return taken


def refused(thread: Thread, content: bytes, **more: object) -> HonghuError:
    """The refusal of a file, of which nothing at all is kept."""
    before = (Evidence.objects.count(), Case.objects.count())
    with pytest.raises(HonghuError) as refusal:
        take(thread, content, **more)  # type: ignore[arg-type]
    assert not Statement.objects.exists()
    assert not Entry.objects.exists()
    assert (Evidence.objects.count(), Case.objects.count()) == before
    assert refusal.value.remedy
    return refusal.value


def test_certain_entries_are_recorded_with_the_entry_as_evidence(thread: Thread) -> None:
    loan = thread.drawn()
    lines = [
        Line("1000.00", payment_no="GK-1"),
        Line("2000.00", payer=notices.BUYER, text=f"付 {notices.NUMBER} 项目款"),
        Line("-500.00", payer="洪湖某某公司", text="划转"),
        Line("10.00", payer="洪湖某某公司", text="往来"),
        Line("1.00", status="PDNG"),
    ]
    taken = take(thread, camt(lines))[0]
    assert taken.outcomes == {"matched": 2, "debit": 1, "other": 1}
    paid = payments_of_loan(loan)
    assert [(each.amount_fen, each.into_lock) for each in paid] == [
        (100_000, True),
        (200_000, True),
    ]
    assert paid[0].reference == "GK-1"
    use = next(each for each in uses_of_case(loan) if each.slot == "entry")
    with open_content(use.sha256) as file:
        told = json.load(file)
    assert told["entry"]["payment_no"] == "GK-1"
    assert ACCOUNT not in json.dumps(told)
    assert use.step_id is not None
    assert Step.objects.get(pk=use.step_id).action == "record_payment"
    assert [(each.filed_as, each.case_id) for each in list_entries(taken.id)] == [
        ("payment", loan),
        ("payment", loan),
        (None, None),
        (None, None),
    ]
    assert not Waiting.objects.exists()


def test_the_same_again_changes_nothing(thread: Thread) -> None:
    loan = thread.drawn()
    content = camt([Line("1000.00")])
    first = take(thread, content)[0]
    # The same file, and the same statement in another file.
    for again in (content, content.replace(b"M-1", b"M-2")):
        known = take(thread, again)[0]
        assert (known.id, known.is_new) == (first.id, False)
    assert len(payments_of_loan(loan)) == 1
    assert Evidence.objects.filter(media_type="application/xml").count() == 1
    other = camt([Line("1001.00")])
    with pytest.raises(HonghuError) as differs:
        take(thread, other)
    assert differs.value.code == "statement-differs"
    with pytest.raises(HonghuError) as overlaps:
        take(thread, csv(["20260531,x,1.00,,1.00,y,1", "20260601,x,1.00,,2.00,y,2"]), terms=TERMS)
    assert overlaps.value.code == "statement-overlaps"
    assert (Statement.objects.count(), Entry.objects.count()) == (1, 1)


TERMS = CsvTerms(account_no=ACCOUNT)


def test_doubtful_entries_go_to_a_person(thread: Thread) -> None:
    loan = thread.drawn()
    lines = [
        Line("100.00", text="货款"),
        Line("200.00", payer=None),
        Line("300.00", payer="别家单位"),
        Line("2000000.00"),
        Line("400.00", parts=2),
        Line("500.00", reversal=True),
    ]
    take(thread, camt(lines))
    cases = list(Case.objects.filter(register="statement-exception").order_by("id"))
    assert [each.facts["reason"] for each in cases] == [
        "no-number",
        "payer-unknown",
        "payer-differs",
        "above-contract",
        "several-payments",
        "reversal",
    ]
    assert "锁定账户" in cases[0].facts["candidates"] or "account" in cases[0].facts["candidates"]
    assert payments_of_loan(loan) == []
    manager, number = "lianhu-manager", thread.see(loan).number
    with pytest.raises(HonghuError):
        thread.do(cases[0].id, "match", manager, {"loan": "融贷-0", "grounds": "x"})
    thread.do(cases[0].id, "match", manager, {"loan": number, "grounds": "电话核实"})
    proof = {"check": [thread.file("treasury")]}
    verdict = {"result": "passed"}
    with pytest.raises(HonghuError):
        thread.do(cases[0].id, "verify", manager, verdict, evidence=proof)
    thread.do(cases[0].id, "verify", "treasury", verdict, evidence=proof)
    assert [each.amount_fen for each in payments_of_loan(loan)] == [10_000]
    thread.do(cases[1].id, "reject", manager, {"grounds": "利息"})
    more = {"check": [thread.file("treasury")]}
    thread.do(cases[1].id, "verify", "treasury", verdict, evidence=more)
    assert len(payments_of_loan(loan)) == 1
    assert thread.see(cases[1].id).state == "settled"


def test_what_the_treasury_recorded_is_not_recorded_twice(thread: Thread) -> None:
    loan = thread.drawn()
    thread.pay(loan, 100_000, reference="GK-1")
    thread.pay(loan, 200_000, reference="GK-2")
    take(thread, camt([Line("1000.00", payment_no="GK-1"), Line("2000.00", payment_no="B-9")]))
    assert len(payments_of_loan(loan)) == 2
    kinds = list(Filing.objects.order_by("entry_id").values_list("kind", flat=True))
    assert kinds == ["known", "case"]
    case = Case.objects.get(register="statement-exception")
    assert case.facts["reason"] == "recorded-already"


def test_money_into_another_account_is_a_risk_the_same_day(thread: Thread) -> None:
    """The contract's money comes into an account of the bank's that was given up before."""
    former = "6222000011112222"
    loan = thread.at_lock()
    thread.do(
        loan, "propose_lock", "lianhu-manager", {"account_no": former, "registration_no": "ZD0"}
    )
    refusal = {"result": "refused", "reason_code": "other", "reason": "账户有误"}
    thread.do(loan, "confirm_account", "buyer", refusal)
    thread.do(
        loan, "propose_lock", "lianhu-manager", {"account_no": ACCOUNT, "registration_no": "ZD1"}
    )
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    take(thread, camt([Line("1000.00")], account=former))
    assert [each.into_lock for each in payments_of_loan(loan)] == [False]
    (risk,) = thread.children(loan, "risk-event")
    assert (risk.facts["kind"], risk.opened_at) == ("other_account", thread.now)


def test_a_gap_is_explained_by_a_person(thread: Thread) -> None:
    thread.drawn()
    take(thread, camt([Line("100.00")], day=dt.date(2026, 5, 20), number="S-1"))
    later = camt([], opening="90.00", day=dt.date(2026, 5, 22), number="S-3")
    assert len(take(thread, later)[0].gaps) == 1
    gap = Gap.objects.get()
    assert (gap.closing_fen, gap.opening_fen) == (10_000, 9_000)
    middle = camt(
        [Line("-10.00", payer="x", text="手续费")],
        opening="100.00",
        day=dt.date(2026, 5, 21),
        number="S-2",
    )
    assert take(thread, middle)[0].gaps == ()
    grounds = {"grounds": "5月21日对账单补交"}
    with pytest.raises(HonghuError):
        thread.do(gap.case_id, "reject", "lianhu-manager", grounds)
    thread.do(gap.case_id, "explain", "lianhu-manager", grounds)
    proof = {"check": [thread.file("treasury")]}
    thread.do(gap.case_id, "verify", "treasury", {"result": "passed"}, evidence=proof)
    assert thread.see(gap.case_id).state == "settled"


def test_several_statements_of_a_day_stand_in_their_order(thread: Thread) -> None:
    """By sequence number and balance; the middle one may come last but one, never a hole."""
    thread.drawn()

    def part(number: int, opening: str, *yuan: str) -> bytes:
        lines = [Line(each, payer=None, text=f"第{number}份{each}") for each in yuan]
        return camt(lines, opening=opening, number=f"S-{number}", sequence=number)

    first, second = part(1, "0.00", "100.00"), part(2, "100.00", "50.00")
    empty, fourth = part(3, "150.00"), part(4, "150.00", "-20.00")
    take(thread, second)
    take(thread, empty)
    take(thread, first)
    take(thread, fourth)
    kept = Statement.objects.order_by("from_date", "to_date", "place")
    assert [each.sequence for each in kept] == [1, 2, 3, 4]
    assert take(thread, second)[0].is_new is False
    assert not Gap.objects.exists()

    def refused(content: bytes) -> tuple[str, str]:
        found = []
        for door in (take, _preview):
            with pytest.raises(HonghuError) as refusal:
                door(thread, content)
            found.append((refusal.value.code, refusal.value.remedy))
        assert found[0] == found[1], "the dry run says what the import would"
        return found[0]

    # A hole in the numbers, balances that do not meet, a repetition, a number that is taken.
    code, remedy = refused(part(6, "130.00", "1.00"))
    assert (code, "5" in remedy) == ("statement-gap", True)
    assert refused(part(5, "140.00", "1.00"))[0] == "statement-gap"
    assert refused(part(5, "150.00", "-20.00", "9.00"))[0] == "statement-overlaps"
    other = camt([Line("1.00")], opening="130.00", number="S-9", sequence=3)
    assert refused(other)[0] == "statement-differs"
    # The next day begins where the last statement of this one ends.
    after = camt([], opening="130.00", day=dt.date(2026, 6, 2), number="S-10", sequence=5)
    assert take(thread, after)[0].gaps == ()


def test_statements_of_a_day_without_numbers_need_names_and_balances(thread: Thread) -> None:
    thread.drawn()
    morning = camt([Line("100.00", text="上午")], number="A", sequence=None)
    noon = camt([Line("7.00", text="中午")], opening="100.00", number="B", sequence=None)
    take(thread, noon)
    assert take(thread, morning)[0].gaps == ()
    kept = Statement.objects.order_by("place")
    assert [each.statement_no for each in kept] == ["A", "B"]
    # The whole day once more, under a name of its own.
    whole = camt(
        [Line("100.00", text="上午"), Line("7.00", text="中午")], number="C", sequence=None
    )
    with pytest.raises(HonghuError) as refusal:
        take(thread, whole)
    assert refusal.value.code == "statement-overlaps"
    # A CSV has neither name nor number: nobody can tell what it follows.
    with pytest.raises(HonghuError) as unnamed:
        take(thread, csv(["20260601,x,1.00,,108.00,y,1"]), terms=TERMS)
    assert unnamed.value.code == "statement-differs"


def _preview(thread: Thread, content: bytes) -> None:
    actor = thread.cast["lianhu-manager"].actor(thread.now.date())
    preview_statements(io.BytesIO(content), filename="x.xml", actor=actor, now=thread.now)


def test_what_is_shown_is_what_is_imported(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is evidence from the preview on; its digest is shown there and at the statement."""
    monkeypatch.setattr(timezone, "now", lambda: thread.now)
    thread.drawn()
    client = Client()
    account = Account.objects.get(person_id=thread.cast["lianhu-manager"].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    content = camt([Line("12.00")])
    digest = hashlib.sha256(content).hexdigest()
    sent = {"file": SimpleUploadedFile("day.xml", content)}
    shown = client.post(reverse("statement-import"), sent).content.decode()
    assert digest in shown
    assert Evidence.objects.filter(sha256=digest).exists()
    assert not Statement.objects.exists()
    kept = dict.fromkeys(("mapping", "account_no", "opening", "closing"), "")
    kept |= {"from_date": "", "to_date": "", "newest_first": "", "sha256": digest}
    page = client.post(reverse("statement-accept"), kept, follow=True)
    assert Statement.objects.get().file_sha256 == digest
    assert digest in page.content.decode()


def test_an_entry_taken_for_nothing_can_be_asked_about(thread: Thread) -> None:
    thread.drawn()
    taken = take(thread, camt([Line("10.00", payer="洪湖某某公司", text="往来")]))[0]
    actor = thread.cast["lianhu-manager"].actor(thread.now.date())
    case = ask_about(taken.id, 1, actor=actor, now=thread.now)
    assert thread.see(case).facts["reason"] == "asked"
    with pytest.raises(HonghuError):
        ask_about(taken.id, 1, actor=actor, now=thread.now)


def test_who_is_no_bank_or_not_this_bank_brings_nothing_in(thread: Thread) -> None:
    thread.drawn()
    content = camt([Line("1000.00")])
    assert refused(thread, content, who="treasury").code == "not-the-bank"
    assert refused(thread, content, who="jianghe-manager").code == "account-unknown"
    assert refused(thread, camt([Line("1.00")], currency="USD")).code == "currency-not-kept"


FULL_WIDTH = str.maketrans(
    "0123456789,.", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0c\uff0e"
)


def wide(text: str) -> str:
    return text.translate(FULL_WIDTH)


def test_csv_in_gbk_with_commas_and_full_width_digits(thread: Thread) -> None:
    loan = thread.drawn()
    content = csv(
        [
            f'{wide("2026")}年6月1日,{notices.BUYER},"{wide("1,000.00")}",,"1,000.00",{CONTRACT},A1',
            "20260601,某某,,100.00,900.00,划转,A2",
        ],
        encoding="gbk",
    )
    actor = thread.cast["lianhu-manager"].actor(thread.now.date())
    seen = preview_statements(
        io.BytesIO(content), filename="a.csv", actor=actor, now=thread.now, terms=TERMS
    )
    assert (seen[0].foot.opening_fen, seen[0].foot.closing_fen) == (0, 90_000)
    assert not Statement.objects.exists()
    take(thread, content, terms=TERMS)
    assert [each.amount_fen for each in payments_of_loan(loan)] == [100_000]
