"""Which locked contract an entry pays: certain, a question for a person, or none. No guess.

Certain is a credit that one payment made, by the buyer or the treasury, that names exactly one
contract for which an account is locked, and leaves it no more than paid. All else that might be a
contract's money goes to a person, with what speaks for which contract.
"""

import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Outcome: TypeAlias = Literal["matched", "exception", "other", "debit"]
Reason: TypeAlias = Literal[
    "certain",
    "reversal",
    "several-payments",
    "payer-unknown",
    "payer-differs",
    "no-number",
    "several-contracts",
    "above-contract",
    "contract-unpriced",
    "no-contract",
    "money-out",
]
Ground: TypeAlias = Literal["contract_no", "project_no", "account", "payer", "amount"]
_KEY_LENGTH: Final = 4
"""Numbers are found by their first characters; shorter ones would be found everywhere."""


@dataclass(frozen=True, slots=True)
class LockedContract:
    """A contract for which an account is locked. `left_fen` is what it still leaves to be paid.

    `numbers` maps what its remittances may name to what that is.
    """

    loan_id: uuid.UUID
    loan_number: str
    account_index: str
    buyer_name: str
    numbers: Mapping[str, Ground]
    left_fen: int | None


@dataclass(frozen=True, slots=True)
class Paid:
    """What an entry says of itself, as far as matching needs it."""

    is_credit: bool
    amount_fen: int
    payer: str | None
    text: str
    is_reversal: bool = False
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contract that an entry may pay, and what speaks for it."""

    loan_id: uuid.UUID
    loan_number: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: `loan_id` is there exactly where the outcome is `matched`."""

    outcome: Outcome
    reason: Reason
    loan_id: uuid.UUID | None = None
    candidates: tuple[Candidate, ...] = ()


def plain(text: str) -> str:
    """A text without width, case and blanks, as names and numbers are compared."""
    if text.isascii():
        return "".join(text.casefold().split())
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Directory:
    """The locked contracts, found by account and by the numbers that a text names."""

    def __init__(self, contracts: Iterable[LockedContract], *, treasuries: Iterable[str]) -> None:
        self._treasuries = frozenset(map(plain, treasuries))
        self._of_account: dict[str, list[LockedContract]] = {}
        self._numbers: dict[str, list[tuple[str, Ground, LockedContract]]] = {}
        for each in contracts:
            self._of_account.setdefault(each.account_index, []).append(each)
            for number, ground in each.numbers.items():
                bare = plain(number)
                if len(bare) >= _KEY_LENGTH:
                    place = self._numbers.setdefault(bare[:_KEY_LENGTH], [])
                    place.append((bare, ground, each))

    def of_account(self, account_index: str) -> Sequence[LockedContract]:
        """The contracts that this account is locked for."""
        return self._of_account.get(account_index, ())

    def named_in(self, text: str) -> dict[uuid.UUID, tuple[LockedContract, set[Ground]]]:
        """The contracts that a text names, by loan.

        A number counts only where no letter or digit goes on with it: HT-1 does not stand in HT-12.
        Of numbers that begin at one place the longest counts, so that a contract number that begins
        with its project's number does not name the project's other contracts.
        """
        bare = plain(text)
        found: dict[uuid.UUID, tuple[LockedContract, set[Ground]]] = {}
        for at in range(len(bare) - _KEY_LENGTH + 1):
            known = self._numbers.get(bare[at : at + _KEY_LENGTH])
            if known is None:
                continue
            here = [each for each in known if _stands(bare, at, each[0])]
            longest = max((len(each[0]) for each in here), default=0)
            for number, ground, contract in here:
                if len(number) == longest:
                    found.setdefault(contract.loan_id, (contract, set()))[1].add(ground)
        return found

    def is_payer(self, payer: str, contract: LockedContract) -> bool:
        """Whether the payer is the contract's buyer or a treasury."""
        bare = plain(payer)
        return bare in self._treasuries or bare == plain(contract.buyer_name)

    def is_treasury(self, payer: str) -> bool:
        """Whether the payer is a treasury."""
        return plain(payer) in self._treasuries


