"""The edge cases of the business specification, each by its name."""

import dataclasses
import datetime as dt
import uuid

import pytest

from honghu.base.identifiers import new_id
from honghu.base.problems import Invalid
from honghu.domains.financing.commands.amendments import NothingToConfirm
from honghu.domains.financing.commands.consortia import ConsentMissing
from honghu.domains.financing.commands.disbursements import OverCeiling, UnableToDisburse
from honghu.domains.financing.commands.invitations import UnableToIdentifySupplier, invite
from honghu.domains.financing.commands.registrations import UnableToRegisterSupplier
from honghu.domains.financing.models import AccountLock
from honghu.domains.financing.queries import get_ceiling, payments_of_loan
from honghu.domains.financing.queries.standing import takes_from_system
from honghu.domains.procurement.models import Award
from honghu.domains.procurement.queries import awards_of_notice, get_notice
from honghu.kernel.cases.permissions import GuardRefuses
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.queries import find_organisation, get_organisation
from honghu.site.county import PRODUCT, Member, ensure_organisation, settle
from tests import notices
from tests.thread import ACCOUNT, WHY, Thread, begin

OTHER = "荆州江汉校具制造有限公司"


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _applications(thread: Thread, number: str = notices.NUMBER) -> dict[str, CaseRow]:
    """The applications of a project by their supplier's name."""
    rows = cases_with_fact("financing-application", fact="project_no", value=number, now=thread.now)
    return {row.facts["supplier_name"]: row for row in rows}


def _correct(thread: Thread, content: str) -> None:
    """Take a correction in; what only a person may settle is confirmed and verified."""
    taken = thread.take(notices.correction(content=content), "correction.txt")
    assert taken.status == "filed", get_notice(taken.notice_id).readings


def _ceiling(thread: Thread) -> int | None:
    found = get_ceiling(thread.award.id)
    assert found is not None
    return found.ceiling_fen


def _amend(thread: Thread, amount: str) -> None:
    thread.take(notices.contract(amount=amount), "contract-2.txt")
    thread.file_contract()


def test_edge_amended_contract_down(thread: Thread) -> None:
    """The ceiling falls at once; what is open above it is a risk, and nothing more is drawn."""
    loan = thread.drawn()
    _amend(thread, "600000.00元")
    assert _ceiling(thread) == 54_000_000
    (risk,) = thread.children(loan, "risk-event")
    assert (risk.facts["kind"], risk.facts["amount"]) == ("amount_decreased", 16_000_000)
    assert thread.see(loan).facts["contract_amount"] == 60_000_000


def test_edge_amended_contract_down_before_drawing(thread: Thread) -> None:
    loan = thread.locked()
    _amend(thread, "600000.00元")
    assert thread.children(loan, "risk-event") == []
    with pytest.raises(OverCeiling):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 54_000_001} | WHY)


def test_edge_amended_contract_up(thread: Thread) -> None:
    """Rule 16: up to a tenth, and only after publication and the buyer's confirmation."""
    loan = thread.locked()
    with pytest.raises((GuardRefuses, NothingToConfirm)):
        thread.do(loan, "confirm_supplement", "buyer")
    _amend(thread, "1100000.00元")
    assert _ceiling(thread) == 90_000_000
    thread.do(loan, "confirm_supplement", "buyer")
    assert _ceiling(thread) == 99_000_000


def test_rule_16_a_supplement_beyond_a_tenth_raises_nothing(thread: Thread) -> None:
    loan = thread.locked()
    _amend(thread, "1100000.01元")
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "supplement_beyond"
    assert _ceiling(thread) == 90_000_000
    with pytest.raises(GuardRefuses):
        thread.do(loan, "confirm_supplement", "buyer")


def test_rule_16_supplements_count_together_against_the_original(thread: Thread) -> None:
    loan = thread.locked()
    _amend(thread, "1080000.00元")
    thread.do(loan, "confirm_supplement", "buyer")
    _amend(thread, "1120000.00元")
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "supplement_beyond"


def test_edge_correction_replaces_winner_and_nothing_is_inherited(thread: Thread) -> None:
    """Also where the winner refuses: the next candidate's award is a new one (条例 49)."""
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    _correct(
        thread,
        f"由于原中标单位放弃中标资格，确定下一候选人为中标供应商。\n供应商名称：{OTHER}\n"
        "中标（成交）金额：980000.00元",
    )
    assert thread.see(application).state == "frozen"
    assert thread.see(quote).state == "withdrawn"
    heir = _applications(thread)[OTHER]
    assert (heir.state, heir.facts["award_amount"]) == ("unclaimed", 98_000_000)
    assert heir.facts["award"] != str(thread.award.id)
    assert thread.children(heir.id, "financing-intent") == []


