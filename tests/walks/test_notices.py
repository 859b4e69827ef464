"""Notices on the desk's side: what is in doubt goes to two persons; versions; links by name."""

import datetime as dt
import uuid

import pytest
from django.utils import translation

from honghu.base.problems import Invalid
from honghu.domains.procurement.commands import NoticeSuperseded, UnableToReadNotice, take_notice
from honghu.domains.procurement.models import Award, Notice
from honghu.domains.procurement.queries import awards_of_notice, first_award, get_notice
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint
from honghu.site.county import Member, ensure_organisation
from tests import notices
from tests.thread import begin

DOUBTFUL = "1268000.00元（大写：壹佰贰拾陆万元整）"
"""Digits and capitals contradict each other: no reader may choose."""


def _take(
    county: dict[str, Member], now: dt.datetime, content: bytes, url: str | None = None
) -> Notice:
    taken = take_notice(
        content=content,
        filename="notice.txt",
        actor=county["clerk"].actor(now.date()),
        now=now,
        source_url=url,
    )
    return Notice.objects.get(pk=taken.notice_id)


def _do(
    county: dict[str, Member], now: dt.datetime, notice: Notice, action: str, who: str, **form: str
) -> None:
    assert notice.case_id is not None
    perform(
        notice.case_id,
        action,
        actor=county[who].actor(now.date()),
        now=now,
        idempotency_key=str(uuid.uuid4()),
        form=form,
    )


def test_an_amount_in_doubt_waits_for_two_persons(
    county: dict[str, Member], now: dt.datetime
) -> None:
    ensure_organisation(notices.SUPPLIER, "enterprise", now=now)
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    assert notice.status == "review"
    assert awards_of_notice(notice.id) == []
    _do(county, now, notice, "confirm", "clerk", corrections="lots[0].amount = 1268000.00")
    assert awards_of_notice(notice.id) == []
    _do(county, now, notice, "verify", "office", result="passed")
    (award,) = awards_of_notice(notice.id)
    assert award.amount_fen == 126_800_000
    reading = get_notice(notice.id).readings["lots[0].amount"]
    assert reading["state"] == "value"
    assert "confirmed by a person" in reading["why"]
    (invited,) = cases_with_fact(
        "financing-application", fact="award", value=str(award.id), now=now
    )
    assert invited.state == "invited"


def test_who_confirmed_may_not_verify(county: dict[str, Member], now: dt.datetime) -> None:
    clerk = county["clerk"]
    appoint(
        person_id=clerk.person_id,
        organisation_id=clerk.organisation_id,
        role="procurement_office",
        from_date=dt.date(2026, 1, 1),
    )
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    _do(county, now, notice, "confirm", "clerk", corrections="lots[0].amount = 1268000.00")
    with pytest.raises(SameHands):
        _do(county, now, notice, "verify", "clerk", result="passed")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lots[0].amount 1268000", "Line 1"),
        ("lots[9].amount = 1", "no field"),
        ("lots[0].amount = about a million", "no amount"),
        ("lots[0].amount = -5", "no amount"),
        ("project_name = 某项目", "lots[0].amount"),
    ],
)
def test_a_confirmation_that_settles_nothing_is_refused(
    county: dict[str, Member], now: dt.datetime, typed: str, said: str
) -> None:
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    with translation.override("en"), pytest.raises(Invalid) as refusal:
        _do(county, now, notice, "confirm", "clerk", corrections=typed)
    assert said in refusal.value.message
    assert Notice.objects.get(pk=notice.id).status == "review"


def test_none_means_not_stated_and_makes_no_amount(
    county: dict[str, Member], now: dt.datetime
) -> None:
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    _do(county, now, notice, "confirm", "clerk", corrections="lots[0].amount = 无")
    _do(county, now, notice, "verify", "office", result="passed")
    (award,) = awards_of_notice(notice.id)
    assert award.amount_fen is None


def test_a_discarded_notice_changes_nothing(county: dict[str, Member], now: dt.datetime) -> None:
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    _do(county, now, notice, "discard", "office", reason="与本县无关")
    assert Notice.objects.get(pk=notice.id).status == "discarded"
    assert Award.objects.count() == 0


def test_a_correction_without_number_is_linked_by_name_and_confirmed_by_a_person(
    county: dict[str, Member], now: dt.datetime
) -> None:
    thread = begin(county, now)
    correction = _take(county, now, notices.correction(number="/"))
    assert correction.status == "review"
    case = find_case(correction.case_id or uuid.uuid4(), actor=SYSTEM, now=now)
    assert "link: " in case.facts["doubts"]
    assert Award.objects.get(pk=thread.award.id).status == "active"
    _do(county, now, correction, "confirm", "clerk", corrections="project_no = 无")
    _do(county, now, correction, "verify", "office", result="passed")
    assert Award.objects.get(pk=thread.award.id).status == "replaced"


