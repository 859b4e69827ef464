"""The channel of contract financing in a notice: printed, absent, or for a person."""

import pytest

from honghu.domains.procurement.readers.policy_channel import (
    NEGATED,
    NO_CHANNEL,
    VAGUE,
    policy_channel,
)

HEAD = "某校桌椅采购项目中标公告\n一、项目编号：X-1\n八、其他补充事宜\n"


@pytest.mark.parametrize(
    "text",
    [
        "中标供应商可凭合同申请政采贷，登录 https://example.org/zcd 办理。",
        "政府采购合同融资：中标供应商可向有关银行申请，详见湖北省政府采购合同融资平台。",
        "1.有融资需求的，可了解“政采贷”政策。\n2.咨询电话：0716-2400000",
        "供应商可通过鄂汇办申请政府采购融资。",
    ],
)
def test_a_policy_with_a_way_to_it_is_printed(text: str) -> None:
    content = (HEAD + text).encode()
    reading = policy_channel(content, name="n.txt")
    assert reading.state == "value"
    assert reading.span is not None
    assert content.decode()[slice(*reading.span)] == reading.value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("本项目落实政采贷政策。", NO_CHANNEL),
        ("本项目不适用政府采购合同融资平台的政采贷。", NEGATED),
        ("鼓励供应商信用融资。", VAGUE),
        ("本项目支持政采贷。\n供应商不得为政府融资平台公司。", NO_CHANNEL),
    ],
)
def test_less_than_that_is_for_a_person(text: str, why: str) -> None:
    reading = policy_channel((HEAD + text).encode(), name="n.txt")
    assert (reading.state, reading.why) == ("review", why)


@pytest.mark.parametrize(
    "text", ["无。", "资金来源：地方政府融资平台公司自筹。", "电话：0716-2400000"]
)
def test_nothing_said_is_absent(text: str) -> None:
    assert policy_channel((HEAD + text).encode(), name="n.txt").state == "absent"


def test_a_page_is_read_as_its_reader_sees_it() -> None:
    page = f"<html><body><p>{HEAD}</p><p>可申请<b>政采</b>贷，</p><p>电话：0716-2400000</p></body></html>"
    assert policy_channel(page.encode(), name="n.html").state == "value"