def test_edge_correction_replaces_amount(thread: Thread) -> None:
    application = thread.applied("lianhu")
    thread.take(notices.correction(), "correction.txt")
    assert thread.see(application).state == "frozen"
    assert not thread.sees(application, "lianhu-manager")
    amounts = {
        row.state: row.facts["award_amount"]
        for row in cases_with_fact(
            "financing-application", fact="project_no", value=notices.NUMBER, now=thread.now
        )
    }
    assert amounts == {"frozen": 100_000_000, "invited": 90_000_000}


def test_edge_correction_revokes_a_lot(county: dict[str, Member], now: dt.datetime) -> None:
    """One supplier won two lots: each has its application; only the revoked lot's is frozen."""
    thread = begin(county, now, notices.lots_award())
    rows = cases_with_fact(
        "financing-application", fact="project_no", value=notices.NUMBER, now=now
    )
    assert [(row.facts["lot"], row.facts["award_amount"]) for row in rows] == [
        ("1", 100_000_000),
        ("2", 50_000_000),
    ]
    _correct(thread, "第2包中标结果作废，该包重新组织采购。")
    states = {row.facts["lot"]: thread.see(row.id).state for row in rows}
    assert states == {"1": "invited", "2": "frozen"}
    assert set(Award.objects.values_list("lot", "status")) == {("1", "active"), ("2", "revoked")}


def test_edge_correction_revokes_supplier(thread: Thread) -> None:
    loan = thread.locked()
    _correct(thread, f"本项目中标供应商{notices.SUPPLIER}来函放弃成交资格。")
    assert thread.see(loan).state == "frozen"
    assert Award.objects.get(pk=thread.award.id).status == "revoked"


def test_edge_correction_without_effect_on_the_award(thread: Thread) -> None:
    application = thread.applied("lianhu")
    _correct(thread, "补充上传中小企业声明函，其他内容不变。")
    assert thread.see(application).state == "quoting"
    assert Award.objects.get(pk=thread.award.id).status == "active"


def test_edge_contract_with_other_parties_is_a_risk(thread: Thread) -> None:
    loan = thread.drawn()
    thread.take(notices.contract(supplier=OTHER), "contract-2.txt")
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "contract_differs"
    assert _ceiling(thread) == 90_000_000


def test_edge_failed_lot_invites_nobody(county: dict[str, Member], now: dt.datetime) -> None:
    """流标: the lot that failed has no award to finance."""
    thread = begin(county, now, notices.lots_award(failed=True))
    statuses = [row.status for row in awards_of_notice(thread.award.notice_id)]
    assert statuses == ["active", "unsuccessful"]
    rows = cases_with_fact(
        "financing-application", fact="project_no", value=notices.NUMBER, now=now
    )
    assert [row.facts["lot"] for row in rows] == ["1"]


def test_edge_framework_agreement_is_financed_in_its_second_stage(
    county: dict[str, Member], now: dt.datetime
) -> None:
    def invited(number: str, project: str) -> bool:
        begin(county, now, notices.award(number=number, project=project))
        return bool(
            cases_with_fact("financing-application", fact="project_no", value=number, now=now)
        )

    assert not invited("HHKJ-1", "洪湖市办公设备框架协议采购项目")
    assert invited("HHKJ-2", "洪湖市办公设备框架协议第二阶段采购项目")


def test_edge_consortium_every_member_consents(county: dict[str, Member], now: dt.datetime) -> None:
    """The lead applies; the other member answers for itself; a stranger cannot."""
    supplement = f"本项目中标供应商为联合体，牵头单位为{notices.SUPPLIER}，联合体成员为：{OTHER}。"
    ensure_organisation(OTHER, "enterprise", now=now)
    thread = begin(county, now, notices.award(supplement=supplement))
    assert set(thread.award.consortium_members) == {notices.SUPPLIER, OTHER}
    with pytest.raises(ConsentMissing, match=OTHER):
        thread.authorise("lianhu")
    application = thread.application().id
    with pytest.raises(GuardRefuses):
        thread.do(application, "consent_member", f"member-{OTHER}", {"consent": False})
    thread.do(application, "consent_member", f"member-{OTHER}", {"consent": True})
    thread.authorise("lianhu")
    assert thread.application().state == "authorised"


