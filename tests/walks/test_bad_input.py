"""Bad input at the doors of the thread: a clear answer that names the place, and no half write."""

import datetime as dt
import io
import threading
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.utils import translation

from honghu.base.problems import HonghuError, Invalid
from honghu.domains.financing.commands.disbursements import OverCeiling
from honghu.domains.financing.queries import get_ceiling
from honghu.domains.procurement.commands import UnableToReadNotice, take_notice
from honghu.domains.procurement.queries import awards_of_notice
from honghu.kernel.cases.commands import KeyReused, StaleVersion, open_case
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.queries import children_of
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.cases.writing import Done
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.media import UnacceptableFileError
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.faults import RegisterFaults
from honghu.site.county import Member
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.machine import machine
from tests.thread import Thread, begin

ACCOUNT = "4210830123456789"
WHY = {"override_reason": "采购人书面确认无质疑"}
DEAD_END = """register: peat-fires
version: 1
title: {zh: 泥炭火, en: Peat fires}
fields:
  place: {title: {zh: 位置, en: Place}, type: text, required: true}
roles:
  keeper: {title: {zh: 看守, en: Keeper}, held_in: [office]}
states:
  found: {title: {zh: 已发现, en: Found}, start: true, no_clock: {zh: 无, en: none}}
  lost: {title: {zh: 搁置, en: Lost}, no_clock: {zh: 无, en: none}}
  done: {title: {zh: 办结, en: Done}, end: rejected}
actions:
  open: {title: {zh: 登记, en: Open}, from: start, to: found, by: [keeper], facts: [place]}
  lose: {title: {zh: 搁置, en: Lose}, from: found, to: lost, by: [keeper]}
  end: {title: {zh: 办结, en: End}, from: found, to: done, by: [keeper]}
"""


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


class Zeros:
    """An upload of any size that stands on no disk, and says how much of it was read."""

    def __init__(self, size: int) -> None:
        self.left, self.given = size, 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        size = self.left if size < 0 else min(size, self.left)
        self.left -= size
        self.given += size
        return b"%" * size


def _stored_files() -> set[Path]:
    storages: dict[str, Any] = django_settings.STORAGES
    folder = Path(storages["evidence"]["OPTIONS"]["location"])
    return {path for path in folder.rglob("*") if path.is_file()}


class TestUploads:
    """Files that are too much."""

    actor: Actor
    now: dt.datetime

    @pytest.fixture(autouse=True)
    def _nothing_is_left(self, county: dict[str, Member], now: dt.datetime) -> Any:
        self.now = now
        self.actor = county["clerk"].actor(now.date())
        before = _stored_files()
        with nothing_changes():
            yield
        assert _stored_files() == before

    def test_two_hundred_megabytes_are_refused_before_they_are_read(self) -> None:
        upload = Zeros(200_000_000)
        with pytest.raises(UnacceptableFileError) as refusal:
            store_evidence(
                content=upload,
                filename="big.pdf",
                actor=self.actor,
                now=self.now,
                kind="document",
            )
        assert refusal.value.status == 422
        assert "50" in refusal.value.message
        assert upload.given <= django_settings.HONGHU_EVIDENCE_MAX_BYTES + (1 << 18)

    @pytest.mark.parametrize("packed", [False, True])
    def test_a_zip_bomb_is_refused(self, packed: bool) -> None:
        bomb = _bomb()
        if packed:
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr("inner.zip", bomb)
            bomb = target.getvalue()
        with pytest.raises(UnacceptableFileError, match="unpacks to more than"):
            store_evidence(
                content=bomb,
                filename="bomb.zip",
                actor=self.actor,
                now=self.now,
                kind="document",
            )


