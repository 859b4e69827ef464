"""Who is told what, once, and how the mail goes out."""

import datetime as dt
import threading
import uuid
from typing import Any, cast

import pytest
from django.core import mail as sent
from django.core.mail import EmailMessage
from django.db import connections, transaction
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.deadlines import local_zone
from honghu.kernel.cases.outbox import forget_delivered, take_messages
from honghu.kernel.cases.tests.straw import NOW, Straw
from honghu.kernel.notifications.commands import (
    mark_all_read,
    mark_read,
    remind,
    set_preference,
)
from honghu.kernel.notifications.hours import Hours, send_at
from honghu.kernel.notifications.mailing import retry_mail, send_mails
from honghu.kernel.notifications.models import Mail, Notification, Preference
from honghu.kernel.notifications.queries import (
    PreferenceRow,
    count_unread,
    faulty_mails,
    inbox,
    last_fault,
)
from honghu.kernel.relay.commands import relay_steps

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NIGHT = NOW.replace(hour=15)
"""23:00 in Honghu."""


def link(case_id: object) -> str:
    return f"https://county.example/cases/{case_id}"


def confirm_link(token: str) -> str:
    return f"https://county.example/confirm-mail/{token}"


def told(straw: Straw, who: str) -> list[tuple[str, str]]:
    return [(row.told.number, row.told.kind) for row in inbox(actor=straw.cast[who])]


def person(straw: Straw, who: str) -> uuid.UUID:
    return cast("uuid.UUID", straw.cast[who].person_id)


def wants(straw: Straw, who: str, frequency: str = "at_once", **more: Any) -> None:
    values: dict[str, Any] = {
        "address": f"{who}@county.example",
        "frequency": frequency,
        "digest_at": dt.time(8),
        "quiet_from": None,
        "quiet_to": None,
    }
    set_preference(PreferenceRow(**(values | more)), person_id=person(straw, who), now=NOW)
    Preference.objects.update(confirmed_at=NOW)
    Mail.objects.exclude(confirms="").delete()


def test_whose_turn_it_is_is_told_and_nobody_else(straw: Straw) -> None:
    case_id = straw.open("officer").case_id
    assert relay_steps(now=NOW) == 1
    number = straw.row(case_id).number
    # Whoever did it needs not be told; the town has no part in it yet.
    assert told(straw, "officer") == told(straw, "xiaogang") == []
    assert told(straw, "chief") == [(number, "turn")]

    straw.do(case_id, "issue", "chief", {"severity": "minor", "responsible": straw.town()})
    # Only what was passed on is forgotten, once it is old enough.
    assert forget_delivered(before=NOW) == 0
    assert forget_delivered(before=NOW + DAY) == 1
    assert relay_steps(now=NOW) == 1
    assert told(straw, "xiaogang") == [(number, "turn")]
    assert told(straw, "fengkou") == []
    assert relay_steps(now=NOW) == 0


def test_who_gets_it_back_is_told_so_and_parties_hear_of_the_end(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id, "xiaogang")
    relay_steps(now=NOW)
    straw.verify(case_id, "officer", "failed")
    relay_steps(now=NOW)
    assert [kind for _number, kind in told(straw, "xiaogang")] == ["returned"]
    assert next(kind for _number, kind in told(straw, "xiaogang-colleague")) == "turn"
    straw.submit(case_id, "xiaogang")
    straw.verify(case_id, "officer")
    relay_steps(now=NOW)
    assert [kind for _number, kind in told(straw, "xiaogang")] == ["ended", "returned"]


def test_only_the_state_reached_is_told_when_many_steps_wait(straw: Straw) -> None:
    straw.submit(straw.issued())
    assert relay_steps(now=NOW) == 3
    assert told(straw, "xiaogang") == []
    assert [kind for _number, kind in told(straw, "chief")] == ["turn"]


def test_nothing_is_told_of_what_rolled_back(straw: Straw, mail: None) -> None:
    wants(straw, "chief")
    with transaction.atomic():
        straw.open("officer")
        assert len(take_messages(10)) == 1
        transaction.set_rollback(True)
    assert relay_steps(now=NOW) == 0
    assert Notification.objects.count() == Mail.objects.count() == 0