def test_edge_consortium_whose_lead_nobody_stated(thread: Thread) -> None:
    """It waits for a person; any member may lead, a stranger may not."""
    members = (notices.SUPPLIER, OTHER)
    award = dataclasses.replace(
        thread.award, id=new_id(), supplier_name=None, consortium_members=members
    )
    application = invite(award, now=thread.now)
    assert application is not None
    assert thread.see(application).state == "unclaimed"
    stranger = ensure_organisation("荷塘路人公司", "enterprise", now=thread.now)
    form = {"supplier": str(stranger), "basis": "自荐"}
    with pytest.raises(UnableToIdentifySupplier):
        thread.do(application, "identify", "clerk", form)
    lead = str(thread.cast["supplier"].organisation_id)
    thread.do(application, "identify", "clerk", {"supplier": lead, "basis": "联合体协议"})
    assert thread.see(application).state == "invited"


def test_edge_joint_account_of_a_consortium_states_its_shares(thread: Thread) -> None:
    loan = thread.at_lock()
    joint = ACCOUNT | {"account_kind": "joint"}
    with pytest.raises(Invalid) as refusal:
        thread.do(loan, "propose_lock", "lianhu-manager", joint)
    assert "joint_holders" in refusal.value.fields
    held = {"joint_holders": "牵头单位70%，成员30%"}
    thread.do(loan, "propose_lock", "lianhu-manager", joint | held)
    assert thread.see(loan).facts["joint_holders"] == held["joint_holders"]


def test_edge_foreign_currency_keeps_original_rate_and_yuan(
    county: dict[str, Member], now: dt.datetime
) -> None:
    supplement = "中标金额：USD 512,300.00，汇率按开标当日7折算。"
    content = notices.award(amount="358.6100000（万元）", supplement=supplement)
    thread = begin(county, now, content)
    assert thread.award.amount_fen == 358_610_000
    assert thread.application().facts["award_amount"] == 358_610_000
    readings = get_notice(thread.award.notice_id).readings
    kept = {name: readings[f"lots[0].{name}"]["value"] for name in ("original_amount", "fx_rate")}
    assert kept == {"original_amount": "512300", "fx_rate": "7"}


def _successor(thread: Thread) -> uuid.UUID:
    """The supplier under its new name, with somebody to act for it."""
    organisation = ensure_organisation("洪湖市青莲教育科技有限公司", "enterprise", now=thread.now)
    thread.cast["successor"] = settle(
        "successor", "苏荷生", organisation, ("supplier",), now=thread.now
    )
    return organisation


def test_edge_supplier_renamed_before_the_loan(thread: Thread) -> None:
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    proof = {"proof": [thread.file("office")]}
    form = {"supplier": str(_successor(thread)), "basis": "准予变更登记通知书"}
    thread.do(application, "change_supplier", "office", form, evidence=proof)
    assert thread.see(application).state == "invited"
    assert thread.see(quote).state == "withdrawn"
    assert not thread.sees(application, "lianhu-manager")
    assert not thread.sees(application, "supplier")
    assert thread.sees(application, "successor")


def test_edge_supplier_renamed_keeps_the_lock_and_authorises_anew(thread: Thread) -> None:
    loan = thread.locked()
    proof = {"proof": [thread.file("office")]}
    form = {"supplier": str(_successor(thread)), "basis": "准予变更登记通知书"}
    thread.do(loan, "change_supplier", "office", form, evidence=proof)
    assert AccountLock.objects.get(loan_id=loan).state == AccountLock.State.LOCKED
    with pytest.raises(UnableToDisburse):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)
    thread.do(loan, "reauthorise", "successor")
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)


def test_edge_supplier_gives_the_loan_up_before_drawing(thread: Thread) -> None:
    loan = thread.locked()
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    thread.do(loan, "give_up", "supplier", {"reason": "撤回授权，不再融资"})
    assert thread.see(loan).state == "void"
    found = get_ceiling(thread.award.id)
    assert found is not None
    assert (found.exposure_fen, found.encumbered) == (0, False)


def test_edge_partial_payment_and_overpayment(thread: Thread) -> None:
    """Interest, then principal, then release: never above what is outstanding."""
    loan = thread.drawn()
    thread.pay(loan, 30_000_000)
    thread.pay(loan, 60_000_000)
    parts = [(row.principal_fen, row.released_fen) for row in payments_of_loan(loan)]
    assert parts == [(30_000_000, 0), (40_000_000, 20_000_000)]
    assert thread.see(loan).facts["outstanding"] == 0


