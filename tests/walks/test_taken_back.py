"""What goes otherwise with a contract loan: payments taken back, changes, losses, successors."""

import datetime as dt
import io
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner

from honghu.base.problems import HonghuError
from honghu.cli.registers import app as registers_app
from honghu.domains import financing
from honghu.domains.financing.models import Limit, Loan
from honghu.domains.financing.pages.pickers import payments_standing
from honghu.domains.financing.queries import get_ceiling, payments_of_loan
from honghu.domains.lending import commands as lending
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.pages.plan import plan_chart
from honghu.domains.lending.queries import events_of, get_loan, plan_against_actual
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.commands.importing import take_statements
from honghu.domains.statements.queries.statements import list_entries
from honghu.kernel.cases.detail import get_case
from honghu.kernel.ledger.queries import balance, transfers_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.queries import get_register
from honghu.site.county import Member, ensure_organisation, settle
from tests.statements import Line, camt
from tests.thread import Thread, assert_whole, begin, served

LENT = 70_000_000


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _parts(case_id: uuid.UUID) -> dict[str, tuple[int, int, int]]:
    """Interest, principal and release of each payment that stands."""
    return {
        row.reference: (row.interest_fen, row.principal_fen, row.released_fen)
        for row in payments_of_loan(case_id)
        if row.retracted_at is None
    }


def _ask(thread: Thread, loan: uuid.UUID, reference: str) -> uuid.UUID:
    form = {"reference": reference, "fault": "amount", "reason": "金额录入错误"}
    proof = {"proof": [thread.file("treasury")]}
    return thread.open("payment-retraction", "request", "treasury", loan, form, evidence=proof)


def _check(thread: Thread, case: uuid.UUID, who: str = "office", result: str = "passed") -> None:
    proof = {"check": [thread.file(who)]}
    thread.do(case, "verify", who, {"result": result}, evidence=proof)


def _refused(code: str, work: object, *args: object, **more: object) -> HonghuError:
    with pytest.raises(HonghuError) as refusal:
        work(*args, **more)  # type: ignore[operator]
    assert refusal.value.code == code
    return refusal.value


def test_a_mistyped_payment_is_taken_back_as_if_it_had_never_been(thread: Thread) -> None:
    """Later payments settle what they would have; the reference is recorded again, rightly."""
    loan = thread.drawn()
    thread.later(days=30)
    early = thread.now.date().isoformat()
    thread.pay(loan, 10_000_000, reference="GK-1")
    thread.later(days=30)
    thread.pay(loan, 20_000_000, reference="GK-2")
    before = _parts(loan)
    shown = get_case(loan, actor=SYSTEM, now=thread.now)
    offered = payments_standing(actor=SYSTEM, now=thread.now, detail=shown)
    assert [value for value, _words in offered] == ["GK-2", "GK-1"]
    assert all(said in offered[1][1] for said in (early, "100,000.00"))
    assert _refused("invalid", _ask, thread, loan, "GK-9").fields.keys() == {"reference"}
    case = _ask(thread, loan, "GK-1")
    assert _refused("payment-not-retractable", _ask, thread, loan, "GK-1").remedy
    _refused("role-missing", _check, thread, case, "treasury")
    assert _parts(loan) == before
    _check(thread, case)
    # 70,000,000 fen x 0.0276 x 60 / 360
    assert _parts(loan) == {"GK-2": (322_000, 19_678_000, 0)}
    assert_whole(thread, loan)
    posted = transfers_of_case(loan)
    undone = {each.facts.reverses_id for each in posted} - {None}
    assert {row.facts.kind for row in posted if row.facts.id in undone} == {
        "treasury_payment",
        "loan_paid",
        "limit_released",
    }
    thread.later(days=1)
    thread.pay(loan, 1_000_000, reference="GK-1", paid_on=early)
    # 161,000 of 30 days; then (70,000,000 - 839,000) x 0.0276 x 30 / 360 = 159,070.3
    assert _parts(loan) == {"GK-1": (161_000, 839_000, 0), "GK-2": (159_070, 19_840_930, 0)}
    assert_whole(thread, loan)


