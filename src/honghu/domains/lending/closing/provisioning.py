"""What all loans together need set aside, and the ledger's allowance brought to it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connection

from honghu.domains.lending.closing.classifying import class_of
from honghu.domains.lending.closing.models import Provision
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.rules.provision import ProvisionRules, required_provision
from honghu.kernel.ledger.commands import open_account, post_transfers
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer

PROVIDED: Final = "loan_provided"
_NAMESPACE: Final = uuid.UUID("6f1f0c0e-7f0a-5c55-9a3f-0f4f7be1d0a2")
_SLOTS: Final = 8
_BALANCES: Final = """
SELECT lender_id, product, currency, risk_class, count(*),
  sum(principal_fen + due_principal_fen)::bigint
FROM lending_loan WHERE status = 'active'
GROUP BY lender_id, product, currency, risk_class ORDER BY 1, 2, 3, 4"""


class Books(NamedTuple):
    """What accounts are kept apart for."""

    lender_id: uuid.UUID
    product: str
    currency: str


def provide(rules: ProvisionRules, day: dt.date, now: dt.datetime) -> dict[str, int]:
    """Write what each class needs, and post the difference to the allowance of each product.

    A loan not classified yet counts as normal. Call it within a transaction. Raises ProvisionError
    for a class without a rule.
    """
    rows = []
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES)
        for lender_id, product, currency, code, loans, balance_fen in cursor.fetchall():
            risk_class = class_of(code) or RiskClass.NORMAL
            rows.append(
                Provision(
                    business_date=day,
                    lender_id=lender_id,
                    product=product,
                    currency=currency,
                    risk_class=code or "unclassified",
                    loans=loans,
                    balance_fen=balance_fen,
                    required_fen=required_provision(balance_fen, risk_class, rules),
                )
            )
    Provision.objects.bulk_create(rows)
    moved = _post(rows, day, now)
    return {
        "required_fen": sum(row.required_fen for row in rows),
        "bad_fen": sum(row.balance_fen for row in rows if _is_bad(row)),
        "balance_fen": sum(row.balance_fen for row in rows),
        "moved_fen": moved,
    }


def _is_bad(row: Provision) -> bool:
    return row.risk_class in {each.code for each in RiskClass if each.is_bad}


def _post(rows: Iterable[Provision], day: dt.date, now: dt.datetime) -> int:
    required: dict[Books, int] = {}
    for row in rows:
        books = Books(row.lender_id, row.product, row.currency)
        required[books] = required.get(books, 0) + row.required_fen
    allowances = {books: control_account_id(Part.ALLOWANCE, *books) for books in required}
    transfers = []
    for books, fen in required.items():
        allowance = allowances[books]
        missing = fen - balance(allowance).balance_fen
        if missing:
            expense = _expense_account(books, now)
            debit, credit = (expense, allowance) if missing > 0 else (allowance, expense)
            transfers.append(
                NewTransfer(
                    # The same day's provision is the same transfer, whoever asks again.
                    id=uuid.uuid5(_NAMESPACE, f"{day}:{allowance}"),
                    debit_account_id=debit,
                    credit_account_id=credit,
                    amount_fen=abs(missing),
                    value_date=day,
                    kind=PROVIDED,
                    currency=books.currency,
                )
            )
    if transfers:
        post_transfers(transfers, now=now)
    return sum(transfer.amount_fen for transfer in transfers)


def _expense_account(books: Books, now: dt.datetime) -> uuid.UUID:
    account_id = uuid.uuid5(_NAMESPACE, ":".join(map(str, books)))
    open_account(
        id=account_id,
        kind="loss_expense",
        now=now,
        currency=books.currency,
        owner_organisation_id=books.lender_id,
        reference=books.product,
        slots=_SLOTS,
    )
    return account_id
