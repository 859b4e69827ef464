"""Edge cases of lots and notices: contracts over several lots, calls for tenders."""

import datetime as dt
import uuid

import pytest

from honghu.domains.financing.commands.disbursements import UnableToDisburse
from honghu.domains.financing.queries.coverage import coverage
from honghu.domains.procurement.models import Award, Contract, Notice
from honghu.domains.procurement.queries import contracts_of_award
from honghu.kernel.cases.queries import cases_with_fact
from honghu.site.county import Member
from tests import notices
from tests.thread import Thread, begin

TENDER = """洪湖市荷塘小学录播教室设备采购项目竞争性磋商公告

一、项目基本情况

项目编号：HHCG-2026-201

项目名称：洪湖市荷塘小学录播教室设备采购项目

预算金额：1050000.00元

二、获取采购文件

时间：2026-05-04至2026-05-11

三、响应文件提交

截止时间：2026-05-15 09:30

四、公告期限：2026-05-04至2026-05-07

五、其他补充事宜

{channel}

六、凡对本次采购提出询问，请按以下方式联系

采购人：洪湖市荷塘小学
"""


@pytest.fixture
def lots(county: dict[str, Member], now: dt.datetime) -> Thread:
    """One supplier has won two lots: 1,000,000.00 and 500,000.00 yuan."""
    return begin(county, now, notices.lots_award())


def _published() -> list[tuple[str | None, int | None, list[str]]]:
    rows = Contract.objects.order_by("award__lot")
    return [
        (each.award.lot if each.award else None, each.amount_fen, each.differences) for each in rows
    ]


def test_edge_one_contract_covers_several_lots(lots: Thread) -> None:
    """Each lot is priced by its own part of the contract, and told as published."""
    lots.take(notices.contract(amount="1500000.00元"), "contract.txt")
    assert _published() == [("1", 100_000_000, []), ("2", 50_000_000, [])]
    for award in Award.objects.all():
        contract = contracts_of_award(award.id)[0]
        assert (contract.amount_fen, contract.differences) == (award.amount_fen, ())


def test_edge_a_contract_of_one_of_several_lots_is_known_by_its_amount(lots: Thread) -> None:
    lots.take(notices.contract(amount="500000.00元"), "contract.txt")
    assert _published() == [("2", 50_000_000, [])]


def test_edge_a_contract_whose_lots_do_not_add_up_goes_to_a_person(lots: Thread) -> None:
    lots.take(notices.contract(amount="1499999.99元"), "contract.txt")
    assert _published() == [(None, 149_999_999, ["award"])]


def test_edge_one_supplier_with_several_lots_has_an_application_for_each(lots: Thread) -> None:
    rows = cases_with_fact(
        "financing-application", fact="project_no", value=notices.NUMBER, now=lots.now
    )
    assert [row.facts["lot"] for row in rows] == ["1", "2"]
    limits = {row.facts["award"] for row in rows}
    assert len(limits) == 2


def test_edge_lots_as_notices_of_their_own_under_one_number(
    county: dict[str, Member], now: dt.datetime
) -> None:
    """Two notices with one project number and other lots are two awards, none a version."""
    thread = begin(county, now)
    thread.take(notices.award(project=f"{notices.PROJECT}二期"), "second.txt")
    assert Award.objects.filter(project_no=notices.NUMBER, status="active").count() == 2
    assert not Notice.objects.exclude(supersedes=None).exists()


def test_edge_challenge_pending_blocks_drawing(county: dict[str, Member], now: dt.datetime) -> None:
    """条例 art 54: while a challenge waits for its answer, nothing is drawn."""
    thread = begin(county, now)
    loan = thread.locked()
    thread.open(
        "award-challenge",
        "lodge",
        "clerk",
        form={
            "award": str(thread.award.id),
            "challenger": "洪湖市另一家公司",
            "received_on": thread.now.date().isoformat(),
            "subject": "评分有误",
        },
        evidence={"letter": [thread.file("clerk", "letter")]},
    )
    with pytest.raises(UnableToDisburse, match=r".+") as refused:
        thread.do(
            loan,
            "propose_disbursement",
            "lianhu-manager",
            {"amount": 70_000_000, "override_reason": "无"},
        )
    assert refused.value.code == UnableToDisburse.code
    assert "质疑" in refused.value.message


def test_edge_payment_to_another_account_is_a_risk_of_the_same_day(
    county: dict[str, Member], now: dt.datetime
) -> None:
    thread = begin(county, now)
    loan = thread.drawn()
    thread.pay(loan, 1_000_000, account="6222000099998888")
    risk = thread.children(loan, "risk-event")[-1]
    assert risk.facts["kind"] == "other_account"
    assert risk.opened_at.date() == thread.now.date()


@pytest.mark.parametrize(
    ("channel", "stated"),
    [
        ("中标供应商可通过湖北省政府采购合同融资平台申请政采贷，咨询电话：0716-2200001。", 1),
        ("无。", 0),
    ],
)
def test_a_call_for_tenders_is_filed_and_counts_for_coverage(
    county: dict[str, Member], now: dt.datetime, channel: str, stated: int
) -> None:
    thread = begin(county, now)
    taken = thread.take(TENDER.format(channel=channel).encode(), "tender.txt")
    assert (taken.kind, taken.status) == ("tender", "filed")
    notice = Notice.objects.get(pk=taken.notice_id)
    assert (notice.project_no, notice.buyer) == ("HHCG-2026-201", notices.BUYER)
    assert Award.objects.filter(notice_id=uuid.UUID(str(taken.notice_id))).count() == 0
    Notice.objects.filter(pk=notice.id).update(published_date=dt.date(2026, 5, 4))
    months = coverage(from_date=dt.date(2026, 5, 1), to_date=dt.date(2026, 5, 31), kind="tender")
    assert [(each.notices, each.stated) for each in months] == [(1, stated)]