def test_the_api_refuses_a_file_that_is_too_large(
    thread: Thread, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the door, with a bound that a test can pass quickly."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: thread.now)
    settings.HONGHU_EVIDENCE_MAX_BYTES = 100_000
    sender = machine("clerk", now=thread.now)
    file = io.BytesIO(b"x" * 100_001)
    file.name = "big.txt"
    before = _stored_files()
    answer = sender.send("/evidence", {"file": file, "kind": "document"})
    assert answer.status in {413, 422}, answer.body
    assert _stored_files() == before


def _bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(40 << 20))
    return target.getvalue()


class TestNotices:
    """Files that are no notices, or notices in odd shape."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"   \n",
            "今天天气很好，适合采莲。".encode(),
            b"\x00\x01\x02\x03" * 100,
            "<html><body><p>404 页面不存在</p></body></html>".encode(),
            b"%PDF-1.7 broken",
            b'{"code": 500}',
            "\ufeff".encode("utf-16"),
        ],
    )
    def test_what_is_no_notice(self, thread: Thread, content: bytes) -> None:
        before = _stored_files()
        with nothing_changes(), pytest.raises(HonghuError, match=r"odd\.txt") as refusal:
            thread.take(content, "odd.txt")
        assert refusal.value.status == 422
        assert refusal.value.remedy
        assert _stored_files() == before

    def test_gbk_and_utf8_of_one_text_read_alike(self, thread: Thread) -> None:
        """Other bytes, the same notice: the same fields, two files on record."""
        text = notices.award(number="HHCG-2026-201", project="另一项目").decode()
        read = []
        for encoding in ("gb18030", "utf-8-sig", "utf-16"):
            taken = thread.take(text.encode(encoding), f"{encoding}.txt")
            (award,) = awards_of_notice(taken.notice_id)
            read.append((award.amount_fen, award.supplier_name, award.buyer_name, award.project_no))
        assert read == [(100_000_000, notices.SUPPLIER, notices.BUYER, "HHCG-2026-201")] * 3

    @pytest.mark.parametrize(
        "shape",
        [
            "<html><body>{}",
            "<div><p>{}</div></p></table>",
            "<table><tr><td>{}",
            "<!-- <p>{}</p>",
            "<html><script>alert(1)</script><body onload=x>{}</body></html><",
        ],
    )
    def test_broken_html_is_read_or_refused_in_words(self, thread: Thread, shape: str) -> None:
        lines = notices.award(number="HHCG-2026-202", project="破损项目").decode().splitlines()
        content = shape.format("<br>".join(lines)).encode()
        try:
            taken = thread.take(content, "broken.html")
        except UnableToReadNotice:
            return
        for award in awards_of_notice(taken.notice_id):
            assert award.amount_fen in {None, 100_000_000}
            assert award.supplier_name in {None, notices.SUPPLIER}

    def test_somebody_who_may_not_file_notices(self, thread: Thread) -> None:
        """Nothing is filed; the upload itself is nobody's case."""
        actor = thread.cast["supplier"].actor(thread.now.date())
        content = notices.award(number="HHCG-2026-203")
        with pytest.raises(HonghuError) as refusal:
            take_notice(content=content, filename="a.txt", actor=actor, now=thread.now)
        assert refusal.value.status == 403
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procurement_notice")
            assert cursor.fetchone() == (1,)


def test_a_register_with_a_dead_end(db: None, now: dt.datetime) -> None:
    with nothing_changes(), pytest.raises(RegisterFaults) as refusal:
        publish_register(source=DEAD_END, actor=SYSTEM, now=now)
    faults = refusal.value.faults
    assert any(fault.line == 10 for fault in faults), faults
    assert all(fault.remedy for fault in faults)


