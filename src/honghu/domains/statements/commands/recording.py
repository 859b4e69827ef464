"""An entry recorded as the treasury's payment, with the entry itself as evidence."""

import datetime as dt
import uuid

from honghu.base.hashing import canonical_json
from honghu.domains.financing.queries.payees import alike_payments
from honghu.domains.statements.models import Entry
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.queries import get_register
from honghu.kernel.webhooks.sealing import unseal

ACTION, SLOT = "record_payment", "entry"
_REFERENCE_MAX = 60


def reference_of(entry: Entry) -> str:
    """The payment's number: the payer's, else the bank's, else the entry's place."""
    named = entry.payment_no or entry.reference or f"{entry.statement_id}-{entry.number}"
    return named.strip()[:_REFERENCE_MAX]


def is_known(entry: Entry, loan_id: uuid.UUID) -> bool:
    """Whether the entry's payment stands on a loan: same reference, amount and day."""
    day = entry.value_date or entry.booked_date
    alike = alike_payments(loan_id, amount_fen=entry.amount_fen, from_date=day, days=0)
    return reference_of(entry) in alike


def excerpt(entry: Entry) -> bytes:
    """The entry alone as a file: who sees the loan sees this, and not the whole statement."""
    statement = entry.statement
    return canonical_json(
        {
            "statement": {
                "sha256": statement.file_sha256,
                "file": statement.filename,
                "statement_no": statement.statement_no,
                "account": statement.account_masked,
                "from_date": statement.from_date.isoformat(),
                "to_date": statement.to_date.isoformat(),
            },
            "entry": {
                "number": entry.number,
                "line": entry.line,
                "direction": entry.direction,
                "amount_fen": entry.amount_fen,
                "booked_date": entry.booked_date.isoformat(),
                "value_date": entry.value_date.isoformat() if entry.value_date else None,
                "reference": entry.reference,
                "payment_no": entry.payment_no,
                "payer": entry.payer,
                "payer_account": entry.payer_account,
                "text": entry.text,
            },
        }
    )


def keep_excerpt(entry: Entry, *, now: dt.datetime) -> str:
    """Store the excerpt as evidence; its SHA-256."""
    stored = store_evidence(
        content=excerpt(entry),
        filename=f"statement-entry-{entry.number}.json",
        actor=SYSTEM,
        now=now,
        kind="document",
    )
    return stored.evidence.sha256


def record_entry(entry: Entry, loan_id: uuid.UUID, *, now: dt.datetime, key: str) -> str:
    """Record the entry as a payment on a loan; its reference.

    Raises what the loan's action raises: PaymentRecordedBefore, WrongState, Invalid.
    """
    reference = reference_of(entry)
    loan = find_case(loan_id, actor=SYSTEM, now=now)
    declared = get_register(loan.register, loan.register_version).actions[ACTION]
    evidence = {SLOT: [keep_excerpt(entry, now=now)]} if SLOT in declared.evidence else {}
    perform(
        loan_id,
        ACTION,
        actor=SYSTEM,
        now=now,
        idempotency_key=key,
        form={
            "amount": entry.amount_fen,
            "paid_on": (entry.value_date or entry.booked_date).isoformat(),
            "account_no": unseal(bytes(entry.statement.account_sealed)),
            "reference": reference,
        },
        evidence=evidence,
    )
    return reference
