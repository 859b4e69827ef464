"""What must hold of the credit thread after whatever happened, reckoned apart from the code.

Each check reads the tables by SQL of its own and raises AssertionError naming the rows.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db import connection

from honghu.domains.procurement.queries import first_award
from honghu.kernel.registers.queries import get_register

_UNBALANCED = """
SELECT currency, sum(amount_fen), sum(reserved_debit_fen - reserved_credit_fen)
FROM ledger_entry GROUP BY currency
HAVING sum(amount_fen) <> 0 OR sum(reserved_debit_fen - reserved_credit_fen) <> 0
"""
_LIMITS = """
SELECT l.award_id, l.contract_fen, l.ratio, l.paid_fen, l.prepayment_fen, l.warranty_fen,
  coalesce(e.balance_fen, 0), coalesce(e.pending_debit_fen, 0)
FROM financing_limit l
LEFT JOIN LATERAL (SELECT * FROM ledger_entry e WHERE e.account_id = l.used_account_id
  ORDER BY version DESC LIMIT 1) e ON true
"""
_LOANS = """
SELECT c.number, c.facts ->> 'outstanding', c.facts ->> 'unpaid_interest', l.award_id,
  coalesce(v.principal_fen + v.due_principal_fen, 0), coalesce(v.reserved_fen, 0),
  coalesce(v.due_interest_fen + v.due_compound_fen + v.due_penalty_fen
    + round(v.interest_units / v.denominator) + round(v.compound_units / v.denominator)
    + round(v.penalty_units / v.denominator), 0)::bigint,
  coalesce(k.balance_fen, 0),
  coalesce((c.facts ->> 'drawn')::bigint, 0), coalesce(v.lent_fen, 0), coalesce(p.amount, 0),
  t.principal, t.interest, t.released, t.recovered, t.amount, coalesce(v.status = 'written_off', false)
FROM financing_loan l JOIN cases_case c ON c.id = l.case_id
LEFT JOIN lending_loan v ON v.id = l.lending_id
LEFT JOIN LATERAL (SELECT * FROM ledger_entry e WHERE e.account_id = l.locked_account_id
  ORDER BY version DESC LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT sum(e.amount_fen) AS amount FROM ledger_entry e
  JOIN ledger_transfer x ON x.id = e.transfer_id JOIN ledger_account a ON a.id = e.account_id
  WHERE x.case_id = l.case_id AND a.kind = 'loan_principal') p ON true
CROSS JOIN LATERAL (SELECT coalesce(sum(principal_fen), 0) AS principal,
  coalesce(sum(interest_fen + coalesce(compound_fen, 0) + coalesce(penalty_fen, 0)), 0) AS interest,
  coalesce(sum(released_fen), 0) AS released, coalesce(sum(recovered_fen), 0) AS recovered,
  coalesce(sum(amount_fen), 0) AS amount
  FROM financing_treasurypayment t
  WHERE t.loan_id = l.case_id AND t.into_lock AND t.retracted_at IS NULL) t
"""
_RETRACTED = "SELECT count(*) FROM financing_treasurypayment WHERE retracted_at IS NOT NULL"
_STRAY = """
SELECT v.number, v.status, v.reserved_fen FROM lending_loan v
LEFT JOIN financing_loan l ON l.lending_id = v.id
WHERE l.case_id IS NULL AND (v.status <> 'void' OR v.reserved_fen <> 0)
"""
_STEPS = """
SELECT case_id, register, register_version, action, person_id, organisation_id
FROM cases_step ORDER BY case_id, sequence
"""
_STEPS_WITHOUT_ONE_LEAF = """
SELECT s.id, count(l.id), count(f.step_id), count(k.id), count(q.leaf_id) + count(e.leaf_id)
FROM cases_step s
LEFT JOIN journal_leaf l ON l.id = s.id AND l.kind = 'step'
LEFT JOIN cases_stepform f ON f.step_id = s.id
LEFT JOIN cases_idempotencykey k ON k.step_id = s.id
LEFT JOIN journal_queue q ON q.leaf_id = s.id
LEFT JOIN journal_entry e ON e.leaf_id = s.id
GROUP BY s.id
HAVING (count(l.id), count(f.step_id), count(k.id), count(q.leaf_id) + count(e.leaf_id))
  <> (1, 1, 1, 1)
"""
_CASES_AND_STEPS = """
SELECT c.number, c.state, c.version, s.count, s.last, s.state
FROM cases_case c CROSS JOIN LATERAL (
  SELECT count(*) AS count, max(sequence) AS last,
    (array_agg(to_state ORDER BY sequence DESC))[1] AS state
  FROM cases_step s WHERE s.case_id = c.id) s
WHERE (c.version, c.version, c.state) IS DISTINCT FROM (s.count, s.last, s.state)
"""
_CLOCKS = """
SELECT c.register, c.register_version, c.number, c.state, c.closed_at, c.due_at,
  min(d.due_at) FILTER (WHERE d.status = 'running'),
  coalesce(array_agg(d.code) FILTER (WHERE d.status = 'running'), '{}'),
  count(*) FILTER (WHERE d.status = 'suspended')
