"""Corrections, terminations, contracts, pre-awards, candidates, and pages that are no notice."""

import pytest

from honghu.domains.procurement.tests.notices import BUYER, CONTACT, correction, read, wins

A = "洪湖市荷塘家具有限公司"
B = "荆州江汉校具制造有限公司"


def test_replaced_winner_with_the_old_state():
    content = (
        f"原公告中标人：{B}，中标金额：1712300元，原中标结果作废。\n供应商名称：{A}\n"
        "供应商地址：洪湖市新堤街道1号\n中标（成交）金额：1783400.00元"
    )
    notice = read(correction(content))
    assert notice.kind.value == "correction"
    assert notice.first_notice_date.certain == "2026-07-08"
    assert notice.correction_date.certain == "2026-07-15"
    assert notice.publish_date.certain == "2026-07-15"
    assert notice.effect.certain == "replace_winner"
    assert wins(notice) == [(None, A, "1783400.00", "awarded")]
    assert notice.lots[0].before_supplier.certain == B
    assert notice.lots[0].before_amount.certain == "1712300.00"


def test_next_candidate_becomes_winner():
    content = (
        f"由于原成交单位放弃成交资格，确定下一候选人为成交供应商。\n供应商名称：{A}\n"
        "成交金额：\n人民币大写：贰拾叁万肆仟伍佰陆拾柒元\n人民币小写：￥234567.00元"
    )
    notice = read(correction(content))
    assert notice.effect.certain == "replace_winner"
    assert wins(notice) == [(None, A, "234567.00", "awarded")]


def test_capitals_that_contradict_the_digits():
    content = f"供应商名称：{A}\n人民币大写：壹拾壹万元整\n人民币小写：￥234567.00元\n原成交单位放弃成交资格"
    assert read(correction(content)).lots[0].amount.certain is None


def test_replaced_amount():
    content = f"原公告内容：供应商名称：{A}，成交金额：1200000元\n现更正为：供应商名称：{A}，成交金额：1180000元"
    notice = read(correction(content))
    assert notice.effect.certain == "replace_amount"
    assert notice.lots[0].amount.certain == "1180000.00"
    assert notice.lots[0].before_amount.certain == "1200000.00"


def test_amount_replaced_by_a_rate():
    notice = read(correction("原公告中标金额：120万元，现更正为：折扣率85%。其他内容不变。"))
    assert notice.effect.certain == "replace_amount_by_rate"
    lot = notice.lots[0]
    assert (lot.amount.value, lot.rate.certain, lot.rate_kind.certain) == (
        None,
        "85",
        "discount_rate",
    )
    assert lot.before_amount.certain == "1200000.00"


def test_revoked_lot():
    notice = read(correction("第2包中标结果作废，该包重新组织采购。"))
    assert notice.effect.certain == "revoke_lot"
    assert [(lot.lot.certain, lot.status.certain) for lot in notice.lots] == [("2", "revoked")]


def test_revoked_supplier():
    notice = read(correction(f"本项目中标供应商{B}来函放弃成交资格。"))
    assert notice.effect.certain == "revoke_supplier"
    assert wins(notice) == [(None, B, None, "revoked")]


@pytest.mark.parametrize(
    ("content", "item"),
    [
        ("补充上传中小企业声明函，其他内容不变。", "采购结果"),
        ("采购文件第三章技术参数更正。", "采购文件"),
        ("提交投标文件截止时间顺延。", "☑采购公告 ☑采购文件 □采购结果"),
        (f"中标供应商：{A}评审总得分：90.25（分）\n其他内容不变", "采购结果"),
    ],
)
def test_corrections_without_effect_on_the_award(content: str, item: str):
    notice = read(correction(content, item=item))
    assert notice.effect.certain == "none_on_award"
    assert notice.lots == ()
    assert notice.total.certain is None


def termination(reason: str, word: str = "终止") -> str:
    contact = CONTACT.replace("九、", "四、")
    return f"水乡中学课桌椅采购项目{word}公告\n2026年07月15日 10:00 来源：\n一、项目基本情况\n采购项目编号：HXZC-2026-0101\n采购项目名称：水乡中学课桌椅采购项目\n二、项目{word}的原因\n{reason}\n三、其他补充事宜\n无\n{contact}"


def test_termination_of_a_whole_project():
    notice = read(termination("因采购任务取消，本项目终止。"))
    assert notice.kind.value == "termination"
    assert wins(notice) == [(None, None, None, "failed")]
    assert notice.lots[0].reason.certain == "因采购任务取消，本项目终止。"
    assert notice.total.state == "absent"


def test_termination_by_lots():
    notice = read(
        termination("第1包：有效投标人不足三家，废标。第2包：有效投标人不足三家，废标。", "废标")
    )
    assert [(lot.lot.certain, lot.status.certain) for lot in notice.lots] == [
        ("1", "failed"),
        ("2", "failed"),
    ]


