"""What became of the sample's loans and contracts: paid, settled, and what went otherwise.

The treasury pays most contracts within the year, so that their loans are settled on a second
person's verification. One account was changed with all four conditions; one payment went elsewhere
and was put right, another was mistyped, taken back and recorded again; one supplier let the rest be
paid past its lender, and is barred from financing; one went bankrupt, and its loan was written off
and recovered in part.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from honghu.domains.financing.queries.claims import list_file, listed_buyers
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.models import Position
from honghu.kernel.parties.queries import get_actor
from honghu.site.sample.county import SINCE, SampleCounty
from honghu.site.sample.financing import PILOT_DAY, account_of

FIRST_PART: Final = dt.timedelta(days=150)
LAST_PART: Final = dt.timedelta(days=300)
"""The treasury pays six tenths of a contract after half a year or so, the rest within ten months."""
MISTYPED, STRAY, CHANGED, LOST, BY_STATEMENT, DIVERTED = 3, 4, 15, 20, 23, 25
"""Loans by the day of drawing: a payment that was mistyped, one that strayed, an account that
changed, a loan that was written off, one whose payments the bank's statement brings (see
`statements`), one whose supplier had the rest paid elsewhere."""


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A drawn loan with the people who carry it on. `price_fen` is the contract's."""

    case_id: uuid.UUID
    award: str
    price_fen: int
    drawn: dt.date
    account_no: str
    supplier: Actor
    buyer: Actor
    manager: Actor
    reviewer: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """Finance bureau and treasury."""

    clerk: Actor
    head: Actor
    treasury: Actor


def load(county: SampleCounty) -> None:
    """Carry the loans of the sample on; without loans nothing."""
    loans = served_loans()
    if not loans:
        return
    treasury = county.organisation("洪湖市国库支付中心", "office")
    office = Office(
        clerk=_holder("procurement_clerk"),
        head=_holder("procurement_office"),
        treasury=county.person("付国清", treasury, ["treasury"]),
    )
    _scheme(county, office)
    _challenge(county, office, loans[8])
    for index, loan in enumerate(loans):
        if index == CHANGED:
            loan = _change_account(county, office, loan)  # noqa: PLW2901 the same loan since
        if index == MISTYPED:
            _mistype(county, office, loan)
        if index not in {LOST, BY_STATEMENT, DIVERTED}:
            _repaid(county, office, loan, strays=index == STRAY)
    _divert(county, office, loans[DIVERTED])
    _lose(county, office, loans[LOST])
    _flag_dismissed(county, office, loans[10])
    _confirmed_receivable(county, loans[16])
    _claims(county, office, loans)
    _publish_list(county, office, 2025)


def served_loans() -> list[Served]:
    """The drawn loans in the order of their contracts."""
    rows = Case.objects.filter(register="financing-loan", facts__drawn_on__isnull=False)
    found = []
    for facts, case_id in rows.order_by("facts__contract_no").values_list("facts", "id"):
        bank = uuid.UUID(facts["bank"])
        found.append(
            Served(
                case_id=case_id,
                award=facts["award"],
                price_fen=facts["contract_amount"],
                drawn=dt.date.fromisoformat(facts["drawn_on"]),
                account_no=account_of(facts["contract_no"].removesuffix("-HT")),
                supplier=_holder("supplier", uuid.UUID(facts["supplier"])),
                buyer=_holder("buyer", uuid.UUID(facts["buyer"])),
                manager=_holder("bank_manager", bank),
                reviewer=_holder("bank_reviewer", bank),
            )
        )
    return found


def _holder(role: str, organisation_id: uuid.UUID | None = None) -> Actor:
    """The sample's person who holds a role, of one organisation if it is given."""
    held = Position.objects.filter(role=role, from_date=SINCE)
    if organisation_id is not None:
        held = held.filter(organisation_id=organisation_id)
    position = held.order_by("id")[0]
    return get_actor(
        person_id=position.person_id, on=SINCE, organisation_id=position.organisation_id
    )


