"""A loan's days go by under `honghu work`: closed each, the borrower reminded once, interest off income."""

import datetime as dt
import uuid

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from honghu.domains.lending.closing.models import Closing, ClosingSkip, Reminder
from honghu.domains.lending.jobs import close_days
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.verify import verify_loans
from honghu.kernel.notifications.addresses import confirm_address
from honghu.kernel.notifications.commands import set_preference
from honghu.kernel.notifications.mailing import send_mails
from honghu.kernel.notifications.models import Notification
from honghu.kernel.notifications.queries import PreferenceRow, inbox
from honghu.kernel.parties.models import Account
from honghu.site import jobs
from honghu.site.county import Member
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def to(thread: Thread, day: dt.date) -> dt.datetime:
    """Early on a day."""
    thread.now = dt.datetime.combine(day, dt.time(1), dt.UTC)
    return thread.now


def told(thread: Thread) -> list[tuple[str, str]]:
    """What the supplier finds in the inbox of dates that lending keeps."""
    actor = thread.cast["supplier"].actor(thread.now.date())
    rows = [row.told for row in inbox(actor=actor)]
    return [(row.kind, row.number) for row in rows if row.kind in {"due_soon", "overdue"}]


def page_of(thread: Thread, loan: Loan) -> str:
    """The loan's page as the bank's manager sees it."""
    client = Client(headers={"accept-language": "en"})
    account = Account.objects.get(person_id=thread.cast["lianhu-manager"].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("loan", args=[loan.pk])).content.decode()


def stick(loan: Loan) -> Loan:
    """A loan beside another that nobody can serve."""
    stuck = Loan.objects.get(pk=loan.pk)
    stuck.pk, stuck.number, stuck.case_id = uuid.uuid4(), "stuck", None
    stuck.fault = "contract lost"
    stuck.save(force_insert=True)
    return stuck


def mailed(person_id: uuid.UUID, now: dt.datetime) -> None:
    """The person wants a mail a day, and follows the link by which the address is confirmed."""
    wanted = PreferenceRow("s@county.example", "daily", dt.time(8), None, None)
    set_preference(wanted, person_id=person_id, now=now)
    later = now + dt.timedelta(minutes=1)
    assert send_mails(now=later, link=str, confirm_link=str) == 1
    confirm_address(mail.outbox[-1].body.split()[-1], now=later)


@override_settings(HONGHU_MAIL="smtp://nowhere")
def test_days_are_closed_by_themselves_and_the_borrower_is_reminded_once(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = thread.drawn()
    supplier = thread.cast["supplier"].actor(thread.now.date())
    assert supplier.person_id is not None
    mailed(supplier.person_id, thread.now)
    loan = Loan.objects.get(case_id=case)
    due = loan.next_due_date
    assert due is not None
    soon = due - dt.timedelta(days=3)
    first = close_days(now=to(thread, soon - dt.timedelta(days=9)))
    assert first == 1, "the first day to be closed is the one on which loans are first in service"
    assert told(thread) == []

    number = thread.see(case).number
    with transaction.atomic():
        close_days(now=to(thread, soon))
        assert told(thread) == [("due_soon", number)]
        transaction.set_rollback(True)
    assert told(thread) == []
    assert not Reminder.objects.exists()
    monkeypatch.setattr(timezone, "now", lambda: to(thread, soon))
    jobs.begin_day()
    jobs.begin_day()
    assert Closing.objects.count() == 10
    assert told(thread) == [("due_soon", number)]
    assert send_mails(now=thread.now + dt.timedelta(days=1), link=str, confirm_link=str) == 1
    assert number in mail.outbox[-1].body
    # Nobody pays. One loan that nobody can serve holds up neither the others nor the days.
    stuck = stick(loan)
    close_days(now=to(thread, due + dt.timedelta(days=91)))
    assert told(thread) == [("overdue", number), ("due_soon", number)]
    assert Notification.objects.filter(kind="overdue").count() == 1
    loan.refresh_from_db()
    assert (loan.served_to, loan.is_nonaccrual) == (thread.now.date(), True)
    assert Event.objects.filter(loan_id=loan.pk, kind="nonaccrual_began").count() == 1
    skips = ClosingSkip.objects.filter(resolved_at=None)
    assert {skip.loan_id for skip in skips} == {stuck.pk}
    Loan.objects.filter(pk=stuck.pk).delete()
    assert verify_loans().faults == ()
    assert close_days(now=thread.now) == 0
    page = page_of(thread, loan)
    for words in ("off balance until it is received", "Interest taken off income", "proved by"):
        assert words in page