def test_a_settlement_that_rests_on_a_wrong_payment_goes_back(thread: Thread) -> None:
    loan = thread.drawn()
    thread.pay(loan, LENT, reference="GK-1")
    paper = {"statement": [thread.file("lianhu-manager")]}
    thread.do(loan, "apply_settlement", "lianhu-manager", evidence=paper)
    _check(thread, _ask(thread, loan, "GK-1"))
    assert (thread.see(loan).state, thread.see(loan).facts["outstanding"]) == ("repaying", LENT)
    assert_whole(thread, loan)
    thread.pay(loan, LENT, reference="GK-1")
    late = _ask(thread, loan, "GK-1")
    paper = {"statement": [thread.file("lianhu-manager")]}
    thread.do(loan, "apply_settlement", "lianhu-manager", evidence=paper)
    proof = {"registry": [thread.file("office")]}
    thread.do(loan, "verify_settlement", "office", {"result": "passed"}, evidence=proof)
    assert _refused("payment-not-retractable", _check, thread, late).remedy
    assert _refused("payment-not-retractable", _ask, thread, loan, "GK-1").remedy
    _check(thread, late, result="failed")
    assert (thread.see(late).state, _parts(loan)) == ("refused", {"GK-1": (0, LENT, 0)})


def test_before_drawing_the_ceiling_is_put_right_and_a_false_alarm_ends(thread: Thread) -> None:
    """A prepayment counts as one again, and money that went to no other account is no risk."""
    loan = thread.locked(prepayment=30_000_000)
    ceiling = get_ceiling(thread.award.id)
    thread.pay(loan, 20_000_000, reference="GK-1", purpose="prepayment")
    thread.pay(loan, 5_000_000, reference="GK-2", account="999999")
    (risk,) = thread.children(loan, "risk-event")
    assert Limit.objects.get(pk=thread.award.id).prepayment_fen == 10_000_000
    for reference in ("GK-1", "GK-2"):
        _check(thread, _ask(thread, loan, reference))
    assert get_ceiling(thread.award.id) == ceiling
    assert (thread.see(risk.id).state, _parts(loan)) == ("withdrawn", {})
    supplier = Loan.objects.get(pk=loan).supplier_account_id
    assert balance(supplier).balance_fen == 0


def test_the_entry_of_a_statement_is_open_again(thread: Thread) -> None:
    loan = thread.drawn()
    bank = thread.cast["lianhu-manager"].actor(thread.now.date())
    file = io.BytesIO(camt([Line("1000.00", payment_no="GK-1")]))
    (taken,) = take_statements(file, filename="s.xml", actor=bank, now=thread.now)
    continue_filing(now=thread.now)
    for _again in range(2):
        assert _parts(loan).keys() == {"GK-1"}
        _check(thread, _ask(thread, loan, "GK-1"))
        assert _parts(loan) == {}
        (entry,) = list_entries(taken.id)
        assert (entry.filed_as, entry.case_id is None) == ("case", False)
        assert entry.case_id is not None
        assert thread.see(entry.case_id).facts["reason"] == "taken-back"
        form = {"loan": thread.see(loan).number, "grounds": "核对合同"}
        thread.do(entry.case_id, "match", "lianhu-manager", form)
        _check(thread, entry.case_id, "treasury")
    assert _parts(loan).keys() == {"GK-1"}
    assert_whole(thread, loan)


def test_a_written_off_loan_is_recovered_to_the_last_fen(thread: Thread) -> None:
    loan = thread.drawn()
    thread.later(days=30)
    day, proof = thread.now.date().isoformat(), {"proof": [thread.file("lianhu-manager")]}
    thread.do(
        loan, "propose_write_off", "lianhu-manager", {"grounds": "借款人破产"}, evidence=proof
    )
    thread.later(days=30)
    thread.do(loan, "decide_write_off", "lianhu-reviewer", {"result": "approved"})
    lost, facts = LENT + 322_000, thread.see(loan).facts
    assert (facts["written_off"], facts["recovered"], facts["outstanding"]) == (lost, 0, 0)
    assert_whole(thread, loan)
    thread.later(days=9)
    thread.pay(loan, 50_000_000, reference="GK-1")
    assert thread.see(loan).facts["recovered"] == served(loan).lent_fen - 20_000_000
    # It came before the write-off and becomes known after it: a payment, and the loss is less.
    thread.pay(loan, 161_000, reference="GK-0", paid_on=day)
    assert _parts(loan)["GK-0"] == (161_000, 0, 0)
    facts = thread.see(loan).facts
    assert (facts["written_off"], facts["recovered"]) == (lost - 161_000, 50_000_000)
    registry = {"registry": [thread.file("office")]}
    passed = {"result": "passed"}
    _refused(
        "guard-refuses", thread.do, loan, "verify_recovery", "office", passed, evidence=registry
    )
    _check(thread, _ask(thread, loan, "GK-1"))
    assert thread.see(loan).facts["recovered"] == 0
    thread.pay(loan, 70_170_000, reference="GK-1")
    assert [each.recovered_fen for each in payments_of_loan(loan)] == [0, 50_000_000, 70_161_000]
    assert _parts(loan)["GK-1"] == (0, 0, 9_000)
    assert_whole(thread, loan)
    thread.do(loan, "verify_recovery", "office", passed, evidence=registry)
    assert (thread.see(loan).state, served(loan).status) == ("settled", "settled")