def test_a_new_version_from_the_same_address_supersedes(
    county: dict[str, Member], now: dt.datetime
) -> None:
    url = "https://procurement.example/notice/1"
    first = _take(county, now, notices.award(), url)
    second = _take(county, now, notices.award(amount="99.0000000（万元）"), url)
    assert second.version == 2
    assert second.supersedes_id == first.id
    statuses = dict(Award.objects.values_list("notice_id", "status"))
    assert statuses == {first.id: "replaced", second.id: "active"}
    (before,), (after,) = awards_of_notice(first.id), awards_of_notice(second.id)
    assert first_award(after.id) == before.id
    cases = cases_with_fact(
        "financing-application", fact="project_no", value=notices.NUMBER, now=now
    )
    assert [(case.state, case.facts["award_amount"]) for case in cases] == [
        ("frozen", 100_000_000),
        ("unclaimed", 99_000_000),
    ]


def test_gbk_and_utf8_bytes_of_one_text_read_alike(
    county: dict[str, Member], now: dt.datetime
) -> None:
    text = notices.award().decode()
    utf8, gbk = _take(county, now, text.encode()), _take(county, now, text.encode("gb18030"))
    assert utf8.id != gbk.id
    values = [
        {name: reading["value"] for name, reading in get_notice(n.id).readings.items()}
        for n in (utf8, gbk)
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "今天天气很好".encode(), b"%PDF-1.7"])
def test_what_is_no_notice_is_refused_and_leaves_nothing(
    county: dict[str, Member], now: dt.datetime, content: bytes
) -> None:
    with pytest.raises(UnableToReadNotice):
        _take(county, now, content)
    assert Notice.objects.count() == 0


def test_a_correction_that_names_no_lot_of_several_waits_for_a_person(
    county: dict[str, Member], now: dt.datetime
) -> None:
    lots = """一、项目编号：HHCG-2026-200

二、项目名称：洪湖市荷塘小学设备项目

三、中标（成交）信息

包1：

供应商名称：洪湖市青莲教育装备有限公司

中标（成交）金额：100.0000000（万元）

包2：

供应商名称：洪湖市碧叶家具有限公司

中标（成交）金额：50.0000000（万元）

九、凡对本次公告内容提出询问，请按以下方式联系。

1.采购人信息

名 称：洪湖市荷塘小学
"""
    award = _take(county, now, ("洪湖市荷塘小学设备项目中标公告\n\n" + lots).encode())
    assert len(awards_of_notice(award.id)) == 2
    correction = _take(
        county, now, notices.correction(number="HHCG-2026-200", project="洪湖市荷塘小学设备项目")
    )
    assert correction.status == "review"
    _do(county, now, correction, "confirm", "clerk", corrections="lots[0].lot = 1")
    _do(county, now, correction, "verify", "office", result="passed")
    statuses = [award.status for award in awards_of_notice(award.id)]
    assert statuses == ["replaced", "active"]


def test_a_discarded_version_hides_no_earlier_one(
    county: dict[str, Member], now: dt.datetime
) -> None:
    """The second version is discarded, the third takes effect: the first gives way to it."""
    url = "https://procurement.example/notice/2"
    first = _take(county, now, notices.award(), url)
    second = _take(county, now, notices.award(amount=DOUBTFUL), url)
    _do(county, now, second, "discard", "office", reason="误采")
    third = _take(county, now, notices.award(amount="98.0000000（万元）"), url)
    statuses = dict(Award.objects.values_list("notice_id", "status"))
    assert statuses == {first.id: "replaced", third.id: "active"}
    (before,), (after,) = awards_of_notice(first.id), awards_of_notice(third.id)
    assert first_award(after.id) == before.id
    assert Notice.objects.get(pk=second.id).status == "discarded"


def test_a_version_that_waits_takes_no_effect_after_a_newer_one(
    county: dict[str, Member], now: dt.datetime
) -> None:
    url = "https://procurement.example/notice/3"
    _take(county, now, notices.award(), url)
    second = _take(county, now, notices.award(amount=DOUBTFUL), url)
    third = _take(county, now, notices.award(amount="98.0000000（万元）"), url)
    _do(county, now, second, "confirm", "clerk", corrections="lots[0].amount = 1.00")
    with pytest.raises(NoticeSuperseded):
        _do(county, now, second, "verify", "office", result="passed")
    assert list(Award.objects.filter(status="active").values_list("notice_id")) == [(third.id,)]


def test_checks_are_counted_as_checks(county: dict[str, Member], now: dt.datetime) -> None:
    """What passed at once was never returned: the counter says how often it was checked."""
    notice = _take(county, now, notices.award(amount=DOUBTFUL))
    _do(county, now, notice, "confirm", "clerk", corrections="lots[0].amount = 1268000.00")
    _do(county, now, notice, "verify", "office", result="passed")
    detail = get_case(notice.case_id or uuid.uuid4(), actor=SYSTEM, now=now)
    assert detail.counters == {"checks": 1}
