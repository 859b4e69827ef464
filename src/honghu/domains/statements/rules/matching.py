"""Which locked contract an entry pays: certain, a question for a person, or none. No guess.

Certain is a credit that one payment made, by the buyer or the treasury, that names exactly one
contract for which an account is locked, and leaves it no more than paid. All else that might be a
contract's money goes to a person, with what speaks for which contract.
"""

import itertools
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
_CANDIDATES_MAX: Final = 10


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


@lru_cache(maxsize=10_000)
def _name(name: str) -> str:
    """A payer's name, compared over and over, plain."""
    return plain(name)


class Directory:
    """The locked contracts, found by account, by payer and by the numbers that a text names.

    What an entry costs does not grow with the number of contracts.
    """

    def __init__(self, contracts: Iterable[LockedContract], *, treasuries: Iterable[str]) -> None:
        self._treasuries = frozenset(map(_name, treasuries))
        self._of_account: dict[str, list[LockedContract]] = {}
        self._of_payer: dict[tuple[str, str], list[LockedContract]] = {}
        self._of_amount: dict[tuple[str, int], list[LockedContract]] = {}
        self._numbers: dict[str, list[tuple[Ground, LockedContract]]] = {}
        for each in contracts:
            account, payer = each.account_index, _name(each.buyer_name)
            self._of_account.setdefault(account, []).append(each)
            self._of_payer.setdefault((account, payer), []).append(each)
            if each.left_fen is not None:
                self._of_amount.setdefault((account, each.left_fen), []).append(each)
            for number, ground in each.numbers.items():
                bare = plain(number)
                if len(bare) >= _KEY_LENGTH:
                    self._numbers.setdefault(bare, []).append((ground, each))
        self._keys = frozenset(bare[:_KEY_LENGTH] for bare in self._numbers)
        self._lengths = sorted({len(bare) for bare in self._numbers}, reverse=True)

    def named_in(self, text: str) -> dict[uuid.UUID, tuple[LockedContract, set[Ground]]]:
        """The contracts that a text names, by loan.

        A number counts only where no letter or digit goes on with it: HT-1 does not stand in HT-12.
        Of numbers that begin at one place the longest counts, so that a contract number that begins
        with its project's number does not name the project's other contracts.
        """
        bare = plain(text)
        found: dict[uuid.UUID, tuple[LockedContract, set[Ground]]] = {}
        for at in range(len(bare) - _KEY_LENGTH + 1):
            if bare[at : at + _KEY_LENGTH] not in self._keys:
                continue
            for length in self._lengths:
                known = self._numbers.get(bare[at : at + length])
                if known is not None and _stands(bare, at, at + length):
                    for ground, contract in known:
                        found.setdefault(contract.loan_id, (contract, set()))[1].add(ground)
                    break
        return found

    def is_payer(self, payer: str, contract: LockedContract) -> bool:
        """Whether the payer is the contract's buyer or a treasury."""
        return self.is_treasury(payer) or _name(payer) == _name(contract.buyer_name)

    def is_treasury(self, payer: str) -> bool:
        """Whether the payer is a treasury."""
        return _name(payer) in self._treasuries

    def pays_into(self, payer: str, account_index: str) -> bool:
        """Whether the payer is the buyer of a contract that this account is locked for."""
        return (account_index, _name(payer)) in self._of_payer

    def likely(
        self, account_index: str, payer: str | None, amount_fen: int
    ) -> Iterator[LockedContract]:
        """The contracts of an account, the most likely first: by amount, then by payer."""
        yield from self._of_amount.get((account_index, amount_fen), ())
        if payer is not None and not self.is_treasury(payer):
            yield from self._of_payer.get((account_index, _name(payer)), ())
        else:
            yield from self._of_account.get(account_index, ())


def _stands(text: str, at: int, end: int) -> bool:
    """Whether what stands there is whole: no letter or digit of the same script goes on with it."""
    before, after = text[at - 1 : at], text[end : end + 1]
    return not (_goes_on(before, text[at]) or _goes_on(after, text[end - 1]))


def _goes_on(beside: str, edge: str) -> bool:
    return beside.isascii() and beside.isalnum() and edge.isascii()


def match_entry(paid: Paid, *, account_index: str, directory: Directory) -> Match:
    """Judge one booked entry of an account."""
    if not paid.is_credit and not paid.is_reversal:
        return Match("debit", "money-out")
    named = directory.named_in(paid.text)
    if len(named) > 1:
        # Contracts of one project: the account tells them apart, if it is locked for one of them.
        here = [loan for loan, (each, _) in named.items() if each.account_index == account_index]
        if len(here) == 1:
            named = {here[0]: named[here[0]]}
    reason = _reason(paid, named, account_index, directory)
    if reason == "certain":
        return Match("matched", "certain", next(iter(named)))
    if reason == "no-contract":
        return Match("other", "no-contract")
    candidates = _candidates(paid, named, account_index, directory)
    return Match("exception", reason, candidates=candidates)


_Named: TypeAlias = Mapping[uuid.UUID, tuple[LockedContract, set[Ground]]]


def _reason(paid: Paid, named: _Named, account_index: str, directory: Directory) -> Reason:
    """Why an entry is certain, or is not; the first obstacle counts."""
    if paid.is_reversal:
        return "reversal"
    if not named:
        return _unnamed(paid, account_index, directory)
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


def _unnamed(paid: Paid, account_index: str, directory: Directory) -> Reason:
    """Of an entry that names no contract: whether its payer makes it a question."""
    if not paid.payer:
        return "payer-unknown"
    pays = directory.is_treasury(paid.payer) or directory.pays_into(paid.payer, account_index)
    return "no-number" if pays else "no-contract"


def _candidates(
    paid: Paid, named: _Named, account_index: str, directory: Directory
) -> tuple[Candidate, ...]:
    """Who is named, and who has the account; those for whom most speaks first."""
    grounds: dict[uuid.UUID, tuple[LockedContract, set[Ground]]] = {
        loan: (contract, set(found)) for loan, (contract, found) in named.items()
    }
    likely = directory.likely(account_index, paid.payer, paid.amount_fen)
    for each in itertools.islice(likely, _CANDIDATES_MAX):
        grounds.setdefault(each.loan_id, (each, set()))
    for contract, found in grounds.values():
        if contract.account_index == account_index:
            found.add("account")
        if paid.payer and directory.is_payer(paid.payer, contract):
            found.add("payer")
        if contract.left_fen is not None and paid.amount_fen == contract.left_fen:
            found.add("amount")
    listed = [
        Candidate(loan, contract.loan_number, tuple(sorted(found)))
        for loan, (contract, found) in grounds.items()
    ]
    listed.sort(key=lambda each: (-len(each.grounds), each.loan_number))
    return tuple(listed[:_CANDIDATES_MAX])