def _change(thread: Thread, loan: uuid.UUID, **proposed: object) -> None:
    paper = {"agreement": [thread.file("lianhu-manager")]}
    form = {"change_grounds": "借款人申请，经审查同意"} | proposed
    thread.do(loan, "propose_change", "lianhu-manager", form, evidence=paper)


def _decide(thread: Thread, loan: uuid.UUID, who: str = "lianhu-reviewer") -> None:
    thread.do(loan, "decide_change", who, {"result": "approved"})


def test_two_persons_extend_a_loan_find_it_misused_and_restructure_what_matured(
    thread: Thread,
) -> None:
    loan = thread.drawn()
    matures = served(loan).maturity_date
    later = matures + dt.timedelta(days=90)
    refused = _refused(
        "invalid", _change, thread, loan, change_kind="extension", misused_since="2023-07-01"
    )
    assert refused.fields.keys() == {"new_maturity", "repaid", "misused_since"}
    asked = {"change_kind": "extension", "repaid": "at_once"}
    early = _refused("invalid", _change, thread, loan, **asked, new_maturity=matures.isoformat())
    assert early.fields.keys() == {"new_maturity"}
    _change(thread, loan, **asked, new_maturity=later.isoformat(), new_rate="3.1")
    thread.pay(loan, 10_000_000, reference="GK-1")
    _decide(thread, loan)
    case = thread.see(loan)
    assert (case.state, case.facts["matures_on"], case.facts["rate"]) == (
        "repaying", later.isoformat(), "3.1",
    )  # fmt: skip
    assert case.due_at is not None
    assert case.due_at.date() >= later
    assert (case.facts["change_kind"], served(loan).maturity_date) == (None, later)
    _change(thread, loan, change_kind="misuse", misused_since=thread.now.date().isoformat())
    _decide(thread, loan)
    assert served(loan).is_misused
    assert_whole(thread, loan)
    thread.later(days=(later - thread.now.date()).days + 30)
    _refused("invalid", _change, thread, loan, **asked, new_maturity="2026-01-20")
    anew = {"change_kind": "restructuring", "repaid": "monthly"}
    today = thread.now.date()
    until = {"new_maturity": (today + dt.timedelta(days=100)).isoformat()}
    short = {"observed_until": (today + dt.timedelta(days=30)).isoformat()}
    assert _refused("invalid", _change, thread, loan, **anew, **until, **short).fields.keys() == {
        "observed_until"
    }
    observed = today + dt.timedelta(days=400)
    _change(thread, loan, **anew, **until, observed_until=observed.isoformat())
    _decide(thread, loan)
    row = served(loan)
    assert (row.observed_until, row.principal_fen) == (observed, row.owed_principal_fen)
    plan = plan_against_actual(row.id)
    assert len([each for each in plan if each.agreed_principal_fen]) == 4
    chart = plan_chart(plan, row)
    assert chart is not None
    planned = [each for each in chart.series[0].values if each is not None]
    assert (len(planned), planned[0]) == (5, 10_000_000)
    assert_whole(thread, loan)


def test_one_person_lowers_a_class_and_two_raise_it(thread: Thread) -> None:
    loan = thread.drawn()

    def judge(action: str, wanted: str, **found: object) -> uuid.UUID:
        form = {"wanted": wanted, "grounds": "贷后检查", **found}
        proof = {"proof": [thread.file("lianhu-manager")]}
        return thread.open("loan-class", action, "lianhu-manager", loan, form, evidence=proof)

    def verify(case: uuid.UUID, result: str = "passed") -> None:
        check = {"check": [thread.file("lianhu-reviewer")]}
        thread.do(case, "verify", "lianhu-reviewer", {"result": result}, evidence=check)

    _refused("risk-statement", judge, "lower", "doubtful", loss_share="50")
    lowered = judge("lower", "special_mention", found=["refinanced"])
    assert served(loan).risk_class == "special_mention"
    assert _refused("class-not-judged", verify, lowered, "failed").remedy
    verify(lowered)
    _refused("invalid", judge, "lower", "normal")
    better = judge("propose_better", "normal")
    assert served(loan).risk_class == "special_mention"
    verify(better)
    assert served(loan).risk_class == "normal"
    bad = judge("lower", "substandard")
    verify(bad)
    again = judge("propose_better", "normal")
    assert _refused("class-not-judged", verify, again).remedy
    verify(again, "failed")
    assert (thread.see(again).state, served(loan).risk_class) == ("refused", "substandard")


