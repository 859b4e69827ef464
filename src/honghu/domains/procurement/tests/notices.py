"""Small notices in the statutory format, with invented organisations, for the reader's tests."""

from honghu.domains.procurement.readers import Notice, read_notice

BUYER = "洪湖市水乡中学"
AGENCY = "湖北荷香项目管理有限公司"
CONTACT = f"""九、凡对本次公告内容提出询问，请按以下方式联系。
1.采购人信息
名 称：{BUYER}
地址：洪湖市滨湖大道8号
联系方式：0716-2400001
2.采购代理机构信息
名 称：{AGENCY}
地　址：洪湖市文泉大道2号
联系方式：0716-2400002
3.项目联系方式
项目联系人：陈工
电　话：0716-2400002
"""
TAIL = f"""五、评审专家（单一来源采购人员）名单：
甲一、乙二、丙三（采购人代表）
六、代理服务收费标准及金额：
本项目代理费总金额：{{fee}}
七、公告期限
自本公告发布之日起1个工作日。
八、其他补充事宜
{{supplement}}
{CONTACT}"""
HEAD = """{title}
2026年07月08日 09:30 来源： 【打印】
{summary}一、项目编号：{number}
二、项目名称：{name}
"""


def award(
    result: str,
    *,
    title: str = "水乡中学课桌椅采购项目中标（成交）结果公告",
    name: str = "水乡中学课桌椅采购项目",
    number: str = "HXZC-2026-0101",
    items: str = "详见响应文件",
    supplement: str = "无",
    total: str | None = None,
    fee: str = "0.300000 万元（人民币）",
    head: str = "三、中标（成交）信息",
) -> str:
    """An award notice around the given result section; ``total`` adds the portal's summary."""
    summary = (
        ""
        if total is None
        else f"公告概要：公告信息：采购项目名称{name}采购单位{BUYER}行政区域洪湖市公告时间2026年07月08日 09:30评审专家名单甲一总中标金额￥{total} 万元（人民币）联系人及联系方式：项目联系人陈工\n"
    )
    opening = HEAD.format(title=title, summary=summary, number=number, name=name)
    return f"{opening}{head}\n{result}\n四、主要标的信息\n{items}\n" + TAIL.format(
        fee=fee, supplement=supplement
    )


def correction(
    content: str,
    *,
    item: str = "采购结果",
    title: str = "水乡中学课桌椅采购项目成交公告更正公告",
) -> str:
    """A correction notice around the given content."""
    return f"""{title}
2026年07月15日 10:00 来源： 【打印】
一、项目基本情况
原公告的采购项目编号：HXZC-2026-0101
原公告的采购项目名称：水乡中学课桌椅采购项目
首次公告日期：2026年07月08日
二、更正信息
更正事项：{item}
更正内容：
{content}
更正日期：2026年07月15日
三、其他补充事宜
无
{CONTACT.replace("九、", "四、")}"""


def read(text: str, *, encoding: str = "utf-8", name: str = "notice.txt") -> Notice:
    """Read a text as the reader gets it: bytes."""
    return read_notice(text.encode(encoding), name=name)


def wins(notice: Notice) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """(lot, supplier, amount, status) of every lot, only what is stated for certain."""
    return [
        (lot.lot.certain, lot.supplier.certain, lot.amount.certain, lot.status.certain)
        for lot in notice.lots
    ]


def rates(notice: Notice) -> list[tuple[str | None, str | None, str | None]]:
    """(supplier, rate, kind) of every lot, only what is stated for certain."""
    return [(lot.supplier.certain, lot.rate.certain, lot.rate_kind.certain) for lot in notice.lots]
