"""A financing thread for tests: notices in, and a story that can be stopped anywhere."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from honghu.base.problems import NotFound
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries import get_ceiling, payments_of_loan
from honghu.domains.lending.queries import LoanRow, get_loan
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.events import NoticeTaken
from honghu.domains.procurement.queries import AwardRow, awards_of_notice
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.queries import cases_with_fact, children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.writing import Done
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.ledger.queries import balance, transfers_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member, ensure_organisation
from honghu.site.story import INVESTIGATED, Story, application_of, cast_for
from tests import notices

ACCOUNT = {"account_no": "4210830123456789", "registration_no": "ZD1"}
WHY = {"override_reason": "采购人书面确认无质疑"}


@dataclasses.dataclass(slots=True)
class Thread:
    """One award and everything that follows from it."""

    cast: dict[str, Member]
    now: dt.datetime
    award: AwardRow
    story: Story

    def application(self) -> CaseRow:
        """The application that the invitation opened, as it stands."""
        found = application_of(self.award, now=self.now)
        assert found is not None
        return found

    def see(self, case_id: uuid.UUID) -> CaseRow:
        """A case as it stands."""
        return find_case(case_id, actor=SYSTEM, now=self.now)

    def take(self, content: bytes, name: str = "notice.txt") -> NoticeTaken:
        """Take one more notice in."""
        return take_notice(
            content=content,
            filename=name,
            actor=self.cast["clerk"].actor(self.now.date()),
            now=self.now,
        )

    def do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Done:
        """One person performs one action."""
        return perform(
            case_id,
            action,
            actor=self.cast[who].actor(self.now.date()),
            now=self.now,
            idempotency_key=more.pop("key", None) or str(uuid.uuid4()),
            form=form or {},
            **more,
        )

    def authorise(self, *banks: str, days: int = 60) -> uuid.UUID:
        """Let these banks (by their managers) see the application; its id."""
        application = self.application().id
        names = ("bank_one", "bank_two", "bank_three")
        chosen = {
            name: str(self.cast[f"{bank}-manager"].organisation_id)
            for name, bank in zip(names, banks, strict=False)
        }
        expires = (self.now.date() + dt.timedelta(days=days)).isoformat()
        form = chosen | {"consent": True, "expires_on": expires}
        self.do(application, "authorise", "supplier", form)
        return application

    def applied(self, *banks: str, amount: int = 70_000_000, days: int = 60) -> uuid.UUID:
        """Let these banks see the application and apply; its id."""
        application = self.authorise(*banks, days=days)
        form = {"amount": amount, "tenor_months": 6, "purpose": "备货"}
        self.do(application, "apply", "supplier", form)
        return application

    def quote(self, application: uuid.UUID, bank: str, **changes: Any) -> uuid.UUID:
        """Draft a quote of the bank; its id."""
        return self.open(
            "financing-quote", "draft", f"{bank}-manager", application, quote(self) | changes
        )

    def open(
        self,
        register: str,
        action: str,
        who: str,
        parent: uuid.UUID | None = None,
        form: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> uuid.UUID:
        """One person opens a case; its id."""
        return open_case(
            register,
            action=action,
            actor=self.cast[who].actor(self.now.date()),
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            parent_id=parent,
            form=form or {},
            **more,
        ).case_id

    def children(self, case_id: uuid.UUID, register: str) -> list[CaseRow]:
        """The cases of a register that belong to a case."""
        return children_of(case_id, register=register, now=self.now)

    def file(self, who: str, name: str = "proof") -> str:
        """A document that somebody has uploaded; its digest."""
        return store_evidence(
            content=f"{name} {uuid.uuid4()}\n".encode(),
            filename=f"{name}.txt",
            actor=self.cast[who].actor(self.now.date()),
            now=self.now,
            kind="document",
        ).evidence.sha256

    def sees(self, case_id: uuid.UUID, who: str) -> bool:
        """Whether somebody may see a case."""
        try:
            find_case(case_id, actor=self.cast[who].actor(self.now.date()), now=self.now)
        except NotFound:
            return False
        return True

    def later(self, **time: float) -> None:
        """Let time pass: days, hours."""
        self.now += dt.timedelta(**time)

    def investigate(self, loan: uuid.UUID, bank: str = "lianhu") -> None:
        """The bank's investigation and its approval by another person."""
        form = {
            "credit_standing": "good",
            "opinion": "履约记录良好",
            "checklist": list(INVESTIGATED),
        }
        self.do(loan, "propose", f"{bank}-manager", form)
        self.do(loan, "approve", f"{bank}-reviewer", {"result": "approved"})

    def at_lock(self) -> uuid.UUID:
        """An approved loan whose contract is published and agrees; its id."""
        loan = self.placed()
        self.take(notices.contract(), "contract.txt")
        self.file_contract()
        return loan

    def file_contract(self) -> None:
        """The copies of the award's contracts are submitted and filed."""
        award = str(self.award.id)
        for filing in cases_with_fact("contract-filing", fact="award", value=award, now=self.now):
            if not filing.ended:
                copy = {"copy": [self.file("buyer", "contract copy")]}
                self.do(filing.id, "submit_copy", "buyer", evidence=copy)
                self.do(filing.id, "verify", "office", {"result": "passed"})

    def confirmed(self, **lock: Any) -> uuid.UUID:
        """A loan whose account the buyer has confirmed; its id."""
        loan = self.at_lock()
        self.do(loan, "propose_lock", "lianhu-manager", ACCOUNT | lock)
        self.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
        return loan

    def locked(self, **lock: Any) -> uuid.UUID:
        """A loan whose account is locked; its id."""
        loan = self.confirmed(**lock)
        self.do(loan, "lock", "lianhu-reviewer")
        return loan

    def drawn(self, amount: int = 70_000_000, **lock: Any) -> uuid.UUID:
        """A loan that is paid out; its id."""
        loan = self.locked(**lock)
        self.do(loan, "propose_disbursement", "lianhu-manager", {"amount": amount} | WHY)
        self.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
        return loan

    def pay(self, loan: uuid.UUID, amount: int, *, account: str | None = None, **more: Any) -> None:
        """The treasury's payment is recorded, into the locked account unless another is given."""
        form = {
            "amount": amount,
            "paid_on": self.now.date().isoformat(),
            "account_no": account or ACCOUNT["account_no"],
            "reference": f"GK-{uuid.uuid4().hex[:10]}",
        }
        self.do(loan, "record_payment", "treasury", form | more)

    def placed(self) -> uuid.UUID:
        """Carry the application to an approved loan; its id."""
        return self.story.place(self.application(), self.award)


