"""The main job, told once through the public commands: from an award notice to a settled loan.

The same story runs in `make demo`, in the end-to-end test and on a folder that somebody gives.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from honghu.base.problems import HonghuError
from honghu.domains.financing.queries import loan_of_application
from honghu.domains.financing.queries.banks import products_on
from honghu.domains.financing.queries.filings import filings_of_contract
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.events import NoticeTaken
from honghu.domains.procurement.queries import AwardRow, awards_of_notice
from honghu.domains.procurement.readers import read_notice
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.registers.queries import get_register
from honghu.site.county import Member, ensure_organisation, settle

INVESTIGATED = (
    "supplier_checked",
    "award_checked",
    "performance_checked",
    "buyer_checked",
    "sanctions_checked",
)
"""The points of the bank's investigation."""

NOTICE_FILES = frozenset({".txt", ".html", ".htm"})


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file of a folder; `problem` says why it was refused."""

    path: Path
    taken: NoticeTaken | None
    problem: str | None


def notice_paths(folder: Path) -> list[Path]:
    """The notice files of a folder, in the order of their names."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in NOTICE_FILES)


def enter_parties(paths: list[Path], *, now: dt.datetime) -> None:
    """Enter the suppliers and buyers that the notices name for certain, as if they had registered.

    In service each registers itself; the sample county has nobody to do it.
    """
    for path in paths:
        try:
            read = read_notice(path.read_bytes(), name=path.name)
        except (OSError, ValueError):
            continue
        if read.buyer.certain:
            ensure_organisation(read.buyer.certain, "institution", now=now)
        for lot in read.lots:
            if lot.supplier.certain:
                ensure_organisation(
                    lot.supplier.certain, "enterprise", now=now, uscc=lot.supplier_uscc.certain
                )
            for member in lot.consortium_members:
                ensure_organisation(member, "enterprise", now=now)


def contracts_in(paths: list[Path]) -> dict[Path, str | None]:
    """The files that read as contract notices, with their project numbers."""
    found = {}
    for path in paths:
        try:
            read = read_notice(path.read_bytes(), name=path.name)
        except (OSError, ValueError):
            continue
        if read.kind.value == "contract":
            found[path] = read.project_no.certain
    return found


def take_folder(paths: list[Path], clerk: Member, *, now: dt.datetime) -> Iterator[Taken]:
    """Take every notice in; a file that is no notice is told and does not stop the rest."""
    actor = clerk.actor(now.date())
    for path in paths:
        try:
            taken = take_notice(content=path.read_bytes(), filename=path.name, actor=actor, now=now)
        except (HonghuError, OSError) as error:
            yield Taken(path, None, str(error))
        else:
            yield Taken(path, taken, None)


