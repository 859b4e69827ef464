"""What entries are matched with: the locked contracts, the treasuries, the accounts of a bank."""

import datetime as dt
import uuid

from django.utils.timezone import localdate

from honghu.domains.financing.queries.accounts import account_index
from honghu.domains.financing.queries.locked import LockedRow, is_account_of, locked_contracts
from honghu.domains.statements.readers.values import Entry, Head
from honghu.domains.statements.rules.matching import (
    Directory,
    Ground,
    LockedContract,
    Match,
    Paid,
    match_entry,
)
from honghu.kernel.parties.queries import list_holders

TREASURY = "treasury"


class MatchingDesk:
    """Matches entries with the contracts that are locked when it is made; a few queries in all."""

    def __init__(self, *, now: dt.datetime) -> None:
        treasuries = {
            each.organisation for each in list_holders(on=localdate(now)) if each.role == TREASURY
        }
        self.directory = Directory(map(_contract, locked_contracts()), treasuries=treasuries)

    def match(self, entry: Entry, account_index: str) -> Match:
        """What an entry of this account is."""
        paid = Paid(
            is_credit=entry.direction == "credit",
            amount_fen=entry.amount_fen,
            payer=entry.payer,
            text=f"{entry.text} {entry.payment_no or ''}",
            is_reversal=entry.is_reversal,
            parts=entry.parts,
        )
        return match_entry(paid, account_index=account_index, directory=self.directory)


def known_account(bank_id: uuid.UUID, head: Head) -> str | None:
    """The index of a statement's account; null if it belongs to no loan of the bank."""
    index = account_index(head.account_no)
    return index if is_account_of(bank_id, index) else None


def _contract(row: LockedRow) -> LockedContract:
    numbers: dict[str, Ground] = {}
    for number in (row.project_no, row.plan_no):
        if number:
            numbers[number] = "project_no"
    if row.contract_no:
        numbers[row.contract_no] = "contract_no"
    return LockedContract(
        row.loan_id,
        row.loan_number,
        row.account_index,
        row.buyer_name,
        numbers,
        row.left_fen,
    )