FROM cases_case c LEFT JOIN cases_deadline d ON d.case_id = c.id GROUP BY c.id
"""
_ENDED = "SELECT id, md5(c::text) FROM cases_case c WHERE closed_at IS NOT NULL"
_ORPHAN_LEAVES = """
SELECT l.id FROM journal_leaf l LEFT JOIN cases_step s ON s.id = l.id
LEFT JOIN ledger_transfer t ON t.id = l.id WHERE s.id IS NULL AND t.id IS NULL
"""


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


@dataclasses.dataclass(slots=True)
class Watch:
    """The checks, with what they remember from the last time."""

    exposures: dict[Any, int] = dataclasses.field(default_factory=dict)
    ended: dict[Any, str] = dataclasses.field(default_factory=dict)
    retracted: int = 0

    def look(self) -> None:
        """Check everything. Raises AssertionError."""
        checks: tuple[Callable[[], None], ...] = (
            ledger_balances,
            self.ceilings_hold,
            loans_agree_with_the_ledger,
            nobody_verifies_own_work,
            every_step_has_one_leaf,
            cases_follow_their_steps,
            clocks_are_those_of_the_state,
            self.ended_cases_stay,
        )
        for check in checks:
            check()

    def ceilings_hold(self) -> None:
        """Open exposure within the ceiling, or no higher than before since the ceiling fell.

        A payment that is taken back is owed again, whatever the ceiling has become.
        """
        ((retracted,),) = _rows(_RETRACTED)
        may_rise, self.retracted = retracted > self.retracted, retracted
        for award, contract, ratio, paid, prepaid, warranty, drawn, pending in _rows(_LIMITS):
            base = max((contract or 0) - paid - prepaid - warranty, 0)
            share = int((Decimal(ratio) * base).to_integral_value(ROUND_FLOOR))
            ceiling, exposure = min(contract or 0, share), drawn + pending
            before = self.exposures.get(award, 0)
            assert may_rise or exposure <= ceiling or exposure <= before, (
                f"award {award}: {exposure} open, ceiling {ceiling}, before {before}"
            )
            self.exposures[award] = exposure

    def ended_cases_stay(self) -> None:
        """A case that has ended never changes again."""
        found = dict(_rows(_ENDED))
        for case_id, digest in self.ended.items():
            assert found.get(case_id) == digest, f"the ended case {case_id} has changed"
        self.ended = found


def ledger_balances() -> None:
    """Debits are credits, reserved ones too."""
    unbalanced = _rows(_UNBALANCED)
    assert not unbalanced, f"unbalanced: {unbalanced}"


def loans_agree_with_the_ledger() -> None:
    """Case, lending and ledger say the same of each loan; payments add up; limits likewise."""
    open_fen: dict[Any, int] = {}
    for (
        number, outstanding, unpaid, award, principal, pending, interest, locked,
        drawn, lent, posted, repaid, paid_interest, released, recovered, amount, is_lost,
    ) in _rows(_LOANS):  # fmt: skip
        assert int(outstanding or 0) == principal, f"{number}: {outstanding} is not {principal}"
        assert int(unpaid or 0) == interest, f"{number}: unpaid {unpaid} is not {interest}"
        assert locked == 0, f"{number}: {locked} stays on the locked account"
        assert drawn == lent, f"{number}: {drawn} is not {lent}"
        assert posted == principal, f"{number}: the ledger has {posted}, lending {principal}"
        left = 0 if is_lost else drawn - repaid
        assert left == principal >= 0, f"{number}: {drawn} - {repaid} is not {principal}"
        parts = repaid + paid_interest + released + recovered
        assert parts == amount, f"{number}: payments do not add up"
        first = first_award(award)
        open_fen[first] = open_fen.get(first, 0) + principal + pending
    stray = _rows(_STRAY)
    assert not stray, f"lending keeps what no case stands for: {stray}"
    for award, *_terms, used, reserved in _rows(_LIMITS):
        assert open_fen.get(award, 0) == used + reserved, f"award {award}: limit and loans differ"


def nobody_verifies_own_work() -> None:
    """No step was done by somebody, or some organisation, that its action shuts out."""
    earlier: dict[Any, list[tuple[str, Any, Any]]] = {}
    for case_id, code, version, name, person, organisation in _rows(_STEPS):
        action = get_register(code, version).actions[name]
        done = earlier.setdefault(case_id, [])
        for before, doer, body in done:
            own = doer is not None and doer == person
            checked = before in action.verifies
            assert not (own and before in action.not_by), f"{code} {name}: by the doer of {before}"
            assert not (own and checked and action.differs_person), f"{code} {name}: own work"
            same = body is not None and body == organisation
            assert not (same and checked and action.differs_organisation), (
                f"{code} {name}: work of the own organisation"
            )
        done.append((name, person, organisation))


def every_step_has_one_leaf() -> None:
    """One leaf, one form, one key, one place in the queue or the log; and no leaf without a row."""
    odd = _rows(_STEPS_WITHOUT_ONE_LEAF)
    assert not odd, f"steps without exactly one leaf, form, key, place: {odd}"
    orphans = _rows(_ORPHAN_LEAVES)
    assert not orphans, f"leaves without a row: {orphans}"


def cases_follow_their_steps() -> None:
    """State and version of a case are those of its last step, without a gap."""
    odd = _rows(_CASES_AND_STEPS)
    assert not odd, f"cases that do not follow their steps: {odd}"


def clocks_are_those_of_the_state() -> None:
    """What runs is the clock of the present state; the case repeats the nearest due time."""
    for code, version, number, state, closed, due, nearest, running, suspended in _rows(_CLOCKS):
        known = get_register(code, version).states[state]
        allowed = [] if known.clock is None or known.suspended else [known.clock.code]
        assert running in ([], allowed), f"{number} in {state}: {running} runs"
        assert due == nearest, f"{number}: due {due}, nearest {nearest}"
        assert (closed is not None) is (known.end is not None), f"{number} in {state}: {closed}"
        assert suspended == 0 or known.suspended, f"{number} in {state}: a clock is stopped"


def day(now: dt.datetime, days: int) -> str:
    """A day before or after an instant, as forms write it."""
    return (now.date() + dt.timedelta(days=days)).isoformat()