def test_a_resumed_loan_is_matched_with_its_contract_again(thread: Thread) -> None:
    """The freeze of a supplier that was cleared: the same contract prices the same loan."""
    loan = thread.locked()
    flag = {
        "supplier": str(thread.cast["supplier"].organisation_id),
        "kind": "other",
        "facts_found": "举报",
    }
    proof = {"proof": [thread.file("clerk")]}
    case = thread.open("supplier-sanction", "flag", "clerk", form=flag, evidence=proof)
    thread.do(case, "freeze", "office", {"result": "frozen", "reason": "待查"})
    form = {"findings": "不实", "proposal": "clear"}
    thread.do(case, "investigate", "clerk", form, evidence={"report": [thread.file("clerk")]})
    decision = {"decision": [thread.file("office")]}
    thread.do(case, "verify", "office", {"result": "passed_clear"}, evidence=decision)
    thread.do(loan, "resume", "lianhu-reviewer", {"reason": "已澄清"})
    thread.investigate(loan)
    assert thread.see(loan).state == "locking"
    assert _ceiling(thread) == 90_000_000


def test_a_registered_supplier_claims_the_awards_made_to_its_name(
    thread: Thread, county: dict[str, Member], now: dt.datetime
) -> None:
    thread.take(notices.award(number="HHCG-2026-500", project="课桌项目", supplier=OTHER))
    (waiting,) = _applications(thread, "HHCG-2026-500").values()
    assert waiting.state == "unclaimed"

    def enter(name: str, uscc: str) -> uuid.UUID:
        form = {"supplier_name": name, "uscc": uscc}
        licence = {"licence": [thread.file("clerk")]}
        return thread.open("supplier-registration", "enter", "clerk", form=form, evidence=licence)

    with pytest.raises(Invalid) as refusal:
        enter(OTHER, "91421083MA4F0L0T0Z")
    assert "uscc" in refusal.value.fields
    case = enter(OTHER, "93421083MA00010250")
    thread.do(case, "verify", "office", {"result": "passed"})
    assert thread.see(case).facts["claimed"] == 1
    claimed = thread.see(waiting.id)
    assert claimed.state == "invited"
    supplier = find_organisation(uscc="93421083MA00010250")
    assert supplier is not None
    assert get_organisation(uuid.UUID(claimed.facts["supplier"])).name == OTHER
    with pytest.raises(UnableToRegisterSupplier):
        enter(notices.SUPPLIER, "93421083MA00010250")


def test_a_new_scheme_takes_the_place_of_the_old(thread: Thread) -> None:
    def scheme(number: str, effective_from: str) -> uuid.UUID:
        form = {
            "scheme_name": "政府采购合同融资实施方案",
            "document_no": number,
            "issued_by": "洪湖市财政局",
            "effective_from": effective_from,
            "summary": "利率不高于参照利率的八成",
        }
        paper = {"document": [thread.file("clerk")]}
        case = thread.open("financing-scheme", "draft", "clerk", form=form, evidence=paper)
        thread.do(case, "approve", "office", {"result": "passed"})
        return case

    old, new = scheme("洪财采〔2025〕1号", "2025-07-01"), scheme("洪财采〔2026〕2号", "2026-07-01")
    assert (thread.see(old).state, thread.see(new).state) == ("replaced", "in_force")
    assert thread.see(old).facts["effective_to"] == "2026-06-30"


def test_a_product_serves_its_sectors_alone(thread: Thread) -> None:
    product = PRODUCT | {
        "product_code": "GC",
        "product_name": "工程贷",
        "sectors": ["works"],
        "effective_from": thread.now.date().isoformat(),
    }
    case = thread.open("bank-product", "draft", "lianhu-manager", form=product)
    thread.do(case, "verify", "office", {"result": "passed"})
    application = thread.authorise("lianhu")
    form = {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货", "sector": "goods"}
    thread.do(application, "apply", "supplier", form)
    with pytest.raises(Invalid) as refusal:
        thread.quote(application, "lianhu")
    assert set(refusal.value.fields) == {"product"}
    with pytest.raises(Invalid):
        thread.quote(application, "lianhu", product=thread.see(case).number)


def test_cases_of_an_older_register_are_asked_only_what_they_know(thread: Thread) -> None:
    """A case keeps the version it was opened under: later actions of the system are not for it."""
    row = thread.application()
    assert takes_from_system(row, "end_authorisation")
    assert not takes_from_system(row, "choose")
    assert not takes_from_system(row, "an_action_of_a_later_version")