class TestTheSameTwice:
    """Keys, versions, hands."""

    def test_an_action_twice_with_one_key(self, thread: Thread) -> None:
        loan = thread.placed()
        form = {"reason": "银行撤回"}
        first = thread.do(loan, "void", "lianhu-reviewer", form, key="k")
        with nothing_changes():
            again = thread.do(loan, "void", "lianhu-reviewer", form, key="k")
        assert again.replayed
        assert again.step_id == first.step_id

    def test_the_same_key_with_another_body(self, thread: Thread) -> None:
        loan = thread.placed()
        thread.do(loan, "void", "lianhu-reviewer", {"reason": "一"}, key="k")
        with nothing_changes(), pytest.raises(KeyReused) as refusal:
            thread.do(loan, "void", "lianhu-reviewer", {"reason": "二"}, key="k")
        assert refusal.value.remedy

    def test_a_stale_version(self, thread: Thread) -> None:
        loan = _locked(thread)
        seen = thread.see(loan).version
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)
        with nothing_changes(), pytest.raises(StaleVersion):
            thread.do(
                loan, "disburse", "lianhu-reviewer", {"result": "released"}, expected_version=seen
            )

    def test_a_verifier_who_is_the_doer(self, thread: Thread) -> None:
        """The treasury's clerk, promoted to the procurement office, verifies the settlement."""
        loan = _locked(thread)
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 10_000} | WHY)
        thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
        thread.do(
            loan,
            "record_payment",
            "treasury",
            {
                "amount": 100_000,
                "paid_on": thread.now.date().isoformat(),
                "account_no": ACCOUNT,
                "reference": "GK-1",
            },
        )
        thread.do(
            loan,
            "apply_settlement",
            "lianhu-manager",
            evidence=_proof(thread, "lianhu-manager", "statement"),
        )
        treasurer = thread.cast["treasury"].actor(thread.now.date())
        office = thread.cast["office"].actor(thread.now.date())
        promoted = type(office)(
            treasurer.person_id, office.organisation_id, office.roles, treasurer.name
        )
        evidence = _proof(thread, "office", "registry")
        thread.cast["promoted"] = _Fixed(promoted)  # type: ignore[assignment]
        with nothing_changes(), pytest.raises(SameHands):
            thread.do(
                loan, "verify_settlement", "promoted", {"result": "passed"}, evidence=evidence
            )
        done = thread.do(
            loan, "verify_settlement", "office", {"result": "passed"}, evidence=evidence
        )
        assert done.state == "settled"