def test_termination_without_a_title():
    text = termination("因有效投标单位不足三家，本项目依法废标。", "废标")
    assert read(text.split("\n", 2)[2]).kind.value == "termination"


CONTRACT = f"""水乡中学课桌椅采购项目合同公告
2026年07月20日 10:00 来源： 【打印】
一、合同编号：HXZC-2026-0101-HT
二、合同名称：水乡中学课桌椅采购合同
三、项目编号（或招标编号、政府采购计划编号、采购计划备案文号等，如有）：HXZC-2026-0101
四、项目名称：水乡中学课桌椅采购项目
五、合同主体
采购人（甲方）：{BUYER}
地址：洪湖市滨湖大道8号
供应商（乙方）：{A}
地址：洪湖市新堤街道1号
六、合同主要信息
主要标的数量：1批
主要标的单价：1800000.00元
合同金额：{{amount}}
履约期限、地点等简要信息：自2026年7月21日至2026年9月20日，洪湖市
七、合同签订日期
2026年07月18日
八、合同公告日期
2026年07月20日
九、其他补充事宜
无
附件：采购合同.pdf
"""


def test_contract_notice():
    notice = read(CONTRACT.format(amount="180.000000万元"))
    assert notice.kind.value == "contract"
    assert notice.contract_no.certain == "HXZC-2026-0101-HT"
    assert notice.contract_name.certain == "水乡中学课桌椅采购合同"
    assert notice.project_no.certain == "HXZC-2026-0101"
    assert (notice.buyer.certain, notice.contract_supplier.certain) == (BUYER, A)
    assert notice.contract_amount.certain == "1800000.00"
    assert notice.signed_on.certain == "2026-07-18"
    assert notice.publish_date.certain == "2026-07-20"
    assert notice.performance_from.certain == "2026-07-21"
    assert notice.performance_to.certain == "2026-09-20"
    assert notice.attachments == ("采购合同.pdf",)
    assert wins(notice) == [(None, A, "1800000.00", "awarded")]


def test_contract_amount_against_its_capitals():
    notice = read(CONTRACT.format(amount="1800000.00元，大写：壹佰捌拾壹万元整"))
    assert notice.contract_amount.state == "review"


def test_contract_captured_by_a_portal():
    text = """{
 "publish_time": "2026-07-20 09:17:01",
 "contract_info": {
  "contract_number": "HT-88", "contract_name": "水乡中学空调采购合同",
  "project_number": "HXZC-88", "buyer": "BUYER", "supplier": "SUPPLIER",
  "contract_amount": "860.00元，大写(人民币)：捌佰陆拾元整",
  "performance_period": "2026年07月15日至2031年07月14日"
 }
}"""
    notice = read(text.replace("BUYER", BUYER).replace("SUPPLIER", A))
    assert notice.kind.value == "contract"
    assert (notice.contract_no.certain, notice.project_no.certain) == ("HT-88", "HXZC-88")
    assert notice.publish_date.certain == "2026-07-20"
    assert notice.contract_amount.certain == "860.00"
    assert notice.excerpt(notice.contract_supplier) == A
    assert notice.performance_to.certain == "2031-07-14"


def test_pre_award():
    notice = read(
        f"水乡中学课桌椅采购项目\n预中标结果公示\n公示日期：2026年7月3日\n一\uff0e采购人名称：{BUYER}\n"
        "采购项目名称：水乡中学课桌椅采购项目\n采购项目编号：HXZC-9\n七\uff0e预中标结果：\n"
        f"序号\t预中标单位\t投标报价（万元）\t综合得分\n1\t{A}\t48.2150\t81.20\n八\uff0e其它事项：无\n"
    )
    assert notice.kind.value == "pre_award"
    assert notice.publish_date.certain == "2026-07-03"
    assert wins(notice) == [(None, A, "482150.00", "proposed")]


def test_candidates_keep_their_rank():
    notice = read(
        f"水乡中学课桌椅采购项目中标候选人公示\n项目编号：HXZC-1\n一、中标候选人情况\n第一中标候选人：{A}\n"
        f"投标报价：1880000.00元\n第二中标候选人：{B}\n投标报价：1900000.00元\n"
    )
    assert notice.kind.value == "candidate"
    assert wins(notice) == [
        (None, A, "1880000.00", "candidate_1"),
        (None, B, "1900000.00", "candidate_2"),
    ]
    assert notice.total.state == "absent"


@pytest.mark.parametrize(
    "text",
    [
        "洪湖市召开防汛工作会议\n今天上午，洪湖市召开会议，部署防汛工作。\n",
        "水乡中学课桌椅采购项目公开招标公告\n一、项目基本情况\n项目编号：X-1\n预算金额：100万元\n",
        "水乡中学课桌椅采购项目的中标结果公告\n- 首页\n- 政策法规\n主办：某中心\n",
    ],
)
def test_pages_that_are_no_result_notice(text: str):
    notice = read(text)
    assert notice.kind.value == "unknown"
    assert notice.reasons
    assert notice.lots == ()