@dataclasses.dataclass(slots=True)
class Story:
    """One loan's life. `tell` receives a line for every step that was done."""

    cast: Mapping[str, Member]
    start: dt.datetime
    tell: Callable[[dt.datetime, str, str], None]
    minute: int = 0
    account_no: str = ""

    def _now(self) -> dt.datetime:
        self.minute += 7
        return self.start + dt.timedelta(minutes=self.minute)

    def _later(self, days: int) -> None:
        self.start += dt.timedelta(days=days)
        self.minute = 0

    def _do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        evidence: Mapping[str, list[str]] | None = None,
    ) -> None:
        now = self._now()
        actor = self.cast[who].actor(now.date())
        done = perform(
            case_id,
            action,
            actor=actor,
            now=now,
            idempotency_key=str(uuid.uuid4()),
            form=form or {},
            evidence=evidence or {},
        )
        self._told(done.case_id, action, actor, now)

    def _told(self, case_id: uuid.UUID, action: str, actor: Actor, now: dt.datetime) -> None:
        row = find_case(case_id, actor=SYSTEM, now=now)
        title = words(get_register(row.register, row.register_version).actions[action].title)
        who = f"{actor.organisation_name} {actor.name}"
        self.tell(now, who, f"{row.number} {title} → {row.state_title}")

    def _file(self, who: str, name: str) -> str:
        now = self._now()
        stored = store_evidence(
            content=f"{name} {uuid.uuid4()}\n".encode(),
            filename=f"{name}.txt",
            actor=self.cast[who].actor(now.date()),
            now=now,
            kind="document",
        )
        return stored.evidence.sha256

    def place(self, application: CaseRow, award: AwardRow) -> uuid.UUID:
        """Consent, application, two quotes, choice, approval. Returns the loan's case."""
        lianhu, jianghe = (
            self.cast["lianhu-manager"].organisation_id,
            self.cast["jianghe-manager"].organisation_id,
        )
        today = self.start.date()
        for member in self._members(application):
            self._do(application.id, "consent_member", member, {"consent": True})
        wanted = (award.amount_fen or 0) * 7 // 10
        self._do(
            application.id,
            "authorise",
            "supplier",
            {
                "consent": True,
                "bank_one": str(lianhu),
                "bank_two": str(jianghe),
                "expires_on": (today + dt.timedelta(days=90)).isoformat(),
            },
        )
        self._do(
            application.id,
            "apply",
            "supplier",
            {"amount": wanted, "tenor_months": 6, "purpose": "采购原料和支付工资"},
        )
        best = self._quote(application, "lianhu", wanted, "2.76")
        self._quote(application, "jianghe", wanted, "2.84")
        self._do(application.id, "choose", "supplier", {"quote": best})
        loan = loan_of_application(application.id)
        self._do(
            loan,
            "propose",
            "lianhu-manager",
            {
                "credit_standing": "good",
                "opinion": "履约记录良好，中标公告原文已核对",
                "checklist": list(INVESTIGATED),
            },
        )
        self._do(loan, "approve", "lianhu-reviewer", {"result": "approved", "opinion": "同意"})
        return loan

    def _members(self, application: CaseRow) -> list[str]:
        """The parts of the cast that speak for the other members of a consortium."""
        names = (application.facts.get("member_names") or "").split("、")
        return [f"member-{name}" for name in names if f"member-{name}" in self.cast]

    def _quote(self, application: CaseRow, bank: str, amount_fen: int, rate: str) -> str:
        now = self._now()
        actor = self.cast[f"{bank}-manager"].actor(now.date())
        assert actor.organisation_id is not None, "a manager acts for a bank"  # noqa: S101
        # What the bank declared: the sample's banks have products of their own.
        product = products_on(actor.organisation_id, now.date(), now=now)[0]
        done = open_case(
            "financing-quote",
            action="draft",
            actor=actor,
            now=now,
            idempotency_key=str(uuid.uuid4()),
            parent_id=application.id,
            form={
                "amount": amount_fen,
                "rate": rate,
                "product": product.number,
                "reference_rate": product.facts["reference_rate"],
                "ratio": "90",
                "tenor_months": 6,
                "fee": 0,
                "collateral": False,
                "valid_until": (now.date() + dt.timedelta(days=15)).isoformat(),
            },
        )
        self._told(done.case_id, "draft", actor, now)
        self._do(done.case_id, "offer", f"{bank}-reviewer")
        return done.number

    def file_contract(self, loan: uuid.UUID) -> None:
        """The buyer submits the copy of the contract, the procurement office compares and files it."""
        contract = find_case(loan, actor=SYSTEM, now=self.start).facts.get("contract")
        for filing in filings_of_contract(contract, now=self.start):
            if not filing.ended:
                copy = {"copy": [self._file("buyer", "合同副本")]}
                self._do(filing.id, "submit_copy", "buyer", evidence=copy)
                self._do(filing.id, "verify", "office", {"result": "passed"})

    def lend(self, loan: uuid.UUID) -> None:
        """Contract filed; account proposed, confirmed by the buyer, locked; disbursed by two persons."""
        self.file_contract(loan)
        account = "42108301" + str(uuid.uuid4().int)[:10]
        amount = find_case(loan, actor=SYSTEM, now=self.start).facts["amount"]
        self._do(
            loan,
            "propose_lock",
            "lianhu-manager",
            {
                "account_no": account,
                "registration_no": f"ZD{uuid.uuid4().hex[:12].upper()}",
                "warranty": 0,
                "prepayment": 0,
            },
        )
        self._do(loan, "confirm_account", "buyer", {"result": "confirmed"})
        self._do(loan, "lock", "lianhu-reviewer")
        self._do(
            loan,
            "propose_disbursement",
            "lianhu-manager",
            {"amount": amount, "override_reason": "采购人已书面确认，质疑期内未收到质疑"},
        )
        self._do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
        self.account_no = account

    def repay(self, loan: uuid.UUID, contract_fen: int) -> None:
        """Two treasury payments into the locked account: interest, principal, the rest released."""
        first = contract_fen // 2
        for share, days in ((first, 46), (contract_fen - first, 33)):
            self._later(days)
            self._do(
                loan,
                "record_payment",
                "treasury",
                {
                    "amount": share,
                    "paid_on": self.start.date().isoformat(),
                    "account_no": self.account_no,
                    "reference": f"GK{uuid.uuid4().hex[:14].upper()}",
                },
            )

    def settle(self, loan: uuid.UUID) -> None:
        """Settlement applied for by the bank, verified by the finance bureau."""
        self._later(1)
        self._do(
            loan,
            "apply_settlement",
            "lianhu-manager",
            evidence={"statement": [self._file("lianhu-manager", "结清证明")]},
        )
        self._do(
            loan,
            "verify_settlement",
            "office",
            {"result": "passed", "opinion": "账实相符，登记已注销"},
            evidence={"registry": [self._file("office", "登记注销证明")]},
        )


