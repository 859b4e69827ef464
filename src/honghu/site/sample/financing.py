"""Contract financing since the pilot of 2022: twenty-six loans to seventeen suppliers by four banks.

Every loan comes out of an award notice in the statutory format (财办库〔2020〕50号) that is read like
any other, and goes the whole way: authorisation, application, quote, contract, locked account.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.base.identifiers import uscc_check_digit
from honghu.domains.financing.commands.monthly_returns import RETURNS, ask_returns
from honghu.domains.financing.queries import loan_of_application
from honghu.domains.financing.queries.filings import filings_of_contract
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.queries import AwardRow, awards_of_notice
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.site.sample.county import SampleCounty
from honghu.site.story import INVESTIGATED, application_of

PILOT_DAY: Final = dt.date(2022, 3, 1)
BANKS: Final = (
    ("莲湖农村商业银行洪湖支行", dt.date(2022, 3, 3)),
    ("江荷商业银行洪湖支行", dt.date(2022, 3, 9)),
    ("长渠村镇银行", dt.date(2022, 4, 14)),
    ("洪渔银行洪湖支行", dt.date(2022, 8, 23)),
    ("菱角湖商业银行洪湖支行", dt.date(2022, 10, 18)),
    ("东荆河农商银行洪湖支行", dt.date(2022, 12, 6)),
    ("云帆银行洪湖支行", dt.date(2023, 2, 14)),
    ("新堤村镇银行", dt.date(2023, 4, 11)),
)
"""Invented banks with the day of their filing: three when the pilot began, eight by June 2023."""
LENT_WAN: Final = 15_900
"""What all banks lent since the pilot, in 10,000 yuan (the county's newspaper, June 2023)."""
_NAMES: Final = (
    "青莲教育装备", "江汉医疗器械", "荷风建设工程", "蓝田信息技术", "清源水务", "红菱园林绿化",
    "洪安消防设备", "楚莲物业服务", "沙洲印务", "百渡路桥工程", "金藕食品配送", "望湖节能照明",
    "长堤环保科技", "新滩电气安装", "明渠测绘", "螺山家具制造", "曹市纺织用品",
)  # fmt: skip
_SIZES: Final = ("small", "micro", "medium", "small", "small")
_OWNERSHIP: Final = ("private", "private", "private", "state", "private", "collective", "private")
"""What the suppliers declare when they register, one after the other."""
_BUYERS: Final = (
    "洪湖市荷塘小学", "洪湖市滨湖卫生院", "洪湖市水生态服务中心", "洪湖市城区环卫所",
    "洪湖市第九中学",
)  # fmt: skip
_PROJECTS: Final = (
    "设备采购项目", "信息化改造项目", "维修改造工程", "物资配送服务项目", "照明改造项目",
)  # fmt: skip
_PRODUCT: Final = {
    "product_code": "ZCD",
    "product_name": "政采贷",
    "reference_rate": "4.35",
    "lpr": "3.70",
    "rate_min": "2.00",
    "rate_max": "3.48",
    "ratio_max": "100",
    "tenor_months_max": 36,
    "amount_min": 1,
    "amount_max": 8_900_000_000,
}
_ENTRUSTED_ABOVE_FEN: Final = 1_000_000_000
"""From above 10 million yuan on the contracts have the bank pay itself; none of the loans is larger."""
_WORKING_HOUR: Final = 10
_FIRST_RETURN: Final = 2022 * 12 + 4
"""May 2022, counted in months: the first loan was lent in April."""
_RETURNS: Final = 14
"""Asked for up to June 2023."""


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """The people of the county's side."""

    clerk: Actor
    head: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Bank:
    """A bank with the two persons whom every loan needs."""

    id: uuid.UUID
    manager: Actor
    reviewer: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Deal:
    """One loan to be: who wins what from whom, who lends how much, and when it is awarded."""

    number: str
    supplier: str
    buyer: str
    project: str
    bank: Bank
    amount_fen: int
    awarded: dt.date

    @property
    def contract_fen(self) -> int:
        """The price of the contract; seven tenths of it are lent, as banks do."""
        return -(-self.amount_fen * 10 // 7)


def load(county: SampleCounty) -> None:
    """File the banks and let the loans run their way up to the disbursement."""
    office = _office(county)
    banks = [_file_bank(county, office, name, day) for name, day in BANKS]
    people: dict[str, Actor] = {}
    for deal in _deals(county, banks):
        if deal.supplier not in people:
            _register(county, office, deal, len(people))
        _lend(county, office, deal, people)
    _returns(county, office, banks)


def _returns(county: SampleCounty, office: Office, banks: list[Bank]) -> None:
    """The months of the pilot as the lending banks returned them: on the third, checked on the sixth."""
    managers = {str(bank.id): bank.manager for bank in banks}
    for month in range(_FIRST_RETURN, _FIRST_RETURN + _RETURNS):
        asked = dt.date(month // 12, month % 12 + 1, 1)
        if not ask_returns(now=county.at(asked, 6)):
            continue
        told = (asked - dt.timedelta(days=1)).replace(day=1).isoformat()
        returns = cases_with_fact(RETURNS, fact="month", value=told, now=county.at(asked))
        for row in returns:
            at, checked = (county.at(asked.replace(day=day)) for day in (3, 6))
            county.move(row.id, "confirm", managers[row.facts["bank"]], at)
            paper = county.paper(office.clerk, checked, f"{row.title}月报与账本核对表")
            county.move(
                row.id, "verify", office.clerk, checked, {"result": "passed"},
                evidence={"check": [paper]},
            )  # fmt: skip


def _office(county: SampleCounty) -> Office:
    bureau = county.organisation("洪湖市财政局政府采购管理办公室", "office")
    return Office(
        clerk=county.person("林采文", bureau, ["procurement_clerk"]),
        head=county.person("周复明", bureau, ["procurement_office"]),
    )


def _file_bank(county: SampleCounty, office: Office, name: str, day: dt.date) -> Bank:
    """A bank files with the bureau and lists one product."""
    organisation = county.organisation(name, "bank")
    short = name[:2]
    bank = Bank(
        organisation,
        county.person(f"{short}经理", organisation, ["bank_manager"]),
        county.person(f"{short}审批", organisation, ["bank_reviewer"]),
    )
    at = county.at(day)
    agreement = county.paper(office.clerk, at, f"{name}政府采购合同融资合作协议")
    filing = county.open(
        "serving-bank", office.clerk, at,
        {"bank": str(organisation), "agreement_no": f"洪采融协{day:%Y%m%d}"},
        action="apply", evidence={"agreement": [agreement]},
    )  # fmt: skip
    county.move(filing, "verify", office.head, county.at(day, 15), {"result": "passed"})
    product = county.open(
        "bank-product", bank.manager, county.at(day, 16),
        _PRODUCT | {"effective_from": day.isoformat()}, action="draft",
    )  # fmt: skip
    county.move(product, "verify", office.head, county.at(day, 17), {"result": "passed"})
    return bank


def _deals(county: SampleCounty, banks: list[Bank]) -> list[Deal]:
    """Twelve loans by one bank in the pilot's first months, fourteen by four banks since.

    The later ones bring five suppliers more; the others have had a loan before.
    """
    early, later = len(_NAMES) - 5, 14
    amounts = county.parts(LENT_WAN, early + later)
    deals = []
    for index, amount in enumerate(amounts):
        first = index < early
        since = index - early
        supplier = _NAMES[index] if first else _NAMES[(early + since) % len(_NAMES)]
        start = dt.date(2022, 4, 6) if first else dt.date(2022, 8, 29)
        gap = 4 * index if first else 19 * since
        buyer = _BUYERS[index % len(_BUYERS)]
        deals.append(
            Deal(
                number=f"HHCG-{start.year}-{201 + index}",
                supplier=f"洪湖市{supplier}有限公司",
                buyer=buyer,
                project=f"{buyer}{_PROJECTS[index % len(_PROJECTS)]}（{index + 1}）",
                bank=banks[0] if first else banks[since % 4],
                amount_fen=amount * 1_000_000,
                awarded=start + dt.timedelta(days=gap),
            )
        )
    return deals


def _lend(county: SampleCounty, office: Office, deal: Deal, people: dict[str, Actor]) -> None:
    supplier = _person(county, people, deal.supplier, "enterprise", "supplier")
    buyer = _person(county, people, deal.buyer, "institution", "buyer")
    taken = take_notice(
        content=award_notice(deal), filename=f"{deal.number}.txt", actor=office.clerk,
        now=county.at(deal.awarded, _WORKING_HOUR),
    )  # fmt: skip
    award = awards_of_notice(taken.notice_id)[0]
    loan = _placed(county, deal, award, supplier)
    signed = deal.awarded + dt.timedelta(days=9)
    take_notice(
        content=contract_notice(deal, signed), filename=f"{deal.number}-HT.txt",
        actor=office.clerk, now=county.at(signed, 11),
    )  # fmt: skip
    _filed(county, office, loan, buyer, signed + dt.timedelta(days=1))
    _disbursed(county, deal, loan, buyer, signed + dt.timedelta(days=6))


def _filed(
    county: SampleCounty, office: Office, loan: uuid.UUID, buyer: Actor, day: dt.date
) -> None:
    """The copy of the contract, submitted by the buyer and compared by the office (step D8)."""
    contract = find_case(loan, actor=SYSTEM, now=county.at(day)).facts["contract"]
    for filing in filings_of_contract(contract, now=county.at(day)):
        copy = county.paper(buyer, county.at(day), f"{filing.title}合同副本")
        county.move(filing.id, "submit_copy", buyer, county.at(day), evidence={"copy": [copy]})
        county.move(filing.id, "verify", office.head, county.at(day, 15), {"result": "passed"})


def _person(
    county: SampleCounty, people: dict[str, Actor], name: str, kind: str, role: str
) -> Actor:
    """Somebody of a supplier or buyer, entered when it is first met."""
    if name not in people:
        organisation = county.organisation(name, kind)
        people[name] = county.person(f"{name[3:5]}代表", organisation, [role])
    return people[name]


def _register(county: SampleCounty, office: Office, deal: Deal, number: int) -> None:
    """The supplier is registered by its code two days before its first award."""
    day = deal.awarded - dt.timedelta(days=2)
    first = f"91421083MA4G{number:05d}"
    licence = county.paper(office.clerk, county.at(day), f"{deal.supplier}营业执照")
    entered = county.open(
        "supplier-registration", office.clerk, county.at(day),
        {
            "supplier_name": deal.supplier,
            "uscc": first + uscc_check_digit(first),
            "size": _SIZES[number % len(_SIZES)],
            "ownership": _OWNERSHIP[number % len(_OWNERSHIP)],
        },
        action="enter", evidence={"licence": [licence]},
    )  # fmt: skip
    county.move(entered, "verify", office.head, county.at(day, 15), {"result": "passed"})


def _placed(county: SampleCounty, deal: Deal, award: AwardRow, supplier: Actor) -> uuid.UUID:
    """From the invitation to the bank's approval; the loan's case."""
    bank, day = deal.bank, deal.awarded + dt.timedelta(days=1)
    application = application_of(award, now=county.at(day))
    if application is None:
        message = f"{deal.number} opened no application"
        raise LookupError(message)
    case = application.id
    consent = {
        "consent": True, "bank_one": str(bank.id),
        "expires_on": (day + dt.timedelta(days=60)).isoformat(),
    }  # fmt: skip
    county.move(case, "authorise", supplier, county.at(day), consent)
    wanted = {"amount": deal.amount_fen, "tenor_months": 12, "purpose": "采购原料和支付工资"}
    county.move(case, "apply", supplier, county.at(day, 10), wanted)
    quote = county.open(
        "financing-quote", bank.manager, county.at(day, 14), _quote(deal, day),
        action="draft", parent_id=case,
    )  # fmt: skip
    county.move(quote, "offer", bank.reviewer, county.at(day, 16))
    chosen = {"quote": find_case(quote, actor=SYSTEM, now=county.at(day, 16)).number}
    county.move(case, "choose", supplier, county.at(day, 17), chosen)
    loan = loan_of_application(case)
    proposed = {
        "credit_standing": "good",
        "entrusted_above": _ENTRUSTED_ABOVE_FEN,
        "opinion": "履约记录良好，中标公告原文已核对",
        "checklist": list(INVESTIGATED),
    }
    county.move(loan, "propose", bank.manager, county.at(day, 17, 20), proposed)
    county.move(loan, "approve", bank.reviewer, county.at(day, 17, 40), {"result": "approved"})
    return loan


def _quote(deal: Deal, day: dt.date) -> dict[str, object]:
    return {
        "amount": deal.amount_fen,
        "rate": "3.45",
        "reference_rate": "4.35",
        "ratio": "90",
        "tenor_months": 12,
        "fee": 0,
        "collateral": False,
        "valid_until": (day + dt.timedelta(days=15)).isoformat(),
    }


def _disbursed(
    county: SampleCounty, deal: Deal, loan: uuid.UUID, buyer: Actor, day: dt.date
) -> None:
    """The account proposed, confirmed by the buyer, locked; the money paid out by two persons."""
    bank = deal.bank
    account = {
        "account_no": account_of(deal.number),
        "registration_no": f"ZD{deal.number[-8:]}",
        "warranty": 0,
        "prepayment": 0,
    }
    county.move(loan, "propose_lock", bank.manager, county.at(day), account)
    county.move(loan, "confirm_account", buyer, county.at(day, 10), {"result": "confirmed"})
    county.move(loan, "lock", bank.reviewer, county.at(day, 11))
    release = {"amount": deal.amount_fen, "override_reason": "采购人书面确认质疑期内无质疑"}
    county.move(loan, "propose_disbursement", bank.manager, county.at(day, 14), release)
    county.move(loan, "disburse", bank.reviewer, county.at(day, 15), {"result": "released"})


def account_of(project_no: str) -> str:
    """The account into which a project's contract is paid: invented, and the same when asked again."""
    return f"421083{''.join(filter(str.isdigit, project_no)):0>10}"


def award_notice(deal: Deal) -> bytes:
    """The result of a procurement as its notice says it."""
    return f"""{deal.project}成交结果公告

{deal.awarded:%Y年%m月%d日} 09:00 来源：

一、项目编号：{deal.number}

二、项目名称：{deal.project}

三、中标（成交）信息

供应商名称：{deal.supplier}

供应商地址：湖北省荆州市洪湖市新堤街道

中标（成交）金额：{deal.contract_fen // 1_000_000}.{deal.contract_fen % 1_000_000:06d}（万元）

七、公告期限

自本公告发布之日起1个工作日。

八、其他补充事宜

无

九、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：{deal.buyer}

地址：洪湖市新堤街道

2.采购代理机构信息

名 称：洪湖市莲叶招标代理有限公司
""".encode()


def contract_notice(deal: Deal, signed: dt.date) -> bytes:
    """The published contract of that award."""
    return f"""{deal.project}合同公告

一、合同编号：{deal.number}-HT

二、合同名称：{deal.project}合同

三、项目编号：{deal.number}

四、项目名称：{deal.project}

五、合同主体

采购人（甲方）：{deal.buyer}

地址：洪湖市新堤街道

供应商（乙方）：{deal.supplier}

地址：湖北省荆州市洪湖市新堤街道

六、合同主要信息

主要标的名称：详见合同

合同金额：{deal.contract_fen // 100}.{deal.contract_fen % 100:02d}元

七、合同签订日期：{signed - dt.timedelta(days=2)}

八、合同公告日期：{signed}
""".encode()
