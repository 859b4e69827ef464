"""How many schedules a core makes: `python bench/schedules.py`.

A loan of 12 equal monthly instalments, terms already read, rows as the application uses them. The
limit beside it is the shortest float loop that gives the same columns: no dates, no exact money, no
rounding rule, no options. It says what Python's own arithmetic costs, so the ratio is the price of
being exact and general. All run in one process, in turns, by CPU time, best of
several rounds; another process on the same core still slows them all.
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from honghu.domains.lending.readers.loan_terms import read_terms
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.terms import (
    DueDateTerms,
    EmiRule,
    Engine,
    InterestPeriod,
    Terms,
)

_LOANS = 2000
_ROUNDS = 7
_PERIODS = 12
_RATE = "4.35"
_START = dt.date(2024, 1, 15)
_AIM_PER_S = 20_000


def _terms(principal_fen: int, **changes: Any) -> Terms:
    keys: dict[str, Any] = {
        "principal_fen": principal_fen,
        "annual_rate": Decimal(_RATE),
        "start_date": _START,
        "due": DueDateTerms(_START, _PERIODS),
        "interest_period": InterestPeriod.REPAYMENT_PERIOD,
        "day_count": DayCount.PERIOD,
        "emi_rule": EmiRule.PERIOD_RATE,
    }
    return Terms(**{**keys, **changes})


def _json_terms(principal_fen: int) -> dict[str, Any]:
    return {
        "principal": f"{principal_fen // 100}.{principal_fen % 100:02}",
        "annual_rate": _RATE,
        "start_date": _START.isoformat(),
        "n": _PERIODS,
        "every": 1,
        "unit": "months",
        "method": "equal_instalment",
        "interest_period": "repayment_period",
        "day_count": "period",
        "emi_rule": "period_rate_annuity",
    }


def _float_loop(principal: float) -> list[tuple[float, float, float]]:
    rate = float(_RATE) / 1200
    instalment = principal * rate / (1 - (1 + rate) ** -_PERIODS)
    rows = []
    for _ in range(_PERIODS):
        interest = round(principal * rate, 2)
        principal -= instalment - interest
        rows.append((instalment - interest, interest, principal))
    return rows


def _rate_per_s(make: Callable[[Any], object], loans: Sequence[Any]) -> float:
    start = time.process_time()
    for loan in loans:
        make(loan)
    return len(loans) / (time.process_time() - start)


def main() -> None:
    """Print schedules per second, best of the rounds, and each one's ratio to the float loop."""
    amounts = [10_000_000 + 137 * index for index in range(_LOANS)]
    daily = {
        "interest_period": InterestPeriod.DAILY,
        "day_count": DayCount.ACTUAL_ACTUAL,
        "emi_rule": EmiRule.EXACT_FACTORS,
        "engine": Engine.PROGRESSIVE,
        "emi_smoothing": True,
    }
    candidates: list[tuple[str, Callable[[Any], object], Sequence[Any]]] = [
        ("limit: float loop, columns only", _float_loop, [fen / 100 for fen in amounts]),
        ("12 equal instalments", build_schedule, [_terms(fen) for fen in amounts]),
        ("the same from JSON terms", lambda each: build_schedule(read_terms(each)), [_json_terms(fen) for fen in amounts]),
        ("12, actual/actual, exact factors, smoothed", build_schedule, [_terms(fen, **daily) for fen in amounts]),
        ("360 equal instalments", build_schedule, [_terms(fen, due=DueDateTerms(_START, 360)) for fen in amounts[:100]]),
    ]  # fmt: skip
    best = [0.0] * len(candidates)
    for _ in range(_ROUNDS):
        for index, (_, make, loans) in enumerate(candidates):
            best[index] = max(best[index], _rate_per_s(make, loans))
    limit = best[0]
    _say(f"{'schedules on one core':46} {'per s':>9} {'of limit':>9}")
    for (name, _, _), rate in zip(candidates, best, strict=True):
        _say(f"{name:46} {rate:9,.0f} {rate / limit:9.3f}")
    verdict = "met" if best[1] >= _AIM_PER_S else "MISSED"
    _say(f"aim for 12 equal instalments: {_AIM_PER_S:,} per s: {verdict}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
