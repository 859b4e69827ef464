"""Balances and statements as of any day, the trial balance, the transfers of a case."""

import datetime as dt
from collections.abc import Callable

import pytest

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.commands import create_pending, post_transfers
from honghu.kernel.ledger.problems import BadPeriod, UnknownAccount
from honghu.kernel.ledger.queries import (
    balance,
    get_account,
    list_accounts,
    statement,
    transfers_of_case,
    trial_balance,
)
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast

Make = Callable[..., NewTransfer]


def day(number: int) -> dt.date:
    """The day so many days after the first."""
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def three_days(cast: Cast, make: Make, now: dt.datetime) -> Cast:
    """500 on day 2, then 70 with the earlier value date of day 1, then 9 back on day 3."""
    wanted = [
        make(cast.loan, cast.supplier, 500, value_date=day(2)),
        make(cast.loan, cast.supplier, 70, value_date=day(1)),
        make(cast.supplier, cast.loan, 9, value_date=day(3)),
    ]
    for hours, each in enumerate(wanted):
        post_transfers([each], now=now + dt.timedelta(hours=hours))
    create_pending(make(cast.loan, cast.supplier, 11, value_date=day(1)), now=now)
    return cast


def test_a_balance_as_of_a_day_counts_value_dates(three_days: Cast) -> None:
    supplier = three_days.supplier
    assert [balance(supplier, day(n)).balance_fen for n in range(5)] == [0, 70, 570, 561, 561]
    assert balance(supplier, day(1)).available_fen is None
    assert balance(supplier).incoming_fen == 11


def test_a_statement_runs_by_value_date(three_days: Cast) -> None:
    found = statement(three_days.supplier, day(2), day(3))
    assert (found.opening_fen, found.closing_fen) == (70, 561)
    assert [(line.value_date, line.amount_fen, line.balance_fen) for line in found.lines] == [
        (day(2), 500, 570),
        (day(3), -9, 561),
    ]
    whole = statement(three_days.loan, day(0), day(9))
    assert [line.balance_fen for line in whole.lines] == [70, 570, 561]
    assert whole.account.normal_side == "debit"


def test_a_statement_by_day_of_booking_never_changes(
    three_days: Cast, make: Make, now: dt.datetime
) -> None:
    supplier, booked = three_days.supplier, now.date()
    before = statement(supplier, booked, booked, date_kind="booking")
    assert [line.balance_fen for line in before.lines] == [500, 570, 561]
    late = make(three_days.loan, supplier, 40, value_date=day(1))
    # 16:30 in UTC is the next day in China.
    post_transfers([late], now=now.replace(hour=16, minute=30))
    assert statement(supplier, booked, booked, date_kind="booking") == before
    assert balance(supplier, booked, date_kind="booking").balance_fen == 561
    after = statement(supplier, booked + dt.timedelta(days=1), day(9), date_kind="booking")
    assert (after.opening_fen, after.closing_fen, after.lines[0].value_date) == (561, 601, day(1))
    assert balance(supplier, day(1)).balance_fen == 110
    with pytest.raises(BadPeriod):
        statement(supplier, day(2), day(1))


def test_the_trial_balance_balances_every_day(three_days: Cast) -> None:
    for number in range(5):
        rows = trial_balance(day(number))
        assert sum(row.debit_fen for row in rows) == sum(row.credit_fen for row in rows)
    rows = trial_balance(day(3))
    assert [(row.kind, row.debit_fen, row.credit_fen) for row in rows] == [
        ("loan_principal", 561, 0),
        ("supplier_account", 0, 561),
    ]
    assert rows[0].name_zh == "贷款本金"


def test_the_transfers_of_a_case(cast: Cast, make: Make, now: dt.datetime) -> None:
    case = new_id()
    mine = make(cast.loan, cast.supplier, 5, case_id=case)
    post_transfers([mine, make(cast.loan, cast.supplier, 6)], now=now)
    (row,) = transfers_of_case(case)
    assert row.facts.id == mine.id
    assert row.booked_at == now
    assert {entry.amount_fen for entry in row.facts.entries} == {5, -5}


def test_accounts_are_found(cast: Cast) -> None:
    assert get_account(cast.programme).max_fen == 1_000_000
    assert [each.id for each in list_accounts(kind="supplier_account")] == [cast.supplier]
    assert list_accounts(owner_organisation_id=new_id()) == []
    assert [each.code for each in list_accounts()] == sorted(each.code for each in list_accounts())
    for read in (get_account, balance):
        with pytest.raises(UnknownAccount):
            read(new_id())
