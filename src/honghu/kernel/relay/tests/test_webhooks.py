"""What machines are told: signed, in order, again until it arrives, and never into our own network."""

import base64
import datetime as dt
import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.tests.straw import NOW, Straw
from honghu.kernel.parties.commands import dismiss
from honghu.kernel.relay.commands import relay_steps
from honghu.kernel.relay.tests.receiver import Receiver, receiving
from honghu.kernel.webhooks import addresses
from honghu.kernel.webhooks.addresses import AddressRefused, is_outside, read_address
from honghu.kernel.webhooks.commands import (
    end_subscription,
    redeliver,
    resume_subscription,
    rotate_secret,
    subscribe,
)
from honghu.kernel.webhooks.delivering import deliver, pause
from honghu.kernel.webhooks.models import Attempt, Delivery, Secret, Subscription
from honghu.kernel.webhooks.queries import list_deliveries, list_subscriptions
from honghu.kernel.webhooks.signatures import SignatureRefused, sign, verify

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.HONGHU_WEBHOOK_PRIVATE = True
    with receiving() as found:
        yield found


def subscribed(
    straw: Straw, receiver: Receiver, who: str = "officer", *topics: str
) -> tuple[uuid.UUID, str]:
    row, secret = subscribe(
        url=receiver.url,
        topics=topics or ("straw-burning",),
        label="our system",
        actor=straw.cast[who],
        now=NOW,
    )
    return row.id, secret


def run(until: dt.datetime, begin: dt.datetime = NOW, every: dt.timedelta = HOUR / 4) -> int:
    """A worker that looks every quarter of an hour; how many requests it made."""
    made, now = 0, begin
    while now <= until:
        while tried := deliver(now=now):
            made += tried
        now += every
    return made


def test_a_step_arrives_signed_and_without_facts(straw: Straw, receiver: Receiver) -> None:
    _id, secret = subscribed(straw, receiver)
    case_id = straw.open("officer").case_id
    relay_steps(now=NOW)
    assert deliver(now=NOW) == 1
    ((headers, body),) = receiver.got
    event = json.loads(body)
    assert verify([secret], headers, body, now=NOW) == event["id"]
    assert event["type"] == "straw-burning.open"
    assert event["data"]["case_id"] == str(case_id)
    assert "小港村" not in body.decode()
    assert "田大爷" not in body.decode()
    assert deliver(now=NOW) == relay_steps(now=NOW) == 0


def test_a_forged_an_altered_and_a_replayed_request_are_refused(
    straw: Straw, receiver: Receiver
) -> None:
    _id, secret = subscribed(straw, receiver)
    straw.open("officer")
    relay_steps(now=NOW)
    deliver(now=NOW)
    ((headers, body),) = receiver.got
    stranger = "whsec_" + base64.b64encode(bytes(32)).decode()
    for keys, sent, text, now in (
        ([stranger], headers, body, NOW),
        ([secret], headers, body.replace(b"open", b"shut"), NOW),
        ([secret], headers | {"webhook-id": str(uuid.uuid4())}, body, NOW),
        ([secret], headers | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, body, NOW),
        ([secret], headers, body, NOW + dt.timedelta(minutes=6)),
        ([secret], {k: v for k, v in headers.items() if k != "webhook-signature"}, body, NOW),
        ([secret], headers | {"webhook-signature": "v1,ü"}, body, NOW),
        (["whsec_***"], headers, body, NOW),
    ):
        with pytest.raises(SignatureRefused):
            verify(keys, sent, text, now=now)