def quote(thread: Thread) -> dict[str, Any]:
    """The terms of a quote that keeps all rules."""
    return {
        "amount": 70_000_000,
        "rate": "2.76",
        "reference_rate": "3.65",
        "ratio": "90",
        "tenor_months": 6,
        "fee": 0,
        "collateral": False,
        "valid_until": (thread.now.date() + dt.timedelta(days=10)).isoformat(),
    }


def begin(county: dict[str, Member], now: dt.datetime, content: bytes | None = None) -> Thread:
    """Take an award notice in, its supplier and buyer being registered."""
    content = content or notices.award()
    ensure_organisation(notices.SUPPLIER, "enterprise", now=now)
    ensure_organisation(notices.BUYER, "institution", now=now)
    taken = take_notice(
        content=content,
        filename="award.txt",
        actor=county["clerk"].actor(now.date()),
        now=now,
    )
    award = awards_of_notice(taken.notice_id)[0]
    cast = cast_for(county, award, now=now)
    story = Story(cast, now + dt.timedelta(hours=1), lambda _at, _who, _what: None)
    return Thread(cast, now, award, story)


def served(case_id: uuid.UUID) -> LoanRow:
    """The loan of a financing case as lending serves it."""
    lending_id = Loan.objects.get(pk=case_id).lending_id
    assert lending_id is not None
    return get_loan(lending_id)


def assert_whole(thread: Thread, case_id: uuid.UUID) -> None:
    """Case, ceiling, ledger and lending agree; every transfer was caused by a step of the case."""
    row, facts = served(case_id), thread.see(case_id).facts
    assert (facts.get("outstanding") or 0) == row.owed_principal_fen
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.exposure_fen == row.owed_principal_fen
    standing = [each for each in payments_of_loan(case_id) if each.retracted_at is None]
    assert ceiling.paid_fen == sum(each.amount_fen for each in standing)
    assert balance(Loan.objects.get(pk=case_id).locked_account_id).balance_fen == 0
    steps = {step.id for step in get_case(case_id, actor=SYSTEM, now=thread.now).steps}
    assert {each.facts.step_id for each in transfers_of_case(case_id)} <= steps
    assert not verify_loans().faults
