"""`honghu demo`: the main job on real files, told as tables."""

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from honghu.base.money import format_yuan, parse_yuan
from honghu.domains import procurement
from honghu.domains.financing.queries import payments_of_loan
from honghu.domains.procurement.queries import (
    AwardRow,
    NoticeRow,
    awards_of_notice,
    get_notice,
)
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.wording import words
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.verify import verify_log
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register, latest_registers
from honghu.site import story
from honghu.site.county import PASSWORD, PEOPLE, Member, settle_county
from honghu.site.story import Story, Taken

SAMPLES = Path(procurement.__file__).parent / "samples"
PLACED_AT_MOST = 4
"""How many awards the demo carries on to a loan: enough to see, few enough to read."""
STORY_AGO = dt.timedelta(days=100)
"""The story is told as of some months ago, so that it has ended by now."""

CONTRACT_AFTER = dt.timedelta(days=11)
"""Contracts are published some days after the approvals, as in life."""


class Demo:
    """One run: takes the notices in, lends, is repaid, settles, verifies the proof."""

    def __init__(self, *, now: dt.datetime, console: Console) -> None:
        self.now = now
        self.then = now - STORY_AGO
        self.console = console
        self.cast: dict[str, Member] = {}

    def run(self, notices: Path | None) -> int:
        """Run on the shipped notices and, if given, on a folder. Returns the process's status."""
        self._settle()
        paths = story.notice_paths(SAMPLES)
        if notices is not None:
            found = story.notice_paths(notices)
            if not found:
                self.console.print(
                    _("There is no .txt or .html file in {folder}.").format(folder=notices)
                )
                return 1
            paths += found
        story.enter_parties(paths, now=self.then)
        contracts = story.contracts_in(paths)
        taken = self._take([path for path in paths if path not in contracts], at=self.then)
        placed = self._place(story.awards_of(taken, set(contracts.values())))
        taken += self._take(list(contracts), at=self.then + CONTRACT_AFTER)
        self._show_notices(taken)
        for loan, people in placed:
            self._carry_on(loan, people)
        self._show_loans(placed)
        faults = self._prove()
        self._say_how_to_go_on()
        return 1 if faults else 0

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
        )

    def _settle(self) -> None:
        with self._progress() as bar:
            task = bar.add_task(_("Rules, registers and people of the sample county"), total=None)
            self.cast = settle_county(now=self.then, progress=lambda _name: bar.advance(task))

    def _take(self, paths: list[Path], *, at: dt.datetime) -> list[Taken]:
        results = []
        with self._progress() as bar:
            task = bar.add_task(_("Reading notices"), total=len(paths))
            for each in story.take_folder(paths, self.cast["clerk"], now=at):
                results.append(each)
                bar.advance(task)
        return results

    def _show_notices(self, taken: list[Taken]) -> None:
        table = Table(title=_("Notices read"), title_justify="left")
        for head in (
            _("File"),
            _("Kind"),
            _("Project"),
            _("Supplier"),
            _("Amount (yuan)"),
            _("Filed?"),
        ):
            table.add_column(head, justify="right" if head == _("Amount (yuan)") else "left")
        for each in taken:
            if each.taken is None:
                table.add_row(each.path.name, "-", f"[red]{each.problem}[/red]", "", "", "")
                continue
            notice = get_notice(each.taken.notice_id)
            supplier, amount = _who_and_how_much(notice)
            state = _("filed") if each.taken.status != "review" else _("a person decides")
            if not each.taken.new:
                state += " · " + _("known")
            table.add_row(
                each.path.name,
                _kind_title(notice.kind),
                notice.project_name or "-",
                supplier,
                amount,
                state,
            )
        self.console.print(table)

    def _place(self, awards: list[AwardRow]) -> list[tuple[uuid.UUID, dict[str, Member]]]:
        """Carry the first awards from consent to the bank's approval."""
        placed: list[tuple[uuid.UUID, dict[str, Member]]] = []
        table = self._story_table(_("From award to approved credit"))
        for award in awards:
            application = story.application_of(award, now=self.then)
            if application is None or application.state != "invited":
                continue
            if len(placed) == PLACED_AT_MOST:
                break
            people = story.cast_for(self.cast, award, now=self.then)
            teller = Story(people, self.then + dt.timedelta(days=1), _row_into(table))
            placed.append((teller.place(application, award), people))
        if placed:
            self.console.print(table)
        else:
            self.console.print(_("No new invitation: the story was told in an earlier run."))
        return placed

    def _carry_on(self, loan: uuid.UUID, people: dict[str, Member]) -> None:
        """A loan whose contract was published goes on to settlement; others wait for it."""
        row = find_case(loan, actor=SYSTEM, now=self.then)
        if row.state != "locking":
            return
        table = self._story_table(
            _("Loan {number}: lent, repaid, settled").format(number=row.number)
        )
        teller = Story(people, self.then + CONTRACT_AFTER + dt.timedelta(days=1), _row_into(table))
        teller.lend(loan)
        teller.repay(loan, row.facts["contract_amount"])
        teller.settle(loan)
        self.console.print(table)
        money = Table(title=_("Where the treasury's payments went (yuan)"), title_justify="left")
        for head in (_("Paid on"), _("Paid"), _("Interest"), _("Principal"), _("Released")):
            money.add_column(head, justify="right")
        for paid in payments_of_loan(loan):
            money.add_row(
                str(paid.paid_date),
                format_yuan(paid.amount_fen),
                format_yuan(paid.interest_fen),
                format_yuan(paid.principal_fen),
                format_yuan(paid.released_fen),
            )
        self.console.print(money)

    def _show_loans(self, placed: list[tuple[uuid.UUID, dict[str, Member]]]) -> None:
        if not placed:
            return
        table = Table(title=_("Loans"), title_justify="left")
        for head in (_("Number"), _("Project"), _("Loan (yuan)"), _("Outstanding"), _("State")):
            table.add_column(head)
        for loan, _cast in placed:
            row = find_case(loan, actor=SYSTEM, now=self.now)
            outstanding = row.facts.get("outstanding")
            table.add_row(
                row.number,
                row.facts.get("project_name") or "",
                format_yuan(row.facts["amount"]),
                "-" if outstanding is None else format_yuan(outstanding),
                row.state_title,
            )
        self.console.print(table)

    def _story_table(self, title: str) -> Table:
        table = Table(title=title, title_justify="left")
        for head in (_("Day"), _("Who"), _("Step")):
            table.add_column(head)
        return table

    def _prove(self) -> int:
        """Put every step into the Merkle log, sign a checkpoint, verify all of it again."""
        while sequence(now=self.now):
            pass
        signer = load_signer()
        checkpoint = sign_checkpoint(now=self.now, signer=signer)
        with self._progress() as bar:
            task = bar.add_task(_("Verifying the journal"), total=None)
            report = verify_log(
                vkeys=[signer.verifier.vkey],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        self.console.print(
            _("Journal: {size} leaves, root {root}…, {faults} faults.").format(
                size=checkpoint.size, root=checkpoint.root.hex()[:16], faults=report.fault_count
            )
        )
        return report.fault_count

    def _say_how_to_go_on(self) -> None:
        table = Table(title=_("Sign in to the desk as"), title_justify="left")
        for head in (_("Name"), _("Person"), _("Roles")):
            table.add_column(head)
        titles = _role_titles()
        for username, name, _where, roles in PEOPLE:
            table.add_row(username, name, ", ".join(titles[role] for role in roles))
        self.console.print(table)
        self.console.print(_("Password of all sample people: {password}").format(password=PASSWORD))
        self.console.print(_("Open the desk with: make serve, then http://localhost:8000"))


def _who_and_how_much(notice: NoticeRow) -> tuple[str, str]:
    """Suppliers and amounts as the notice states them, one line for each lot."""
    lots = awards_of_notice(notice.id)
    if lots:
        return "\n".join(lot.supplier_name or "-" for lot in lots), "\n".join(map(_money, lots))
    stated = {
        field: reading["value"]
        for field, reading in notice.readings.items()
        if reading["state"] == "value"
    }
    amount = stated.get("contract_amount")
    return (
        stated.get("contract_supplier") or "-",
        format_yuan(parse_yuan(amount)) if amount else "-",
    )


def _kind_title(kind: str) -> str:
    return words(get_register("procurement-notice").fields["kind"].options[kind])


def _role_titles() -> dict[str, str]:
    """What the registers call their roles."""
    return {
        code: words(role.title)
        for register in latest_registers()
        for code, role in register.roles.items()
    }


def _money(lot: AwardRow) -> str:
    if lot.amount_fen is not None:
        return format_yuan(lot.amount_fen)
    return f"{lot.rate.normalize():f} % ({lot.rate_kind})" if lot.rate is not None else "-"


def _row_into(table: Table) -> Callable[[dt.datetime, str, str], None]:
    def tell(at: dt.datetime, who: str, what: str) -> None:
        table.add_row(f"{at:%Y-%m-%d}", who, what)

    return tell