def _stands(text: str, at: int, number: str) -> bool:
    end = at + len(number)
    if not text.startswith(number, at):
        return False
    before, after = text[at - 1 : at], text[end : end + 1]
    return not (_goes_on(before, number[0]) or _goes_on(after, number[-1]))


def _goes_on(beside: str, edge: str) -> bool:
    """Whether a character beside a number continues it: letters and digits of the same script."""
    return beside.isascii() and beside.isalnum() and edge.isascii()


def match_entry(paid: Paid, *, account_index: str, directory: Directory) -> Match:
    """Judge one booked entry of an account."""
    if not paid.is_credit and not paid.is_reversal:
        return Match("debit", "money-out")
    named = directory.named_in(paid.text)
    here = directory.of_account(account_index)
    if len(named) > 1:
        # Contracts of one project: the account tells them apart, if it is locked for one of them.
        of_account = {each.loan_id for each in here} & named.keys()
        if len(of_account) == 1:
            named = {loan: named[loan] for loan in of_account}
    candidates = _candidates(paid, named, here, directory)
    reason = _reason(paid, named, here, directory)
    if reason == "certain":
        return Match("matched", "certain", next(iter(named)), candidates)
    if reason == "no-contract":
        return Match("other", "no-contract")
    return Match("exception", reason, candidates=candidates)


_Named: TypeAlias = Mapping[uuid.UUID, tuple[LockedContract, set[Ground]]]


def _reason(
    paid: Paid, named: _Named, here: Sequence[LockedContract], directory: Directory
) -> Reason:
    """Why an entry is certain, or is not; the first obstacle counts."""
    if paid.is_reversal:
        return "reversal"
    if not named:
        return _unnamed(paid, here, directory)
    if paid.parts > 1:
        return "several-payments"
    if len(named) > 1:
        return "several-contracts"
    return _doubt(paid, next(iter(named.values()))[0], directory)


def _doubt(paid: Paid, contract: LockedContract, directory: Directory) -> Reason:
    """Of an entry that names one contract: what speaks against it, else `certain`."""
    if not paid.payer:
        return "payer-unknown"
    if not directory.is_payer(paid.payer, contract):
        return "payer-differs"
    if contract.left_fen is None:
        return "contract-unpriced"
    return "certain" if paid.amount_fen <= contract.left_fen else "above-contract"


def _unnamed(paid: Paid, here: Sequence[LockedContract], directory: Directory) -> Reason:
    """Of an entry that names no contract: whether its payer makes it a question."""
    if not paid.payer:
        return "payer-unknown"
    pays = directory.is_treasury(paid.payer) or any(
        directory.is_payer(paid.payer, each) for each in here
    )
    return "no-number" if pays else "no-contract"


def _candidates(
    paid: Paid, named: _Named, here: Sequence[LockedContract], directory: Directory
) -> tuple[Candidate, ...]:
    """Who is named, and who has the account; those for whom most speaks first."""
    grounds: dict[uuid.UUID, tuple[LockedContract, set[Ground]]] = {
        loan: (contract, set(found)) for loan, (contract, found) in named.items()
    }
    for each in here:
        grounds.setdefault(each.loan_id, (each, set()))[1].add("account")
    for contract, found in grounds.values():
        if paid.payer and directory.is_payer(paid.payer, contract):
            found.add("payer")
        if contract.left_fen is not None and paid.amount_fen == contract.left_fen:
            found.add("amount")
    listed = [
        Candidate(loan, contract.loan_number, tuple(sorted(found)))
        for loan, (contract, found) in grounds.items()
    ]
    return tuple(sorted(listed, key=lambda each: (-len(each.grounds), each.loan_number))[:10])
