"""May this account receive this contract's money? The answer by what is known, never by a guess."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["yes", "no", "unknown"]
Reason: TypeAlias = Literal[
    "locked-account",
    "other-account",
    "contract-unknown",
    "contract-ambiguous",
    "not-financed",
    "lock-not-confirmed",
    "above-contract",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`yes` and `no` are certain; `unknown` is for a person. `reason` is stable."""

    answer: Answer
    reason: Reason


def judge_payee(
    *, is_binding: bool, is_same_account: bool, amount_fen: int, left_fen: int | None
) -> Verdict:
    """Judge a payment on a contract for which an account is proposed or locked.

    `is_binding`: the buyer has agreed to pay into that account alone (financing.md rule 10, 11).
    `left_fen` is what the contract still leaves to be paid, null while it has no price; more than
    that goes to a person, whatever the account: a supplement may not be published yet.
    """
    if not is_binding:
        return Verdict("unknown", "lock-not-confirmed")
    if not is_same_account:
        return Verdict("no", "other-account")
    if left_fen is not None and amount_fen > left_fen:
        return Verdict("unknown", "above-contract")
    return Verdict("yes", "locked-account")