def _scheme(county: SampleCounty, office: Office) -> None:
    at = county.at(PILOT_DAY - dt.timedelta(days=9))
    paper = county.paper(office.clerk, at, "洪湖市政府采购合同融资实施方案")
    scheme = county.open(
        "financing-scheme", office.clerk, at,
        {
            "scheme_name": "洪湖市政府采购合同融资实施方案（试行）",
            "document_no": "洪财采发〔2022〕3号",
            "issued_by": "洪湖市财政局",
            "effective_from": PILOT_DAY.isoformat(),
            "summary": "政府引导、市场运作；除自然人保证外不要求担保，利率低于同类流动资金贷款两成以上。",
        },
        action="draft", evidence={"document": [paper]},
    )  # fmt: skip
    county.move(scheme, "approve", office.head, county.at(PILOT_DAY, 9), {"result": "passed"})


def _challenge(county: SampleCounty, office: Office, loan: Served) -> None:
    """A bidder's challenge, answered and found groundless."""
    day = loan.drawn - dt.timedelta(days=12)
    letter = county.paper(office.clerk, county.at(day), "质疑函")
    case = county.open(
        "award-challenge", office.clerk, county.at(day),
        {
            "award": loan.award,
            "challenger": "洪湖市藕塘商贸有限公司",
            "received_on": day.isoformat(),
            "subject": "认为成交供应商的业绩证明材料不符合采购文件要求。",
        },
        action="lodge", evidence={"letter": [letter]},
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=3))
    answer = county.paper(office.clerk, at, "质疑答复函")
    outcome = {"outcome": "经核对评审记录和业绩合同原件，符合采购文件要求，质疑事项不成立。"}
    county.move(case, "answer", office.clerk, at, outcome, evidence={"answer": [answer]})
    at = county.at(day + dt.timedelta(days=4))
    county.move(case, "verify", office.head, at, {"result": "passed_dismissed"})


def _change_account(county: SampleCounty, office: Office, loan: Served) -> Served:
    """The supplier moves its account: request, consent, confirmation, publication, verification."""
    day, number = loan.drawn + dt.timedelta(days=60), loan.account_no[:-3] + "908"
    change = county.open(
        "account-change", loan.supplier, county.at(day),
        {"new_account_no": number, "reason": "开户网点撤并，账号换号"},
        action="request", parent_id=loan.case_id,
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=1))
    consent = county.paper(loan.reviewer, at, "同意变更回款账户的函")
    county.move(change, "consent", loan.reviewer, at, evidence={"consent": [consent]})
    at = county.at(day + dt.timedelta(days=2))
    county.move(change, "confirm", loan.buyer, at)
    notice = county.paper(loan.buyer, at, "合同账户变更补充协议公告")
    county.move(
        change, "publish", loan.buyer, at,
        {"published_on": (day + dt.timedelta(days=2)).isoformat()}, evidence={"notice": [notice]},
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=3))
    check = county.paper(office.head, at, "回款账户变更核验单")
    county.move(
        change, "verify", office.head, at, {"result": "passed"}, evidence={"check": [check]}
    )
    return dataclasses.replace(loan, account_no=number)


def _repaid(county: SampleCounty, office: Office, loan: Served, *, strays: bool) -> None:
    """Two payments clear the loan; the bank applies for settlement, the head verifies it."""
    first = loan.price_fen * 6 // 10
    stray = loan.price_fen // 10 if strays else 0
    pay(county, office.treasury, loan, first, loan.drawn + FIRST_PART, part=1)
    if stray:
        day = loan.drawn + FIRST_PART + dt.timedelta(days=20)
        pay(county, office.treasury, loan, stray, day, part=3, account_no="4210839900112233")
        _clear_risk(county, office, loan, day)
    pay(
        county,
        office.treasury,
        loan,
        loan.price_fen - first - stray,
        loan.drawn + LAST_PART,
        part=2,
    )
    settle_loan(county, office.head, loan, loan.drawn + LAST_PART + dt.timedelta(days=3))