class _Fixed:
    """A member in a coat of the test's choice."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def actor(self, _on: dt.date) -> Any:
        """The actor, whatever the day."""
        return self._actor


def _proof(thread: Thread, who: str, slot: str) -> dict[str, list[str]]:
    stored = store_evidence(
        content=f"{slot} {uuid.uuid4()}".encode(),
        filename="a.txt",
        actor=thread.cast[who].actor(thread.now.date()),
        now=thread.now,
        kind="document",
    )
    return {slot: [stored.sha256]}


def _locked(thread: Thread) -> uuid.UUID:
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    _lock(thread, loan, "lianhu", ACCOUNT)
    return loan


def _lock(thread: Thread, loan: uuid.UUID, bank: str, account: str) -> None:
    form = {"account_no": account, "registration_no": "ZD1"}
    thread.do(loan, "propose_lock", f"{bank}-manager", form)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", f"{bank}-reviewer")


def test_two_banks_disbursing_at_once_over_the_ceiling(
    committed_county: dict[str, Member],
    owner_connection: Any,
    now: dt.datetime,
    django_db_blocker: Any,
) -> None:
    """Rule 4 by itself: 60 and 60 of 90 wanted at once; one bank gets it, the other is told."""
    owner_connection.execute("DROP INDEX lock_live_once")  # rule 9 would let one bank in only
    thread = begin(committed_county, now)
    first = _locked(thread)
    second = _second_loan(thread)
    barrier = threading.Barrier(2)

    def draw(loan: uuid.UUID, who: str) -> Done | HonghuError:
        with django_db_blocker.unblock(), translation.override("en"):
            try:
                barrier.wait(30)
                return thread.do(loan, "propose_disbursement", who, {"amount": 60_000_000} | WHY)
            except HonghuError as refusal:
                return refusal
            finally:
                connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(draw, first, "lianhu-manager"),
            pool.submit(draw, second, "jianghe-manager"),
        ]
        answers = [each.result(60) for each in running]
    (lost,) = [each for each in answers if not isinstance(each, Done)]
    assert type(lost) is OverCeiling
    assert "amount" in lost.fields
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert (ceiling.exposure_fen, ceiling.residual_fen) == (60_000_000, 30_000_000)


def _second_loan(thread: Thread) -> uuid.UUID:
    cast = thread.cast
    loan = open_case(
        "financing-loan",
        action="open",
        actor=SYSTEM,
        now=thread.now,
        idempotency_key="second",
        parent_id=thread.application().id,
        form={
            "award": str(thread.award.id),
            "supplier": str(cast["supplier"].organisation_id),
            "bank": str(cast["jianghe-manager"].organisation_id),
            "buyer": str(cast["buyer"].organisation_id),
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
    _lock(thread, loan, "jianghe", "4210830000000001")
    return loan


class TestDates:
    """Days outside the calendar."""

    @pytest.fixture
    def quoting(self, thread: Thread) -> uuid.UUID:
        application = thread.application().id
        bank = str(thread.cast["lianhu-manager"].organisation_id)
        expires = (thread.now.date() + dt.timedelta(days=60)).isoformat()
        authorise = {"consent": True, "bank_one": bank, "expires_on": expires}
        thread.do(application, "authorise", "supplier", authorise)
        wish = {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货"}
        thread.do(application, "apply", "supplier", wish)
        return application

    def quote(self, thread: Thread, application: uuid.UUID, valid_until: str) -> uuid.UUID:
        return open_case(
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
                "valid_until": valid_until,
            },
        ).case_id

    @pytest.mark.parametrize(
        "day",
        ["2026-02-30", "2026-13-01", "tomorrow", "26-06-01", "9999-12-31", "10000-01-01"],
    )
    def test_an_impossible_day(self, thread: Thread, quoting: uuid.UUID, day: str) -> None:
        with nothing_changes(), pytest.raises(Invalid) as refusal:
            self.quote(thread, quoting, day)
        assert set(refusal.value.fields) == {"valid_until"}

    def test_a_year_whose_calendar_is_not_published(self, county: dict[str, Member]) -> None:
        """New Year's Eve of a year without calendar: due times stand, marked provisional."""
        late = dt.datetime(2030, 12, 30, 2, tzinfo=dt.UTC)
        thread = begin(county, late)
        row = thread.application()
        assert row.due_at is not None
        assert row.due_provisional


class TestPayments:
    """What a tired clerk types."""

    @pytest.fixture
    def drawn(self, thread: Thread) -> uuid.UUID:
        loan = _locked(thread)
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
        thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
        return loan

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"paid_on": "2062-06-01"}, "paid_on"),
            ({"paid_on": "2026-06-02"}, "paid_on"),
            ({"paid_on": "2026-05-31"}, "paid_on"),
            ({"amount": 0}, "amount"),
            ({"amount": -5}, "amount"),
            ({"amount": "一百"}, "amount"),
            ({"amount": "99999999999999999"}, "amount"),
            ({"reference": " "}, "reference"),
            ({"account_no": "1" * 41}, "account_no"),
        ],
    )
    def test_a_payment_that_cannot_be(
        self, thread: Thread, drawn: uuid.UUID, change: dict[str, object], field: str
    ) -> None:
        form = {
            "amount": 10_000_000,
            "paid_on": "2026-06-01",
            "account_no": ACCOUNT,
            "reference": "GK-1",
        } | change
        with nothing_changes(), pytest.raises(Invalid) as refusal:
            thread.do(drawn, "record_payment", "treasury", form)
        assert set(refusal.value.fields) == {field}
        assert children_of(drawn, register="risk-event", now=thread.now) == []
