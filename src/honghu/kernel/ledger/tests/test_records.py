"""The canonical bytes of a transfer."""

import datetime as dt
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.hashing import canonical_json
from honghu.kernel.ledger.problems import BadTransfer
from honghu.kernel.ledger.records import Draft, DraftEntry, Leg, NewCompoundTransfer, draft, payload

amounts = st.integers(-(10**15), 10**15)
texts = st.text(st.characters(codec="utf-8"))
optional_ids = st.none() | st.uuids()
drafts = st.builds(
    Draft,
    id=st.uuids(),
    phase=st.sampled_from(["single", "pending", "posted", "voided", "expired"]),
    kind=texts,
    value_date=st.dates(),
    expires_at=st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    case_id=optional_ids,
    step_id=optional_ids,
    memo_code=st.none() | texts,
    pending_id=optional_ids,
    reverses_id=optional_ids,
    link_id=optional_ids,
    link_size=st.none() | st.integers(2, 99),
    entries=st.lists(
        st.builds(DraftEntry, st.uuids(), st.just("CNY"), amounts, amounts, amounts), min_size=2
    ).map(tuple),
)


@given(drafts)
def test_the_payload_is_canonical_json(facts: Draft) -> None:
    content = payload(facts)
    assert content == canonical_json(json.loads(content))


@given(drafts, drafts)
def test_other_facts_have_other_bytes(one: Draft, other: Draft) -> None:
    assert (payload(one) == payload(other)) == (one == other)


def test_the_order_of_the_legs_does_not_matter() -> None:
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    both = [Leg(one, 5), Leg(two, -5)]
    made = [
        draft(
            NewCompoundTransfer(
                id=uuid.UUID(int=9), legs=tuple(legs), value_date=dt.date(2026, 6, 1), kind="k"
            )
        )
        for legs in (both, both[::-1])
    ]
    assert made[0] == made[1]
    assert [entry.account_id for entry in made[0].entries] == [one, two]


def test_an_account_stands_once_in_a_transfer() -> None:
    legs = tuple(
        Leg(uuid.UUID(int=number), amount) for number, amount in ((1, 5), (1, 5), (2, -10))
    )
    with pytest.raises(BadTransfer):
        draft(
            NewCompoundTransfer(
                id=uuid.UUID(int=9), legs=legs, value_date=dt.date(2026, 6, 1), kind="k"
            )
        )