def _mistype(county: SampleCounty, office: Office, loan: Served) -> None:
    """The first payment is recorded a day early, with the day in its number; it is taken back."""
    day = loan.drawn + FIRST_PART - dt.timedelta(days=1)
    pay(county, office.treasury, loan, loan.price_fen * 6 // 10, day, part=1)
    at = county.at(day, 16)
    voucher = county.paper(office.treasury, at, "国库集中支付凭证")
    wrong = {
        "reference": _reference(loan, day, 1),
        "fault": "day",
        "reason": "付款日期早录一日，凭证号随之有误，应为次日。",
    }
    case = county.open(
        "payment-retraction", office.treasury, at, wrong,
        action="request", parent_id=loan.case_id, evidence={"proof": [voucher]},
    )  # fmt: skip
    at = county.at(day, 17)
    check = county.paper(office.head, at, "付款登记核验单")
    county.move(case, "verify", office.head, at, {"result": "passed"}, evidence={"check": [check]})


def _lose(county: SampleCounty, office: Office, loan: Served) -> None:
    """The supplier goes bankrupt half paid: the bank writes the rest off and recovers some of it."""
    pay(county, office.treasury, loan, loan.price_fen * 3 // 10, loan.drawn + FIRST_PART, part=1)
    _lower_class(county, loan, loan.drawn + dt.timedelta(days=410))
    day = loan.drawn + dt.timedelta(days=640)
    at = county.at(day)
    proof = county.paper(loan.manager, at, "法院受理破产清算裁定书")
    grounds = {
        "grounds": "供应商已进入破产清算，合同解除；经诉讼和申报债权，尚欠本息预计无法收回。"
    }
    county.move(
        loan.case_id, "propose_write_off", loan.manager, at, grounds, evidence={"proof": [proof]}
    )
    at = county.at(day + dt.timedelta(days=2))
    county.move(loan.case_id, "decide_write_off", loan.reviewer, at, {"result": "approved"})
    paid = day + dt.timedelta(days=170)
    pay(county, office.treasury, loan, loan.price_fen // 5, paid, part=2)


def _lower_class(county: SampleCounty, loan: Served, day: dt.date) -> None:
    """The bank judges the loan to be doubtful before the rules would; a second person verifies."""
    at = county.at(day)
    proof = county.paper(loan.manager, at, "贷后检查报告")
    found = {
        "wanted": "doubtful",
        "found": ["impaired"],
        "loss_share": "60",
        "grounds": "供应商停产，合同款多数未到账，预计大部分本金无法收回。",
    }
    case = county.open(
        "loan-class", loan.manager, at, found,
        action="lower", parent_id=loan.case_id, evidence={"proof": [proof]},
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=1))
    check = county.paper(loan.reviewer, at, "分类复核意见")
    county.move(
        case, "verify", loan.reviewer, at, {"result": "passed"}, evidence={"check": [check]}
    )


def settle_loan(county: SampleCounty, head: Actor, loan: Served, day: dt.date) -> None:
    """The bank applies, the head of the office verifies: the lock is released."""
    at = county.at(day)
    statement = county.paper(loan.manager, at, "贷款结清证明")
    county.move(
        loan.case_id, "apply_settlement", loan.manager, at, evidence={"statement": [statement]}
    )
    at = county.at(day + dt.timedelta(days=2))
    registry = county.paper(head, at, "动产融资登记注销证明")
    county.move(
        loan.case_id, "verify_settlement", head, at, {"result": "passed"},
        evidence={"registry": [registry]},
    )  # fmt: skip


def pay(
    county: SampleCounty, treasury: Actor, loan: Served, amount_fen: int, day: dt.date,
    *, part: int, account_no: str | None = None,
) -> None:  # fmt: skip
    """The treasury pays a part of a contract, into the locked account unless another is given."""
    form = {
        "amount": amount_fen,
        "paid_on": day.isoformat(),
        "account_no": account_no or loan.account_no,
        "purpose": "final" if part == 2 else "progress",  # noqa: PLR2004 the second part is the last
        "reference": _reference(loan, day, part),
    }
    county.move(loan.case_id, "record_payment", treasury, county.at(day, 15), form)


def _reference(loan: Served, day: dt.date, part: int) -> str:
    """The number of the treasury's voucher for a part of a contract."""
    return f"GK{day:%Y%m%d}{loan.account_no[-3:]}{part}"


def _clear_risk(county: SampleCounty, office: Office, loan: Served, day: dt.date) -> None:
    """The bank reports how a stray payment was put right, the head verifies it."""
    risk = _report_risk(county, loan, day, "采购人已更正收款账户，误付款项由供应商转入回款账户。")
    at = county.at(day + dt.timedelta(days=4))
    check = county.paper(office.head, at, "转账凭证")
    county.move(risk, "verify", office.head, at, {"result": "passed"}, evidence={"proof": [check]})


def _report_risk(county: SampleCounty, loan: Served, day: dt.date, measures: str) -> uuid.UUID:
    risk = Case.objects.get(register="risk-event", parent_id=loan.case_id).id
    at = county.at(day + dt.timedelta(days=2))
    proof = county.paper(loan.manager, at, "处置情况说明")
    county.move(
        risk, "handle", loan.manager, at, {"measures": measures}, evidence={"proof": [proof]}
    )
    return risk


def _divert(county: SampleCounty, office: Office, loan: Served) -> None:
    """Three tenths come into the locked account, the rest past it: a risk, then a sanction."""
    first, day = loan.price_fen * 3 // 10, loan.drawn + LAST_PART
    pay(county, office.treasury, loan, first, loan.drawn + FIRST_PART, part=1)
    rest = loan.price_fen - first
    pay(county, office.treasury, loan, rest, day, part=2, account_no="4210839900445566")
    _report_risk(county, loan, day, "已约谈供应商并提起诉讼，剩余本息追偿中。")
    at = county.at(day + dt.timedelta(days=10))
    proof = county.paper(loan.manager, at, "付款去向核查材料")
    number = find_case(loan.case_id, actor=SYSTEM, now=at).number
    flag = county.open(
        "supplier-sanction", loan.manager, at,
        {
            "supplier": str(loan.supplier.organisation_id),
            "kind": "diversion",
            "loan": number,
            "facts_found": "未经同意将合同尾款收入其他账户，贷款本金到期未还。",
        },
        action="flag", evidence={"proof": [proof]},
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=11))
    county.move(flag, "freeze", office.head, at, {"result": "frozen", "reason": "先行冻结，转调查"})
    at = county.at(day + dt.timedelta(days=35))
    report = county.paper(office.clerk, at, "调查报告")
    found = {
        "proposal": "sanction",
        "findings": "擅自变更回款账户属实，经催收拒不归还。",
        "fine_ratio": "0.8",
        "ban_months": 36,
    }
    county.move(flag, "investigate", office.clerk, at, found, evidence={"report": [report]})
    at = county.at(day + dt.timedelta(days=38))
    decision = county.paper(office.head, at, "处理决定书")
    decided = {"result": "passed_sanction"}
    county.move(flag, "verify", office.head, at, decided, evidence={"decision": [decision]})


def _flag_dismissed(county: SampleCounty, office: Office, loan: Served) -> None:
    """A flag that the head finds groundless: nobody is barred."""
    at = county.at(loan.drawn + dt.timedelta(days=40))
    proof = county.paper(office.clerk, at, "来信")
    flag = county.open(
        "supplier-sanction", office.clerk, at,
        {
            "supplier": str(loan.supplier.organisation_id),
            "kind": "other",
            "facts_found": "来信反映供应商营业执照即将到期。",
        },
        action="flag", evidence={"proof": [proof]},
    )  # fmt: skip
    at = county.at(loan.drawn + dt.timedelta(days=41))
    refused = {"result": "dismissed", "reason": "已换发新照，线索不成立。"}
    county.move(flag, "freeze", office.head, at, refused)


def _confirmed_receivable(county: SampleCounty, loan: Served) -> None:
    """A buyer confirms a receivable within its thirty days."""
    at = county.at(loan.drawn + dt.timedelta(days=30))
    asked = {"award": loan.award, "amount": loan.price_fen // 2}
    case = county.open("receivable-confirmation", loan.supplier, at, asked, action="request")
    at = county.at(loan.drawn + dt.timedelta(days=41))
    paper = county.paper(loan.buyer, at, "应收账款确认书")
    confirmed = {"confirmed_amount": loan.price_fen // 2}
    county.move(case, "confirm", loan.buyer, at, confirmed, evidence={"confirmation": [paper]})


def _claims(county: SampleCounty, office: Office, loans: Sequence[Served]) -> None:
    """What buyers owe: paid in time, paid late, and not paid yet for a part in dispute."""
    _claim(county, office, loans[1], dt.date(2022, 6, 20), paid=dt.date(2022, 7, 12))
    _claim(county, office, loans[6], dt.date(2022, 9, 1), paid=dt.date(2023, 1, 16))
    _claim(county, office, loans[13], dt.date(2023, 3, 1), paid=dt.date(2023, 3, 28))
    unpaid = _claim(county, office, loans[18], dt.date(2023, 5, 20), paid=None)
    disputed = {"disputed": loans[18].price_fen // 20, "reason": "一台设备的安装质量尚在鉴定"}
    county.move(unpaid, "dispute", loans[18].buyer, county.at(dt.date(2023, 6, 9)), disputed)


def _claim(
    county: SampleCounty, office: Office, loan: Served, delivered: dt.date, *, paid: dt.date | None
) -> uuid.UUID:
    at = county.at(delivered + dt.timedelta(days=1))
    proof = county.paper(loan.supplier, at, "验收单")
    form = {
        "award": loan.award,
        "amount": loan.price_fen // 10,
        "basis": "delivery",
        "event_on": delivered.isoformat(),
    }
    case = county.open(
        "payment-due", loan.supplier, at, form, action="claim", evidence={"delivery": [proof]}
    )
    if paid is not None:
        voucher = county.paper(office.treasury, county.at(paid), "支付凭证")
        county.move(
            case, "pay", office.treasury, county.at(paid), {"paid_on": paid.isoformat()},
            evidence={"voucher": [voucher]},
        )  # fmt: skip
        at = county.at(paid + dt.timedelta(days=2))
        receipt = county.paper(loan.supplier, at, "到账回单")
        county.move(
            case, "verify", loan.supplier, at, {"result": "passed"}, evidence={"receipt": [receipt]}
        )
    return case


def _publish_list(county: SampleCounty, office: Office, year: int) -> None:
    """The list of a year's overdue payments, prepared and published in time.

    The regulation asks for it from the year on that it came into force (Decree 802, art. 18).
    """
    content = list_file(year, listed_buyers(year))

    def kept(actor: Actor, at: dt.datetime) -> str:
        return store_evidence(
            content=content, filename=f"overdue-{year}.csv", actor=actor, now=at, kind="document"
        ).sha256

    at = county.at(dt.date(year + 1, 3, 12))
    case = county.open(
        "overdue-list", office.clerk, at, {"year": year},
        action="prepare", evidence={"list": [kept(office.clerk, at)]},
    )  # fmt: skip
    at = county.at(dt.date(year + 1, 3, 26))
    recount = [kept(office.head, at)]
    county.move(
        case, "publish", office.head, at, {"result": "passed"}, evidence={"recount": recount}
    )
