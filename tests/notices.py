"""Notices in the statutory format (财办库〔2020〕50号), written for the tests; nobody here exists."""

BUYER = "洪湖市荷塘小学"
SUPPLIER = "洪湖市青莲教育装备有限公司"
PROJECT = "洪湖市荷塘小学录播教室设备采购项目"
NUMBER = "HHCG-2026-118"


def award(
    *,
    number: str = NUMBER,
    project: str = PROJECT,
    supplier: str = SUPPLIER,
    amount: str = "100.0000000（万元）",
    published: str = "2026年05月11日",
    supplement: str = "无",
) -> bytes:
    """An award notice of one lot."""
    return f"""{project}中标公告

{published} 09:30 来源：

一、项目编号：{number}

二、项目名称：{project}

三、中标（成交）信息

供应商名称：{supplier}

供应商地址：湖北省荆州市洪湖市荷塘路8号

中标（成交）金额：{amount}

七、公告期限

自本公告发布之日起1个工作日。

八、其他补充事宜

{supplement}

九、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：{BUYER}

地址：洪湖市荷塘路1号

2.采购代理机构信息

名 称：洪湖市荷风招标代理有限公司
""".encode()


def contract(
    *,
    number: str = NUMBER,
    project: str = PROJECT,
    supplier: str = SUPPLIER,
    amount: str = "1000000.00元",
) -> bytes:
    """The contract notice of that award."""
    return f"""{project}合同公告

一、合同编号：{number}-HT

二、合同名称：{project}合同

三、项目编号：{number}

四、项目名称：{project}

五、合同主体

采购人（甲方）：{BUYER}

地址：洪湖市荷塘路1号

供应商（乙方）：{supplier}

地址：湖北省荆州市洪湖市荷塘路8号

六、合同主要信息

主要标的名称：录播教室设备

合同金额：{amount}

七、合同签订日期：2026-05-20

八、合同公告日期：2026-05-21
""".encode()


def correction(
    *,
    number: str = NUMBER,
    project: str = PROJECT,
    amount: str = "90万元",
    content: str | None = None,
) -> bytes:
    """A correction of the result: another amount, or what `content` says."""
    replaced = f"""原中标（成交）金额：100万元，现更正为：中标（成交）金额：{amount}。

中标供应商：{SUPPLIER}"""
    return f"""{project}更正公告

一、项目基本情况

原公告的采购项目编号：{number}

原公告的采购项目名称：{project}

首次公告日期：2026年05月11日

二、更正信息

更正事项：采购结果

更正内容：

{content or replaced}

更正日期：2026年05月18日

三、其他补充事宜

四、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：{BUYER}
""".encode()


def termination(*, number: str = NUMBER, project: str = PROJECT) -> bytes:
    """A termination of the project."""
    return f"""{project}终止公告

一、项目基本情况

采购项目编号：{number}

采购项目名称：{project}

二、项目终止的原因

因采购任务取消，终止本项目。

三、其他补充事宜

四、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：{BUYER}
""".encode()


def lots_award(*, number: str = NUMBER, project: str = PROJECT, failed: bool = False) -> bytes:
    """An award notice of two lots, both won by one supplier, or the second failed."""
    second = (
        "废标（终止）原因：投标人不足三家"
        if failed
        else f"供应商名称：{SUPPLIER}\n\n中标（成交）金额：50.0000000（万元）"
    )
    return f"""{project}中标公告

2026年05月11日 09:30 来源：

一、项目编号：{number}

二、项目名称：{project}

三、中标（成交）信息

包1：

供应商名称：{SUPPLIER}

中标（成交）金额：100.0000000（万元）

包2：

{second}

九、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：{BUYER}
""".encode()
