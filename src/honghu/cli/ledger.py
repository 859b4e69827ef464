"""`honghu ledger`: check it, show statements and sums, export it, bring in the chart of accounts."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress

from honghu.cli.terminal import fail, refusals
from honghu.kernel.ledger.chart import load_chart, read_chart
from honghu.kernel.ledger.export import beancount_lines, units
from honghu.kernel.ledger.problems import UnknownAccount
from honghu.kernel.ledger.queries import DateKind, Statement, list_accounts, trial_balance
from honghu.kernel.ledger.queries import statement as read_statement
from honghu.kernel.ledger.verify import verify as replay

app = typer.Typer(no_args_is_help=True, help="Check and export the ledger; load its chart.")


@app.command()
def verify() -> None:
    """Replay every entry and compare balances, versions, hashes and journal leaves; exit 1 on faults."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(_("Replaying the ledger"), total=None)
        report = replay(lambda done, total: bar.update(task, completed=done, total=total))
    for fault in report.faults:
        typer.echo(f"{fault.code}: {fault.place}: {fault.message}")
    typer.echo(
        _("%(accounts)d accounts, %(transfers)d transfers, %(entries)d entries: %(faults)d faults")
        % {
            "accounts": report.accounts,
            "transfers": report.transfers,
            "entries": report.entries,
            "faults": len(report.faults),
        }
    )
    if report.faults:
        raise typer.Exit(1)


@app.command()
def statement(
    account: Annotated[str, typer.Argument(help="Account: its id, or its outside number.")],
    *,
    from_date: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    to_date: Annotated[
        dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; today.")
    ] = None,
    by: Annotated[
        DateKind, typer.Option(help="Days of value, or days on which it was booked.")
    ] = "value",
) -> None:
    """Show an account's movements with opening, running and closing balance, as of any day."""
    last = timezone.localdate() if to_date is None else to_date.date()
    first = last.replace(day=1) if from_date is None else from_date.date()
    with refusals():
        found = read_statement(_account_id(account), first, last, date_kind=by)
    for line in _statement_lines(found):
        typer.echo(line)


def _account_id(name: str) -> uuid.UUID:
    """The account with this id or, where only one has it, with this outside number."""
    try:
        return uuid.UUID(name)
    except ValueError:
        found = list_accounts(reference=name)
    if len(found) != 1:
        raise UnknownAccount(
            _("%(count)d accounts have the number %(number)s.")
            % {"count": len(found), "number": name},
            remedy=_("Give the account's id."),
        )
    return found[0].id


def _statement_lines(found: Statement) -> list[str]:
    """Days, amounts in units of the currency, and what each movement was."""
    account = found.account
    lines = [
        f"{account.code} {account.name_zh} / {account.name_en}  {account.currency}  {account.id}",
        f"{found.from_date} {units(found.opening_fen):>41}",
    ]
    for line in found.lines:
        booked = timezone.localdate(line.booked_at)
        amounts = f"{units(line.amount_fen):>15} {units(line.balance_fen):>15}"
        lines.append(
            f"{line.value_date} {booked:%Y-%m-%d}{amounts}  {line.kind}  {line.transfer_id}"
        )
    return [*lines, f"{found.to_date} {units(found.closing_fen):>41}"]


@app.command("trial-balance")
def show_trial_balance(
    as_of: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Value date; today.")
    ] = None,
) -> None:
    """Show the sums by kind of account at the end of a day; debits equal credits per currency.

    Exit status 1 if they do not.
    """
    day = timezone.localdate() if as_of is None else as_of.date()
    sums: dict[str, list[int]] = {}
    for row in trial_balance(day):
        total = sums.setdefault(row.currency, [0, 0])
        total[0] += row.debit_fen
        total[1] += row.credit_fen
        typer.echo(
            f"{row.code:<8} {row.currency} {_side(row.debit_fen)} {_side(row.credit_fen)}"
            f"  {row.name_zh} / {row.name_en} ({row.accounts})"
        )
    for currency, (debit, credit) in sums.items():
        typer.echo(f"{'=':<8} {currency} {_side(debit)} {_side(credit)}")
    if any(debit != credit for debit, credit in sums.values()):
        raise typer.Exit(1)


def _side(fen: int) -> str:
    """An amount in its column; empty for nothing on this side."""
    return f"{units(fen) if fen else '':>18}"


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output if left out.")
    ] = None,
) -> None:
    """Write the ledger as a Beancount file, with balances to be checked."""
    if out is None:
        for line in beancount_lines():
            typer.echo(line)
        return
    # Written beside and moved, so that a failure leaves no half file under the name.
    partial = out.with_name(out.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in beancount_lines())
    partial.replace(out)


@app.command()
def chart(
    file: Annotated[
        Path | None, typer.Argument(help="YAML chart; the built-in one if left out.")
    ] = None,
) -> None:
    """Bring the chart of accounts into the database; names may change, types and sides may not."""
    try:
        text = None if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(str(error))
    with refusals():
        written = load_chart(None if text is None else read_chart(text))
    typer.echo(_("%(lines)d lines of the chart were written") % {"lines": written})
