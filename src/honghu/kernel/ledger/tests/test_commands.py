"""Posting, reserving, resolving, reversing: what is answered and what is refused."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from honghu.base.identifiers import new_id
from honghu.kernel.journal.leaves import leaf_hash
from honghu.kernel.ledger.commands import (
    create_pending,
    expire_pendings,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    set_bounds,
    void_pending,
)
from honghu.kernel.ledger.leaves import TransferLeaves
from honghu.kernel.ledger.problems import (
    AlreadyResolved,
    AlreadyReversed,
    BadTransfer,
    BoundPassed,
    IdReused,
    LinkBroken,
    MoreThanReserved,
    PendingTimeOver,
    UnableToReverse,
    UnbalancedTransfer,
    UnknownAccount,
    UnknownKind,
    UnknownTransfer,
    WrongCurrency,
)
from honghu.kernel.ledger.queries import balance, transfers_of_case
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer, NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast

Make = Callable[..., NewTransfer]
DAY_AFTER = dt.timedelta(days=1)


def test_a_transfer_moves_both_balances(cast: Cast, make: Make, now: dt.datetime) -> None:
    (posted,) = post_transfers([make(cast.loan, cast.supplier, 500)], now=now)
    assert not posted.replayed
    assert posted.booked_at == now
    by_account = {entry.account_id: entry for entry in posted.entries}
    assert by_account[cast.loan][1:3] == (500, 500)
    assert by_account[cast.supplier][1:3] == (-500, -500)
    assert {entry.version for entry in posted.entries} == {1}
    assert balance(cast.loan).balance_fen == 500
    assert balance(cast.supplier).balance_fen == 500


def test_a_batch_is_one_statement(cast: Cast, make: Make, now: dt.datetime) -> None:
    batch = [make(cast.loan, cast.supplier, amount) for amount in range(1, 51)]
    with CaptureQueriesContext(connection) as queries:
        posted = post_transfers(batch, now=now)
    assert len(queries) == 1
    assert [each.id for each in posted] == [each.id for each in batch]
    assert balance(cast.loan).balance_fen == sum(range(1, 51))
    assert [each.entries[0].version for each in posted] == list(range(1, 51))


def test_posting_nothing_is_no_statement(
    cast: Cast, now: dt.datetime, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert post_transfers([], now=now) == []


def test_the_same_request_is_answered_again(cast: Cast, make: Make, now: dt.datetime) -> None:
    wanted = make(cast.loan, cast.supplier, 500)
    (first,) = post_transfers([wanted], now=now)
    post_transfers([make(cast.loan, cast.supplier, 1)], now=now)
    (again,) = post_transfers([wanted], now=now + DAY_AFTER)
    assert again == first._replace(replayed=True)
    assert balance(cast.loan).balance_fen == 501


def test_a_batch_may_hold_old_and_new_requests(cast: Cast, make: Make, now: dt.datetime) -> None:
    old, new = make(cast.loan, cast.supplier, 500), make(cast.loan, cast.supplier, 7)
    post_transfers([old], now=now)
    answers = post_transfers([old, new, new], now=now)
    assert [each.replayed for each in answers] == [True, False, False]
    assert balance(cast.loan).balance_fen == 507


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 501},
        {"kind": "repayment"},
        {"value_date": DAY + DAY_AFTER},
        {"case_id": new_id()},
        {"memo_code": "other"},
    ],
)
def test_the_same_id_with_other_content_is_refused(
    cast: Cast, make: Make, now: dt.datetime, change: dict[str, object]
) -> None:
    wanted = make(cast.loan, cast.supplier, 500)
    post_transfers([wanted], now=now)
    with pytest.raises(IdReused) as refused, transaction.atomic():
        post_transfers([dataclasses.replace(wanted, **change)], now=now)  # type: ignore[arg-type]
    assert refused.value.code == "ledger_id_reused"
    assert refused.value.fields["id"] == str(wanted.id)
    assert balance(cast.loan).balance_fen == 500


def test_one_id_with_two_contents_in_a_batch_is_refused(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    wanted = make(cast.loan, cast.supplier, 500)
    with pytest.raises(IdReused):
        post_transfers([wanted, dataclasses.replace(wanted, amount_fen=1)], now=now)


def test_many_legs_balance_per_currency(cast: Cast, now: dt.datetime) -> None:
    legs = (Leg(cast.supplier, 1_050), Leg(cast.loan, -1_000), Leg(cast.income, -50))
    first = NewTransfer(
        id=new_id(),
        debit_account_id=cast.loan,
        credit_account_id=cast.supplier,
        amount_fen=2_000,
        value_date=DAY,
        kind="disbursement",
    )
    repayment = NewCompoundTransfer(id=new_id(), legs=legs, value_date=DAY, kind="repayment")
    post_transfers([first, repayment], now=now)
    assert balance(cast.supplier).balance_fen == 950
    assert balance(cast.income).balance_fen == 50
    off = dataclasses.replace(repayment, id=new_id(), legs=(*legs[:2], Leg(cast.income, -49)))
    with pytest.raises(UnbalancedTransfer):
        post_transfers([off], now=now)


@pytest.mark.parametrize("amount", [0, -5, 10**15 + 1])
def test_amounts_that_are_none_are_refused(
    cast: Cast, make: Make, now: dt.datetime, amount: int
) -> None:
    with pytest.raises(BadTransfer):
        post_transfers([make(cast.loan, cast.supplier, amount)], now=now)


def test_one_account_on_both_sides_is_refused(cast: Cast, make: Make, now: dt.datetime) -> None:
    with pytest.raises(BadTransfer):
        post_transfers([make(cast.loan, cast.loan, 5)], now=now)


def test_an_unknown_account_is_named(cast: Cast, make: Make, now: dt.datetime) -> None:
    stranger = new_id()
    with pytest.raises(UnknownAccount) as refused:
        post_transfers([make(cast.loan, stranger, 5)], now=now)
    assert refused.value.fields["id"] == str(stranger)


def test_another_currency_is_refused(cast: Cast, make: Make, now: dt.datetime) -> None:
    with pytest.raises(WrongCurrency):
        post_transfers([make(cast.loan, cast.supplier, 5, currency="USD")], now=now)


def test_bounds_refuse_the_whole_batch(cast: Cast, make: Make, now: dt.datetime) -> None:
    post_transfers([make(cast.loan, cast.supplier, 100)], now=now)
    batch = [make(cast.loan, cast.supplier, 5), make(cast.supplier, cast.loan, 106)]
    with pytest.raises(BoundPassed) as refused, transaction.atomic():
        post_transfers(batch, now=now)
    assert refused.value.fields["id"] == str(cast.supplier)
    assert balance(cast.supplier).balance_fen == 100


def test_a_bound_may_not_be_passed_for_a_moment(cast: Cast, make: Make, now: dt.datetime) -> None:
    batch = [make(cast.supplier, cast.loan, 5), make(cast.loan, cast.supplier, 5)]
    with pytest.raises(BoundPassed):
        post_transfers(batch, now=now)


def test_pending_amounts_count_against_both_bounds(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    pending = make(cast.programme, cast.contra, 600_000)
    create_pending(pending, now=now)
    held = balance(cast.programme)
    assert (held.balance_fen, held.incoming_fen, held.max_fen) == (0, 600_000, 1_000_000)
    with pytest.raises(BoundPassed), transaction.atomic():
        post_transfers([make(cast.programme, cast.contra, 400_001)], now=now)
    void_pending(pending.id, id=new_id(), now=now)
    post_transfers([make(cast.programme, cast.contra, 1_000_000)], now=now)
    create_pending(make(cast.contra, cast.programme, 999_999), now=now)
    assert balance(cast.programme).available_fen == 1
    with pytest.raises(BoundPassed):
        create_pending(make(cast.contra, cast.programme, 2), now=now)


@pytest.mark.parametrize(("amount", "moved"), [(None, 300), (300, 300), (120, 120)])
def test_a_pending_transfer_is_posted_whole_or_in_part(
    cast: Cast, make: Make, now: dt.datetime, amount: int | None, moved: int
) -> None:
    pending = make(cast.loan, cast.supplier, 300, case_id=new_id())
    create_pending(pending, now=now)
    assert balance(cast.supplier).balance_fen == 0
    posted = resolve_pending(pending.id, id=new_id(), amount_fen=amount, now=now)
    assert {entry.pending_debit_fen + entry.pending_credit_fen for entry in posted.entries} == {0}
    assert balance(cast.supplier).balance_fen == moved
    assert balance(cast.supplier).incoming_fen == 0
    assert [row.facts.phase for row in transfers_of_case(pending.case_id or uuid.UUID(int=0))] == [
        "pending",
        "posted",
    ]


def test_a_resolution_is_repeatable_but_not_double(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    pending = make(cast.loan, cast.supplier, 300)
    create_pending(pending, now=now)
    resolution = new_id()
    first = resolve_pending(pending.id, id=resolution, now=now)
    again = resolve_pending(pending.id, id=resolution, now=now + DAY_AFTER)
    assert again == first._replace(replayed=True)
    with pytest.raises(IdReused), transaction.atomic():
        resolve_pending(pending.id, id=resolution, amount_fen=1, now=now)
    with pytest.raises(AlreadyResolved), transaction.atomic():
        resolve_pending(pending.id, id=new_id(), now=now)
    with pytest.raises(AlreadyResolved), transaction.atomic():
        void_pending(pending.id, id=new_id(), now=now)
    assert balance(cast.supplier).balance_fen == 300


def test_no_more_is_posted_than_was_reserved(cast: Cast, make: Make, now: dt.datetime) -> None:
    pending = make(cast.loan, cast.supplier, 300)
    create_pending(pending, now=now)
    for amount in (0, 301, -1):
        with pytest.raises(MoreThanReserved):
            resolve_pending(pending.id, id=new_id(), amount_fen=amount, now=now)
    legs = [Leg(cast.loan, 301), Leg(cast.supplier, -301)]
    with pytest.raises(MoreThanReserved):
        resolve_pending(pending.id, id=new_id(), legs=legs, now=now)


def test_a_part_of_many_legs_is_given_by_legs(cast: Cast, now: dt.datetime) -> None:
    legs = (Leg(cast.treasury, 100), Leg(cast.loan, -80), Leg(cast.income, -20))
    pending = NewCompoundTransfer(id=new_id(), legs=legs, value_date=DAY, kind="repayment")
    create_pending(pending, now=now)
    with pytest.raises(BadTransfer):
        resolve_pending(pending.id, id=new_id(), amount_fen=50, now=now)
    with pytest.raises(BadTransfer):
        resolve_pending(pending.id, id=new_id(), legs=legs[:2], now=now)
    part = (Leg(cast.treasury, 60), Leg(cast.loan, -50), Leg(cast.income, -10))
    resolve_pending(pending.id, id=new_id(), legs=part, now=now)
    assert balance(cast.income).balance_fen == 10


def test_a_pending_transfer_expires(cast: Cast, make: Make, now: dt.datetime) -> None:
    soon, later = make(cast.loan, cast.supplier, 10), make(cast.loan, cast.supplier, 20)
    create_pending(soon, now=now, expires_at=now + DAY_AFTER)
    create_pending(later, now=now, expires_at=now + 3 * DAY_AFTER)
    assert expire_pendings(now=now) == []
    with pytest.raises(PendingTimeOver), transaction.atomic():
        resolve_pending(soon.id, id=new_id(), now=now + DAY_AFTER)
    assert len(expire_pendings(now=now + DAY_AFTER)) == 1
    assert expire_pendings(now=now + DAY_AFTER) == []
    assert balance(cast.supplier).incoming_fen == 20
    resolve_pending(later.id, id=new_id(), now=now + DAY_AFTER)
    assert expire_pendings(now=now + 9 * DAY_AFTER) == []


def test_an_expiry_lies_in_the_future(cast: Cast, make: Make, now: dt.datetime) -> None:
    with pytest.raises(BadTransfer):
        create_pending(make(cast.loan, cast.supplier, 10), now=now, expires_at=now)


def test_a_request_to_reserve_is_answered_again_after_its_time(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    pending = make(cast.loan, cast.supplier, 10)
    first = create_pending(pending, now=now, expires_at=now + DAY_AFTER)
    again = create_pending(pending, now=now + 2 * DAY_AFTER, expires_at=now + DAY_AFTER)
    assert again == first._replace(replayed=True)


def test_a_job_need_not_look_further_back_than_its_last_run(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    for days in (1, 2):
        pending = make(cast.loan, cast.supplier, 10 * days)
        create_pending(pending, now=now, expires_at=now + days * DAY_AFTER)
    (freed,) = expire_pendings(now=now + 3 * DAY_AFTER, since=now + 2 * DAY_AFTER)
    assert {abs(entry.amount_fen) for entry in freed.entries} == {0}
    assert balance(cast.supplier).incoming_fen == 10


def test_only_pending_transfers_are_resolved(cast: Cast, make: Make, now: dt.datetime) -> None:
    posted = make(cast.loan, cast.supplier, 10)
    post_transfers([posted], now=now)
    for wrong in (posted.id, new_id()):
        with pytest.raises(UnknownTransfer):
            void_pending(wrong, id=new_id(), now=now)


def test_a_reversal_is_exact_and_once(cast: Cast, make: Make, now: dt.datetime) -> None:
    wanted = make(cast.loan, cast.supplier, 500)
    post_transfers([wanted], now=now)
    reversal = new_id()
    reverse_transfer(wanted.id, id=reversal, now=now, value_date=DAY, memo_code="error")
    assert balance(cast.loan).balance_fen == 0
    again = reverse_transfer(wanted.id, id=reversal, now=now, value_date=DAY, memo_code="error")
    assert again.replayed
    with pytest.raises(AlreadyReversed), transaction.atomic():
        reverse_transfer(wanted.id, id=new_id(), now=now, value_date=DAY)
    with pytest.raises(UnableToReverse):
        reverse_transfer(reversal, id=new_id(), now=now, value_date=DAY)
    with pytest.raises(UnknownTransfer):
        reverse_transfer(new_id(), id=new_id(), now=now, value_date=DAY)


def test_a_posted_resolution_is_reversed_a_pending_is_not(
    cast: Cast, make: Make, now: dt.datetime
) -> None:
    pending = make(cast.loan, cast.supplier, 500)
    create_pending(pending, now=now)
    with pytest.raises(UnableToReverse):
        reverse_transfer(pending.id, id=new_id(), now=now, value_date=DAY)
    resolution = new_id()
    resolve_pending(pending.id, id=resolution, amount_fen=200, now=now)
    reverse_transfer(resolution, id=new_id(), now=now, value_date=DAY)
    assert balance(cast.supplier).balance_fen == 0


def test_linked_transfers_stand_together(cast: Cast, make: Make, now: dt.datetime) -> None:
    pair = [make(cast.loan, cast.supplier, 5), make(cast.bank, cast.income, 1)]
    link = new_id()
    post_transfers(pair, now=now, link_id=link)
    assert all(each.replayed for each in post_transfers(pair, now=now, link_id=link))
    with pytest.raises(IdReused), transaction.atomic():
        post_transfers(pair[:1], now=now)
    with pytest.raises(LinkBroken), transaction.atomic():
        post_transfers([make(cast.bank, cast.income, 1) for _ in pair], now=now, link_id=link)
    with pytest.raises(LinkBroken), transaction.atomic():
        post_transfers([pair[0], make(cast.bank, cast.income, 1)], now=now, link_id=link)


def test_accounts_open_once(cast: Cast, now: dt.datetime) -> None:
    wanted = new_id()
    first = open_account(id=wanted, kind="locked_account", now=now, min_fen=0, reference="6222")
    assert (first.min_fen, first.max_fen, first.normal_side) == (0, None, "credit")
    again = open_account(id=wanted, kind="locked_account", now=now, min_fen=0, reference="6222")
    assert again == first
    with pytest.raises(IdReused):
        open_account(id=wanted, kind="suspense", now=now)
    with pytest.raises(UnknownKind):
        open_account(id=new_id(), kind="treasure", now=now)
    with pytest.raises(BadTransfer):
        open_account(id=new_id(), kind="suspense", now=now, slots=4, min_fen=0)
    with pytest.raises(BadTransfer):
        open_account(id=new_id(), kind="suspense", now=now, min_fen=5)


def test_bounds_change_only_to_what_holds(cast: Cast, make: Make, now: dt.datetime) -> None:
    post_transfers([make(cast.programme, cast.contra, 700_000)], now=now)
    changed = set_bounds(account_id=cast.programme, min_fen=0, max_fen=700_000, now=now)
    assert changed.max_fen == 700_000
    with pytest.raises(BoundPassed), transaction.atomic():
        set_bounds(account_id=cast.programme, min_fen=0, max_fen=699_999, now=now)
    with pytest.raises(UnknownAccount):
        set_bounds(account_id=new_id(), min_fen=0, max_fen=None, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ceiling_fen, from_version FROM ledger_bound WHERE account_id = %s ORDER BY 2",
            [cast.programme],
        )
        assert cursor.fetchall() == [(1_000_000, 0), (700_000, 1)]


def test_a_hot_account_sums_its_slots(cast: Cast, make: Make, now: dt.datetime) -> None:
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=8).id
    post_transfers([make(hot, cast.supplier, 40), make(hot, cast.loan, 2)], now=now)
    pending = make(cast.loan, hot, 5)
    create_pending(pending, now=now)
    assert balance(hot).balance_fen == 42
    assert balance(hot).outgoing_fen == 5
    assert balance(hot).entries == 3


def test_every_transfer_has_its_leaf(cast: Cast, make: Make, now: dt.datetime) -> None:
    wanted = make(cast.loan, cast.supplier, 5, memo_code='quote " and \\ back', kind="放款")
    pending = make(cast.loan, cast.supplier, 7)
    post_transfers([wanted], now=now)
    create_pending(pending, now=now, expires_at=now + DAY_AFTER)
    void_pending(pending.id, id=new_id(), now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, hash FROM journal_leaf WHERE kind = 'transfer'")
        written = {row[0]: bytes(row[1]) for row in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM journal_queue")
        assert cursor.fetchone()[0] >= 3
    source = TransferLeaves()
    assert written == {each: leaf_hash("transfer", each, now, data) for each, data in source.rows()}
    assert len(written) == 3
    assert source.get(wanted.id) == dict(source.rows())[wanted.id]
    assert source.get(new_id()) is None