def test_a_worker_that_dies_tells_again_and_only_once(straw: Straw, mail: None) -> None:
    wants(straw, "chief")
    straw.open("officer")
    with transaction.atomic():
        relay_steps(now=NOW)
        transaction.set_rollback(True)
    assert told(straw, "chief") == []
    relay_steps(now=NOW)
    assert len(told(straw, "chief")) == Mail.objects.count() == 1


def test_read_and_unread(straw: Straw) -> None:
    for _ in range(3):
        straw.open("officer")
    relay_steps(now=NOW)
    chief = straw.cast["chief"]
    rows = inbox(actor=chief, limit=2)
    assert count_unread(actor=chief) == 3
    assert mark_read(rows[0].id, actor=chief, now=NOW) == rows[0].told.case_id
    mark_read(rows[0].id, actor=chief, now=NOW)
    assert count_unread(actor=chief) == 2
    with pytest.raises(NotFound):
        mark_read(rows[1].id, actor=straw.cast["fengkou"], now=NOW)
    older = inbox(actor=chief, before=rows[1].id)
    assert [row.id for row in older] == [r.id for r in inbox(actor=chief) if r not in rows][-1:]
    assert mark_all_read(actor=chief, now=NOW) == 2
    assert count_unread(actor=chief) == 0


def test_reminders_come_once_before_and_once_at_the_due_time(straw: Straw) -> None:
    case_id = straw.issued("major")
    relay_steps(now=NOW)
    due_at = straw.row(case_id).due_at
    assert due_at == NOW + DAY
    assert remind(now=NOW + HOUR) == 0
    near = due_at - HOUR
    assert [remind(now=near), remind(now=near + dt.timedelta(minutes=1))] == [1, 0]
    assert [remind(now=due_at), remind(now=due_at + DAY)] == [1, 0]
    assert [kind for _n, kind in told(straw, "xiaogang")] == ["overdue", "due_soon", "turn"]
    assert "due_soon" not in [kind for _n, kind in told(straw, "fengkou")]


def test_a_deadline_that_is_met_is_not_reminded_of(straw: Straw) -> None:
    case_id = straw.issued("major")
    due_at = straw.row(case_id).due_at
    assert due_at is not None
    straw.submit(case_id)
    # The town's clock has ended; the office's own runs for days.
    assert remind(now=due_at) == 0


def test_many_workers_tell_and_remind_once(committed_straw: Straw, mail: None) -> None:
    straw = committed_straw
    wants(straw, "xiaogang")
    cases = [straw.issued("major") for _ in range(20)]
    faults: list[BaseException] = []

    def work() -> None:
        try:
            while relay_steps(now=NOW):
                pass
            remind(now=NOW + DAY)
            while send_mails(now=NOW + DAY, link=link, confirm_link=confirm_link):
                pass
        except BaseException as error:  # noqa: BLE001 told to the test
            faults.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    kinds = [kind for _n, kind in told(straw, "xiaogang")]
    assert sorted(kinds) == ["overdue"] * len(cases) + ["turn"] * len(cases)
    ids = [each.extra_headers["Message-ID"] for each in sent.outbox]
    assert len(ids) == len(set(ids)) == Mail.objects.filter(status="sent").count() >= 2


def test_a_mail_says_where_to_go_in_the_readers_language_and_no_fact(
    straw: Straw, mail: None
) -> None:
    wants(straw, "fengkou")
    wants(straw, "xiaogang")
    first, second = straw.issued(), straw.issued(town="fengkou")
    relay_steps(now=NOW)
    assert send_mails(now=NOW, link=link, confirm_link=confirm_link) == 2
    by_reader = {each.to[0].partition("@")[0]: each for each in sent.outbox}
    english, chinese = by_reader["fengkou"], by_reader["xiaogang"]
    assert "It is your turn." in english.body
    assert link(second) in english.body
    assert straw.row(second).number in english.subject
    assert link(first) in chinese.body
    with translation.override("zh-hans"):
        assert gettext("It is your turn.") in chinese.body
    for each in (english, chinese):
        assert "小港村" not in f"{each.body}{each.subject}"
        assert "田大爷" not in each.body
    assert send_mails(now=NOW + DAY, link=link, confirm_link=confirm_link) == 0


