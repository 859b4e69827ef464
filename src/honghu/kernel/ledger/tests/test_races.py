"""Real concurrency: several connections want the same money, the same id, the same pending."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connections

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError
from honghu.kernel.ledger.commands import (
    create_pending,
    expire_pendings,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    void_pending,
)
from honghu.kernel.ledger.problems import AlreadyResolved, AlreadyReversed, BoundPassed, IdReused
from honghu.kernel.ledger.queries import balance
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast

Make = Callable[..., NewTransfer]


def race(blocker: Any, *racers: Callable[[], Any]) -> list[Any]:
    """Run all at once, each on its own connection; what each gave, or the refusal it met."""
    start = threading.Barrier(len(racers))
    results: list[Any] = [None] * len(racers)

    def run(place: int, racer: Callable[[], Any]) -> None:
        try:
            with blocker.unblock():
                start.wait(timeout=10)
                results[place] = racer()
        except HonghuError as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(place, racer)) for place, racer in enumerate(racers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def refusals(results: Sequence[Any]) -> list[type[HonghuError]]:
    """The classes of those results that are refusals."""
    return [type(each) for each in results if isinstance(each, HonghuError)]


@pytest.mark.parametrize("_round", range(5))
def test_two_posts_at_a_bound_one_wins(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any, _round: int
) -> None:
    cast = committed_cast
    post_transfers([make(cast.loan, cast.supplier, 100)], now=now)
    wanted = [make(cast.supplier, cast.treasury, 60) for _ in range(2)]
    results = race(
        django_db_blocker,
        *(lambda each=each: post_transfers([each], now=now) for each in wanted),
    )
    assert refusals(results) == [BoundPassed]
    assert balance(cast.supplier).balance_fen == 40


def test_many_posts_at_a_bound_exactly_fill_it(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    cast = committed_cast
    wanted = [make(cast.programme, cast.contra, 300_000) for _ in range(8)]
    results = race(
        django_db_blocker,
        *(lambda each=each: create_pending(each, now=now) for each in wanted),
    )
    assert refusals(results) == [BoundPassed] * 5
    assert balance(cast.programme).incoming_fen == 900_000


@pytest.mark.parametrize("_round", range(5))
def test_a_pending_is_resolved_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any, _round: int
) -> None:
    cast = committed_cast
    pending = make(cast.loan, cast.supplier, 100)
    create_pending(pending, now=now)
    results = race(
        django_db_blocker,
        lambda: resolve_pending(pending.id, id=new_id(), now=now),
        lambda: void_pending(pending.id, id=new_id(), now=now),
        lambda: resolve_pending(pending.id, id=new_id(), amount_fen=30, now=now),
    )
    assert refusals(results) == [AlreadyResolved] * 2
    held = balance(cast.supplier)
    assert held.incoming_fen == 0
    assert held.balance_fen in {0, 30, 100}


def test_a_transfer_is_reversed_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    cast = committed_cast
    done = make(cast.loan, cast.supplier, 100)
    post_transfers([done], now=now)
    results = race(
        django_db_blocker,
        *(lambda: reverse_transfer(done.id, id=new_id(), now=now, value_date=DAY),) * 3,
    )
    assert refusals(results) == [AlreadyReversed] * 2
    assert balance(cast.supplier).balance_fen == 0


@pytest.mark.parametrize("slots", [1, 4])
def test_one_id_at_once_is_booked_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any, slots: int
) -> None:
    hot = [
        open_account(id=new_id(), kind="treasury_clearing", now=now, slots=slots).id
        for _ in range(2)
    ]
    wanted = make(*hot, 100)
    results = race(django_db_blocker, *(lambda: post_transfers([wanted], now=now),) * 4)
    assert refusals(results) == []
    assert sorted(each[0].replayed for each in results) == [False, True, True, True]
    assert len({each[0].entries for each in results}) == 1
    assert balance(hot[0]).balance_fen == 100


@pytest.mark.parametrize("slots", [1, 4])
def test_one_id_at_once_with_two_contents_is_refused_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any, slots: int
) -> None:
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=slots).id
    wanted = make(hot, committed_cast.loan, 100)
    other = dataclasses.replace(wanted, credit_account_id=committed_cast.bank, amount_fen=7)
    results = race(
        django_db_blocker,
        lambda: post_transfers([wanted], now=now),
        lambda: post_transfers([other], now=now),
    )
    assert refusals(results) == [IdReused]
    assert balance(hot).balance_fen in {100, 7}


def test_two_jobs_expire_a_pending_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    cast = committed_cast
    later = now + dt.timedelta(days=1)
    for _ in range(5):
        create_pending(make(cast.loan, cast.supplier, 10), now=now, expires_at=later)
    race(django_db_blocker, *(lambda: expire_pendings(now=later),) * 3)
    held = balance(cast.supplier)
    assert (held.incoming_fen, held.entries) == (0, 10)


def test_batches_crosswise_do_not_lock_each_other_out(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    cast = committed_cast
    ring = [cast.loan, cast.bank, cast.treasury, cast.income]
    there = [make(one, two, 1) for one, two in zip(ring, [*ring[1:], ring[0]], strict=True)] * 5
    back = [dataclasses.replace(each, id=new_id()) for each in reversed(there)]

    def many(batch: list[NewTransfer]) -> None:
        for _ in range(10):
            fresh = [dataclasses.replace(each, id=new_id()) for each in batch]
            post_transfers(fresh, now=now)

    results = race(django_db_blocker, *(lambda: many(there), lambda: many(back)) * 2)
    assert refusals(results) == []
    assert balance(cast.loan).entries == 4 * 10 * len(there) / 2


def test_a_hot_account_serves_many_at_once(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=4).id

    def many() -> None:
        mine = open_account(id=new_id(), kind="locked_account", now=now).id
        for _ in range(10):
            post_transfers([make(hot, mine, 3)], now=now)

    race(django_db_blocker, *(many,) * 6)
    assert (balance(hot).balance_fen, balance(hot).entries) == (180, 60)


def test_what_one_session_reserved_on_a_hot_account_another_gives_back(
    committed_cast: Cast, make: Make, now: dt.datetime, django_db_blocker: Any
) -> None:
    """Each session has a slot of its own; what is reserved is the sum over the slots."""
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=64).id
    pendings = [make(hot, committed_cast.loan, fen) for fen in (100, 30, 7)]
    for pending in pendings:
        create_pending(pending, now=now)
    resolutions = [
        lambda: resolve_pending(pendings[0].id, id=new_id(), now=now),
        lambda: void_pending(pendings[1].id, id=new_id(), now=now),
    ]
    assert refusals(race(django_db_blocker, *resolutions)) == []
    held = balance(hot)
    assert (held.balance_fen, held.incoming_fen, held.outgoing_fen) == (100, 7, 0)