def test_a_loan_of_an_older_version_names_the_command_that_moves_it(thread: Thread) -> None:
    file = Path(financing.__file__).parent / "registers" / "financing-loan.yaml"
    source = file.read_text("utf-8")
    number = get_register("financing-loan").version
    first, rest = source.split("  take_back_payment:\n")
    older = first + "  apply_settlement:\n" + rest.split("  apply_settlement:\n")[1]

    def publish(text: str, version: int) -> None:
        renumbered = text.replace(f"version: {number}\n", f"version: {version}\n", 1)
        publish_register(source=renumbered, actor=SYSTEM, now=thread.now)

    publish(older, number + 1)
    loan = thread.drawn()
    publish(source, number + 2)
    thread.pay(loan, 1_000_000, reference="GK-1")
    command = _refused("payment-not-retractable", _ask, thread, loan, "GK-1").remedy.split(": ")[-1]
    asked = command.split("honghu registers ")[1].split()
    moved = CliRunner().invoke(registers_app, asked)
    assert moved.exit_code == 0, moved.output
    _check(thread, _ask(thread, loan, "GK-1"))
    assert _parts(loan) == {}


def _lend(thread: Thread, number: str, borrower: uuid.UUID) -> uuid.UUID:
    """Another loan of the same bank, in good order for years."""
    today, far = thread.now.date(), (thread.now.date() + dt.timedelta(days=900)).isoformat()
    bank = thread.cast["lianhu-manager"].organisation_id
    terms = {
        "principal_due": [{"date": far, "amount_fen": LENT}],
        "interest_due_dates": [far],
        "maturity": far,
        "rate": "3.5",
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
    }
    opened = lending.open_loan(
        actor=None, now=thread.now, idempotency_key=number, number=number, lender_id=bank,
        borrower_id=borrower, product="流动资金", approved_fen=LENT, terms=terms, start_date=today,
    )  # fmt: skip
    lending.disburse(
        actor=None, now=thread.now, idempotency_key=f"{number}:lend", loan_id=opened.loan_id,
        amount_fen=LENT, value_date=today,
    )  # fmt: skip
    return opened.loan_id


def test_the_successor_owes_the_loan_and_answers_for_it(thread: Thread) -> None:
    """Classes are those of the new debtor's loans; money goes to the successor; history stays."""
    loan = thread.drawn()
    former = thread.cast["supplier"].organisation_id
    successor = ensure_organisation("洪湖市青莲教育科技有限公司", "enterprise", now=thread.now)
    thread.cast["successor"] = settle(
        "successor", "苏荷生", successor, ("supplier",), now=thread.now
    )
    theirs, formers = _lend(thread, "T-1", successor), _lend(thread, "T-2", former)
    proof = {"proof": [thread.file("office")]}
    form = {"supplier": str(former), "basis": "准予变更登记通知书"}
    _refused("invalid", thread.do, loan, "change_supplier", "office", form, evidence=proof)
    form["supplier"] = str(successor)
    thread.do(loan, "change_supplier", "office", form, evidence=proof)
    row = served(loan)
    assert row.borrower_id == successor
    (changed,) = [each for each in events_of(row.id) if each.kind == "borrower_changed"]
    assert changed.detail == {"from": str(former), "to": str(successor)}
    thread.later(days=(row.maturity_date - thread.now.date()).days + 120)
    today = thread.now.date()
    close_day(today, now=thread.now, today=today, workers=1)
    classes = [get_loan(each).risk_class for each in (row.id, theirs, formers)]
    assert classes[0] == classes[1] == "substandard"
    assert classes[2] in {None, "normal"}
    thread.pay(loan, 80_000_000, reference="GK-1")
    released = _parts(loan)["GK-1"][2]
    account = Loan.objects.get(pk=loan).supplier_account_id
    assert balance(account).balance_fen == released > 0
    assert not verify_loans().faults
