"""The inbox at the desk: told, counted, opened, read; preferences kept or refused."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from honghu.desk.tests.cast import Cast
from honghu.kernel.notifications.models import Notification, Preference
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