def test_a_digest_waits_for_its_hour_and_leaves_out_what_is_settled(
    straw: Straw, mail: None
) -> None:
    wants(straw, "xiaogang", "daily")
    settled, seen, left = (straw.issued("minor") for _ in range(3))
    relay_steps(now=NOW)
    assert send_mails(now=NOW + HOUR, link=link, confirm_link=confirm_link) == 0
    straw.submit(settled, "xiaogang-colleague")
    for row in inbox(actor=straw.cast["xiaogang"]):
        if row.told.case_id == seen:
            mark_read(row.id, actor=straw.cast["xiaogang"], now=NOW)
    assert send_mails(now=NOW + DAY, link=link, confirm_link=confirm_link) == 1
    assert link(left) in sent.outbox[0].body
    assert link(settled) not in sent.outbox[0].body
    assert link(seen) not in sent.outbox[0].body


def test_quiet_hours_hold_back_all_but_what_runs_by_the_hour(straw: Straw, mail: None) -> None:
    wants(straw, "xiaogang", quiet_from=dt.time(21), quiet_to=dt.time(7, 30))
    by_day, by_hour = straw.issued("minor"), straw.issued("major")
    relay_steps(now=NIGHT)
    assert send_mails(now=NIGHT, link=link, confirm_link=confirm_link) == 1
    assert link(by_hour) in sent.outbox[0].body
    assert link(by_day) not in sent.outbox[0].body
    morning = dt.datetime(2026, 6, 2, 7, 30, tzinfo=local_zone())
    assert (
        send_mails(now=morning - dt.timedelta(minutes=1), link=link, confirm_link=confirm_link) == 0
    )
    assert send_mails(now=morning, link=link, confirm_link=confirm_link) == 1


def test_a_mail_that_fails_is_tried_again_and_shown(
    straw: Straw, mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(straw, "chief")
    straw.open("officer")
    relay_steps(now=NOW)

    def refuse(_mail: EmailMessage) -> int:
        raise ConnectionRefusedError(111, "Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert send_mails(now=NOW, link=link, confirm_link=confirm_link) == 1
        assert (
            send_mails(now=NOW + dt.timedelta(seconds=90), link=link, confirm_link=confirm_link)
            == 0
        )
        (row,) = faulty_mails()
        assert (row.attempts, row.status) == (1, "sending")
        assert "Connection refused" in last_fault(person_id=person(straw, "chief"))
        at, tries = NOW, 1
        while tries < 12:
            at += 7 * HOUR
            tries += send_mails(now=at, link=link, confirm_link=confirm_link)
        assert faulty_mails()[0].status == "failed"
        assert send_mails(now=at + DAY, link=link, confirm_link=confirm_link) == 0
    retry_mail(row.id, now=at + DAY)
    assert send_mails(now=at + DAY, link=link, confirm_link=confirm_link) == 1
    assert len(sent.outbox) == 1
    assert faulty_mails() == []
    with pytest.raises(NotFound):
        retry_mail(row.id, now=at)


def test_without_a_mail_server_nothing_is_planned(straw: Straw) -> None:
    wants(straw, "chief")
    straw.open("officer")
    relay_steps(now=NOW)
    assert Mail.objects.count() == 0
    assert len(told(straw, "chief")) == 1


def test_preferences_are_refused_by_field(straw: Straw) -> None:
    for wrong, field in (
        ({"address": "no address"}, "address"),
        ({"address": ""}, "address"),
        ({"frequency": "hourly"}, "frequency"),
        ({"quiet_from": dt.time(21)}, "quiet_to"),
    ):
        with pytest.raises(Invalid) as refused:
            wants(straw, "chief", **{"frequency": "daily"} | wrong)
        assert set(refused.value.fields) == {field}


@given(
    minutes=st.integers(0, 2 * 24 * 60),
    quiet=st.one_of(st.none(), st.tuples(st.times(), st.times())),
)
def test_no_mail_leaves_in_quiet_hours(minutes: int, quiet: tuple[dt.time, dt.time] | None) -> None:
    now = NOW + dt.timedelta(minutes=minutes)
    at = send_at(Hours(None, quiet), now=now, emergency=False, zone=local_zone())
    assert now <= at <= now + DAY
    if quiet is not None and quiet[0] != quiet[1]:
        clock = at.astimezone(local_zone()).time()
        begin, end = quiet
        inside = begin <= clock < end if begin < end else clock >= begin or clock < end
        assert not inside
    assert send_at(Hours(dt.time(8), quiet), now=now, emergency=True, zone=local_zone()) == now