def cast_for(cast: Mapping[str, Member], award: AwardRow, *, now: dt.datetime) -> dict[str, Member]:
    """The sample people and, for this award, somebody of its supplier and of its buyer."""
    supplier = ensure_organisation(award.supplier_name or "", "enterprise", now=now)
    buyer = ensure_organisation(award.buyer_name, "institution", now=now)
    tail_s, tail_b = supplier.hex[-6:], buyer.hex[-6:]
    members = {
        f"member-{name}": _settle_member(name, now=now)
        for name in award.consortium_members
        if name != award.supplier_name
    }
    return (
        dict(cast)
        | members
        | {
            "supplier": settle(f"supplier-{tail_s}", "苏荷生", supplier, ("supplier",), now=now),
            "buyer": settle(f"buyer-{tail_b}", "白购清", buyer, ("buyer",), now=now),
        }
    )


def _settle_member(name: str, *, now: dt.datetime) -> Member:
    """Somebody who speaks for another member of a consortium."""
    organisation = ensure_organisation(name, "enterprise", now=now)
    username = f"member-{organisation.hex[-6:]}"
    return settle(username, "莫同舟", organisation, ("member",), now=now)


def awards_of(taken: list[Taken], first: Collection[str | None]) -> list[AwardRow]:
    """The standing awards with supplier and amount that the files made or had made before.

    Awards of the project numbers in `first` lead: their contracts are at hand.
    """
    found = []
    for each in taken:
        if each.taken is not None and each.taken.kind == "award":
            found += awards_of_notice(each.taken.notice_id)
    standing = [a for a in found if a.is_active and a.supplier_name and a.amount_fen is not None]
    return sorted(standing, key=lambda award: award.project_no not in first)


def application_of(award: AwardRow, *, now: dt.datetime) -> CaseRow | None:
    """The application that the award's invitation opened."""
    found = cases_with_fact("financing-application", fact="award", value=str(award.id), now=now)
    return found[0] if found else None
