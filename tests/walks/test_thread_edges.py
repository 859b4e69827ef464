"""Corners of the thread where two rules meet."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from honghu.base.problems import HonghuError
from honghu.domains.financing.commands.locks import UnableToLockAccount
from honghu.domains.financing.queries import get_ceiling
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.events import NoticeTaken
from honghu.domains.procurement.models import Award, Notice
from honghu.domains.procurement.queries import awards_of_notice
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.thread import Thread, begin

WHY = {"override_reason": "采购人书面确认无质疑"}


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _quoted(thread: Thread) -> tuple[uuid.UUID, uuid.UUID]:
    """An application with an offered quote of Lianhu's."""
    application = thread.application().id
    bank = str(thread.cast["lianhu-manager"].organisation_id)
    expires = (thread.now.date() + dt.timedelta(days=60)).isoformat()
    thread.do(
        application,
        "authorise",
        "supplier",
        {"consent": True, "bank_one": bank, "expires_on": expires},
    )
    thread.do(
        application,
        "apply",
        "supplier",
        {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货"},
    )
    quote = open_case(
        "financing-quote",
        action="draft",
        actor=thread.cast["lianhu-manager"].actor(thread.now.date()),
        now=thread.now,
        idempotency_key=str(uuid.uuid4()),
        parent_id=application,
        form={
            "amount": 70_000_000,
            "rate": "2.76",
            "reference_rate": "3.65",
            "ratio": "90",
            "tenor_months": 6,
            "fee": 0,
            "collateral": False,
            "valid_until": expires,
        },
    ).case_id
    thread.do(quote, "offer", "lianhu-reviewer")
    return application, quote


@pytest.mark.parametrize(
    ("action", "who", "form"),
    [("decline", "supplier", {}), ("void", "office", {"reason": "项目取消"})],
)
def test_quotes_end_with_their_application(
    thread: Thread, action: str, who: str, form: dict[str, Any]
) -> None:
    application, quote = _quoted(thread)
    thread.do(application, action, who, form)
    assert thread.see(quote).state == "withdrawn"


def test_quotes_end_when_a_correction_freezes_their_application(thread: Thread) -> None:
    """They were made for another award; after resumption every bank is authorised anew."""
    application, quote = _quoted(thread)
    thread.take(notices.correction(), "correction.txt")
    assert thread.see(application).state == "frozen"
    assert thread.see(quote).state == "withdrawn"


def test_a_new_version_of_an_award_notice_replaces_what_the_first_began(
    thread: Thread, county: dict[str, Member], now: dt.datetime
) -> None:
    """The same page with other content: the first award is replaced and its thread frozen."""
    number, project = "HHCG-2026-301", "改版项目"
    taken = []
    for amount in ("100万元", "90万元"):
        content = notices.award(number=number, project=project, amount=amount)
        taken.append(
            take_notice(
                content=content,
                filename="page.html",
                actor=county["clerk"].actor(now.date()),
                now=now,
                source_url="https://example.org/notice/1",
            )
        )
    (first,), (second,) = (awards_of_notice(each.notice_id) for each in taken)
    assert (first.status, second.status) == ("replaced", "active")
    applications = cases_with_fact(
        "financing-application", fact="project_no", value=number, now=now
    )
    assert {row.facts["award"]: row.state for row in applications} == {
        str(first.id): "frozen",
        str(second.id): "invited",
    }


def test_one_notice_from_two_sides_at_once_is_one(
    committed_county: dict[str, Member], now: dt.datetime, django_db_blocker: Any
) -> None:
    barrier = threading.Barrier(2)

    def take(_number: int) -> NoticeTaken | HonghuError:
        with django_db_blocker.unblock():
            try:
                barrier.wait(30)
                return take_notice(
                    content=notices.award(),
                    filename="award.txt",
                    actor=committed_county["clerk"].actor(now.date()),
                    now=now,
                )
            except HonghuError as refusal:
                return refusal
            finally:
                connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(take, range(2)))
    taken = [each for each in answers if isinstance(each, NoticeTaken)]
    assert sorted(each.new for each in taken) == [False, True]
    assert len({each.notice_id for each in taken}) == 1
    assert Notice.objects.count() == Award.objects.count() == 1


def test_a_correction_of_a_drawn_award_lends_no_contract_twice(thread: Thread) -> None:
    """70 of 90 are drawn; the award is corrected to 90 and its contract published: 11 are left."""
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    account = {"account_no": "4210830123456789", "registration_no": "ZD1"}
    thread.do(loan, "propose_lock", "lianhu-manager", account)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", "lianhu-reviewer")
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    thread.take(notices.correction(), "correction.txt")
    (again,) = [
        row
        for row in cases_with_fact(
            "financing-application", fact="project_no", value=notices.NUMBER, now=thread.now
        )
        if row.state == "invited"
    ]
    thread.take(notices.contract(amount="900000.00元"), "contract-2.txt")
    second = _second_loan(thread, again)
    assert thread.see(second).state == "locking"
    ceiling = get_ceiling(uuid.UUID(again.facts["award"]))
    assert ceiling is not None
    assert (ceiling.ceiling_fen, ceiling.exposure_fen) == (81_000_000, 70_000_000)
    assert ceiling.residual_fen == 11_000_000
    with nothing_changes(), pytest.raises(UnableToLockAccount):
        thread.do(second, "propose_lock", "jianghe-manager", account)


def _second_loan(thread: Thread, application: CaseRow) -> uuid.UUID:
    """Another bank's loan on the corrected award, approved."""
    loan = open_case(
        "financing-loan",
        action="open",
        actor=SYSTEM,
        now=thread.now,
        idempotency_key="second",
        parent_id=application.id,
        form={
            "award": application.facts["award"],
            "supplier": str(thread.cast["supplier"].organisation_id),
            "bank": str(thread.cast["jianghe-manager"].organisation_id),
            "amount": 70_000_000,
            "rate": "2.76",
            "ratio": "90",
            "tenor_months": 6,
            "loan_kind": "first",
        },
    ).case_id
    ticked = list(INVESTIGATED)
    form = {"credit_standing": "good", "opinion": "好", "checklist": ticked}
    thread.do(loan, "propose", "jianghe-manager", form)
    thread.do(loan, "approve", "jianghe-reviewer", {"result": "approved"})
    return loan
