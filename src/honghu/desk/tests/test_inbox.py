"""The inbox at the desk: told, counted, opened, read; preferences kept or refused."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from honghu.desk.tests.cast import Cast
from honghu.kernel.notifications.addresses import (
    LinkNotValidError,
    confirm_address,
    token_of,
)
from honghu.kernel.notifications.commands import set_preference
from honghu.kernel.notifications.mailing import send_mails
from honghu.kernel.notifications.models import Notification, Preference
from honghu.kernel.notifications.queries import PreferenceRow
from honghu.kernel.relay.commands import relay_steps


def test_what_is_told_is_counted_opened_and_read(cast: Cast) -> None:
    case_ids = [cast.issued(ditch=f"Ditch {number}").case_id for number in range(3)]
    relay_steps(now=cast.now)
    client = cast.client("wei")
    assert client.get(reverse("inbox-count")).content == b"3"
    with CaptureQueriesContext(connection) as counted:
        page = client.get(reverse("inbox"))
    assert len(counted) <= 6, [each["sql"] for each in counted]
    newest = Notification.objects.filter(case_id=case_ids[2], read_at=None).get()
    address = reverse("notification", args=[newest.id])
    assert address in page.content.decode()
    opened = client.get(address)
    assert opened.headers["Location"] == reverse("case", args=[case_ids[2]])
    assert client.get(reverse("inbox-count")).content == b"2"
    # Somebody else's notification is not there for this reader.
    assert cast.client("lan").get(address).status_code == 404
    assert client.get(reverse("inbox-read")).status_code == 405
    client.post(reverse("inbox-read"))
    assert client.get(reverse("inbox-count")).content == b""


def test_preferences(cast: Cast) -> None:
    client = cast.client("wei")
    url = reverse("mail-preferences")
    assert client.get(url).status_code == 200
    good = {
        "address": "wei@county.example",
        "frequency": "daily",
        "digest_at": "08:00",
        "quiet_from": "",
        "quiet_to": "",
    }
    for wrong in ({"address": "wei"}, {"digest_at": "eight"}, {"digest_at": ""}, {"quiet_to": "7"}):
        refused = client.post(url, good | wrong)
        assert refused.status_code == 422
        assert "wei@" in refused.content.decode() or "address" in wrong
    assert Preference.objects.count() == 0
    assert client.post(url, good).status_code == 302
    assert Preference.objects.get().frequency == "daily"
    assert "wei@county.example" in client.get(url).content.decode()


def test_an_address_is_written_to_once_its_reader_confirmed_it(cast: Cast, settings: Any) -> None:
    settings.HONGHU_MAIL = "smtp://nowhere"
    client, url = cast.client("wei"), reverse("mail-preferences")
    wanted = {"frequency": "at_once", "digest_at": "08:00", "quiet_from": "", "quiet_to": ""}

    def sent() -> list[EmailMessage]:
        mail.outbox.clear()
        later = timezone.now() + dt.timedelta(minutes=1)  # noqa: TID251 as the pages
        while send_mails(now=later, link=str, confirm_link=lambda token: f"/confirm-mail/{token}"):
            pass
        return list(mail.outbox)

    client.post(url, wanted | {"address": "wie@county.example"})
    (mistaken,) = sent()
    client.post(url, wanted | {"address": "wei@county.example"})
    cast.issued()
    relay_steps(now=cast.now)
    (asked,) = sent()
    assert asked.to == ["wei@county.example"], "nothing but the link is mailed before"
    link, old = (each.body.split()[-1] for each in (asked, mistaken))
    stranger = Client()
    assert stranger.post(old).status_code == 404, "it is not the person's any more"
    assert stranger.post(f"{link}x").status_code == 404
    # A program that looks through mails opens links; only a person presses.
    assert stranger.get(link).status_code == 200
    assert Preference.objects.get().confirmed_at is None
    client.post(reverse("mail-link"))
    assert len(sent()) == 1
    assert stranger.post(link).status_code == 200
    assert stranger.post(link).status_code == 200
    assert Preference.objects.get().confirmed_at is not None
    assert client.post(reverse("mail-link")).status_code == 404
    cast.issued(ditch="Another ditch")
    relay_steps(now=cast.now)
    assert len(sent()) == 1
    # Another hour of mail leaves the address as it is; another address does not.
    client.post(url, wanted | {"address": "wei@county.example", "digest_at": "09:00"})
    assert Preference.objects.get().confirmed_at is not None
    client.post(url, wanted | {"address": "wei@other.example"})
    assert Preference.objects.get().confirmed_at is None


@pytest.mark.django_db
def test_a_link_is_good_for_three_days() -> None:
    person, now = uuid.uuid4(), dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    wanted = PreferenceRow("wei@county.example", "daily", dt.time(8), None, None)
    set_preference(wanted, person_id=person, now=now)
    token = token_of(person, wanted.address, now=now)
    with pytest.raises(LinkNotValidError):
        confirm_address(token, now=now + dt.timedelta(days=3, seconds=1))
    assert confirm_address(token, now=now + dt.timedelta(days=3)) == wanted.address