def test_the_signature_is_the_standards_own_example() -> None:
    # The example of the Standard Webhooks specification.
    assert (
        sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body=b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_receiver_that_is_down_for_a_day_gets_everything_in_order(
    straw: Straw, receiver: Receiver
) -> None:
    _subscription, secret = subscribed(straw, receiver)
    receiver.status = 503
    cases = [straw.issued() for _ in range(5)]
    straw.submit(cases[0])
    relay_steps(now=NOW)
    waiting = Delivery.objects.filter(status="waiting").count()
    assert waiting == 11
    refused = run(until=NOW + DAY)
    # One asks at a time, after pauses: not each delivery again and again.
    assert 20 < refused < 60
    assert list_subscriptions(actor=straw.cast["officer"])[0].failures > 20
    assert Delivery.objects.filter(status="waiting").count() == waiting
    receiver.got.clear()
    receiver.status = 200
    run(until=NOW + DAY + 2 * HOUR, begin=NOW + DAY)
    assert Delivery.objects.filter(status="delivered").count() == waiting
    events = [json.loads(body) for _headers, body in receiver.got]
    assert len({event["id"] for event in events}) == len(events) == waiting
    for case_id in cases:
        own = [e["data"]["sequence"] for e in events if e["data"]["case_id"] == str(case_id)]
        assert own == sorted(own)
    # Each attempt is signed anew, for its own time.
    headers, body = receiver.got[-1]
    with pytest.raises(SignatureRefused):
        verify([secret], headers, body, now=NOW)


def test_a_receiver_that_never_answers_is_given_up_and_redelivered(
    straw: Straw, receiver: Receiver, settings: Any
) -> None:
    settings.HONGHU_WEBHOOK_ATTEMPTS = 5
    officer = straw.cast["officer"]
    subscription, _secret = subscribed(straw, receiver)
    receiver.status, receiver.answer = 500, b"\x00" + b"x" * 9_000
    straw.issued()
    relay_steps(now=NOW)
    run(until=NOW + DAY)
    (row,) = list_subscriptions(actor=officer)
    assert row.status == "suspended"
    log = list_deliveries(subscription, actor=officer)
    assert {each.status for each in log} == {"dead"}
    tries = [each for one in log for each in one.tries]
    assert len(tries) == 5
    assert {(each.status_code, len(each.answer)) for each in tries} == {(500, 2_048)}
    # What happens meanwhile is not lost: it is dead as well, to be redelivered.
    straw.open("officer")
    relay_steps(now=NOW + DAY)
    assert run(until=NOW + DAY) == 0
    receiver.status = 204
    resume_subscription(subscription, actor=officer, now=NOW + DAY)
    assert redeliver(subscription, actor=officer, now=NOW + DAY) == 3
    run(until=NOW + DAY)
    assert Delivery.objects.filter(status="delivered").count() == 3
    again = log[0].id
    assert redeliver(subscription, actor=officer, now=NOW + DAY, delivery_id=again) == 1
    assert deliver(now=NOW + DAY) == 1


def test_a_refusal_of_one_event_stops_only_its_case(straw: Straw, receiver: Receiver) -> None:
    _subscription, _secret = subscribed(straw, receiver)
    straw.issued()
    relay_steps(now=NOW)
    receiver.status = 422
    assert deliver(now=NOW) == 1
    assert list_subscriptions(actor=straw.cast["officer"])[0].failures == 0
    receiver.status = 200
    straw.open("officer")
    relay_steps(now=NOW)
    assert deliver(now=NOW) == 1
    later = NOW + HOUR
    assert [deliver(now=later), deliver(now=later), deliver(now=later)] == [1, 1, 0]


def test_redirects_are_not_followed_and_gone_means_gone(straw: Straw, receiver: Receiver) -> None:
    subscription, _secret = subscribed(straw, receiver)
    straw.open("officer")
    relay_steps(now=NOW)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    deliver(now=NOW)
    assert len(receiver.got) == Attempt.objects.filter(status_code=302).count() == 1
    receiver.status = 410
    deliver(now=NOW + HOUR)
    assert Subscription.objects.get(pk=subscription).status == "suspended"


def test_two_secrets_sign_while_one_is_exchanged(straw: Straw, receiver: Receiver) -> None:
    subscription, old = subscribed(straw, receiver)
    new = rotate_secret(subscription, actor=straw.cast["chief"], now=NOW, overlap=DAY)
    for now, good, bad in ((NOW, (old, new), ()), (NOW + 2 * DAY, (new,), (old,))):
        straw.open("officer")
        relay_steps(now=now)
        deliver(now=now)
        headers, body = receiver.got[-1]
        for each in good:
            assert verify([each], headers, body, now=now)
        for each in bad:
            with pytest.raises(SignatureRefused):
                verify([each], headers, body, now=now)
    assert old.encode() not in b"".join(bytes(row.sealed) for row in Secret.objects.all())


def test_only_what_the_person_may_see_is_told(straw: Straw, receiver: Receiver) -> None:
    town, _secret = subscribed(straw, receiver, "xiaogang", "straw-burning.issue")
    subscribed(straw, receiver, "fengkou", "*")
    straw.issued()
    relay_steps(now=NOW)
    topics = [d.topic for d in list_deliveries(town, actor=straw.cast["xiaogang"])]
    assert topics == ["straw-burning.issue"]
    assert Delivery.objects.count() == 1
    for who in ("officer", "fengkou"):
        with pytest.raises(NotFound):
            list_deliveries(town, actor=straw.cast[who])
    # Who holds the role no more is told no more.
    actor = straw.cast["xiaogang"]
    assert actor.person_id is not None
    assert actor.organisation_id is not None
    dismiss(
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        role="town_officer",
        to_date=NOW.date() - DAY,
    )
    straw.issued()
    relay_steps(now=NOW)
    assert Delivery.objects.count() == 1


def test_an_ended_webhook_gets_nothing(straw: Straw, receiver: Receiver) -> None:
    subscription, _secret = subscribed(straw, receiver)
    straw.open("officer")
    relay_steps(now=NOW)
    end_subscription(subscription, actor=straw.cast["officer"], now=NOW)
    straw.open("officer")
    relay_steps(now=NOW)
    assert run(until=NOW + HOUR) == 0
    assert list_subscriptions(actor=straw.cast["officer"]) == []


def test_topics_and_addresses_are_checked(straw: Straw, settings: Any) -> None:
    settings.HONGHU_WEBHOOK_PRIVATE = False
    for url in (
        "http://example.org/hook",
        "https://user:secret@example.org/",
        "ftp://example.org/",
        "https://",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://[::1/",
    ):
        with pytest.raises(AddressRefused):
            read_address(url)
    good = "https://example.org/hook"
    for topics in ([], ["no-register"], ["straw-burning.no_action"]):
        with pytest.raises(Invalid):
            subscribe(url=good, topics=topics, label="x", actor=straw.cast["officer"], now=NOW)
    with pytest.raises(Invalid):
        subscribe(
            url=good, topics=["straw-burning"], label="x", actor=straw.cast["passer-by"], now=NOW
        )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::",
        "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_private_addresses_are_no_targets(
    address: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HONGHU_WEBHOOK_PRIVATE = False
    assert not is_outside(address)
    found = [(None, None, None, "", ("93.184.215.14", 443)), (None, None, None, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    # One good address beside it does not help.
    with pytest.raises(AddressRefused):
        addresses.resolve(read_address("https://name.example/"))


def test_public_addresses_are(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.HONGHU_WEBHOOK_PRIVATE = False
    found = [(None, None, None, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    assert addresses.resolve(read_address("https://name.example/")) == "93.184.215.14"


def test_pauses_double_up_to_an_hour() -> None:
    for failures in range(1, 100):
        whole = min(dt.timedelta(seconds=30 * 2 ** min(failures - 1, 10)), HOUR)
        assert 0.8 * whole <= pause(failures) <= 1.2 * whole
