"""What a prepayment makes of the plan: lower instalments, a shorter term, or the next ones less."""

from honghu.base.money import allocate
from honghu.domains.lending.rules.contracts import LoanContract
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect


def shortened(
    contract: LoanContract, planned: tuple[DatedAmount, ...], prepaid_fen: int
) -> tuple[DatedAmount, ...]:
    """The rest of the plan after principal was prepaid, as the contract's `prepay_effect` says."""
    if prepaid_fen == 0 or not planned:
        return planned
    if contract.prepay_effect is PrepayEffect.REDUCE_INSTALMENT:
        rest = max(sum(part.amount_fen for part in planned) - prepaid_fen, 0)
        dates = {part.date for part in planned}
        # Weighed by the original plan, so that two payments do what their sum would do.
        original = sorted(
            (part for part in contract.principal_due if part.date in dates),
            key=lambda part: part.date,
        )
        shares = allocate(rest, [part.amount_fen for part in original])
        return tuple(
            DatedAmount(part.date, share) for part, share in zip(original, shares, strict=True)
        )
    from_end = contract.prepay_effect is PrepayEffect.REDUCE_TERM
    kept = []
    for part in reversed(planned) if from_end else planned:
        cut = min(part.amount_fen, prepaid_fen)
        prepaid_fen -= cut
        if cut < part.amount_fen:
            kept.append(DatedAmount(part.date, part.amount_fen - cut))
    return tuple(reversed(kept)) if from_end else tuple(kept)
