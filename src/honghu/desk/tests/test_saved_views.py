"""Saved views of a list: kept per person, told of once, and nobody else's business."""

import dataclasses
import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from honghu.desk.tests.cast import Cast
from honghu.kernel.notifications.models import Notification, SavedView
from honghu.kernel.relay.commands import relay_steps

IN_VIEW = Notification.Kind.IN_VIEW
VIEWS = reverse("saved-views", args=["ditch-weeds"])


def _told(cast: Cast) -> list[str]:
    relay_steps(now=cast.now)
    rows = Notification.objects.filter(kind=IN_VIEW).order_by("number")
    return list(rows.values_list("number", flat=True))


def test_a_view_is_saved_from_its_list_and_told_of_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.issued(ditch="Lotus ditch old")
    wei = cast.client("wei")
    query = "q=Lotus&state=issued&page=3"
    line = wei.get(f"{VIEWS}?{query}", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in line
    page = wei.get(f"{VIEWS}?{query}").content.decode()
    assert 'name="query" value="q=Lotus&amp;state=issued"' in page
    cast = dataclasses.replace(cast, now=cast.now + dt.timedelta(minutes=1))
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    saved = wei.post(VIEWS, {"query": query, "name": " My  lotus ", "telling": "true"})
    assert saved.headers["Location"].endswith("?q=Lotus&state=issued")
    view = SavedView.objects.get()
    assert view.wanted is not None
    assert (view.name, view.wanted["text"]) == ("My lotus", "Lotus")
    # What came before is not told; nor is a case outside of the view.
    assert _told(cast) == []
    cast = dataclasses.replace(cast, now=cast.now + dt.timedelta(minutes=1))
    new, other = cast.issued(ditch="Lotus ditch"), cast.issued(ditch="Reed ditch")
    assert other.number not in _told(cast)
    assert _told(cast) == [new.number]
    assert _told(cast) == [new.number]
    inbox = wei.get(reverse("inbox")).content.decode()
    assert new.number in inbox
    # Somebody else neither sees the view nor can change it.
    lan = cast.client("lan")
    assert "My lotus" not in lan.get(VIEWS).content.decode()
    change = reverse("saved-view", args=["ditch-weeds", view.id])
    assert lan.post(change, {"do": "delete"}).status_code == 404
    assert wei.post(change, {"do": "quiet"}).status_code == 302
    cast.issued(ditch="Lotus ditch again")
    assert _told(cast) == [new.number]
    assert wei.post(change, {"do": "delete"}).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_is_refused_with_the_reason_beside_the_field(cast: Cast) -> None:
    wei = cast.client("wei")
    good = {"query": "q=Lotus", "name": "Lotus"}
    assert wei.post(VIEWS, good).status_code == 302
    for wrong in ({"name": ""}, {"name": "x" * 61}, {}, {"query": "light=red", "telling": "true"}):
        refused = wei.post(VIEWS, good | {"name": "Lotus"} | wrong)
        assert refused.status_code == 422, wrong
        assert 'aria-invalid="true"' in refused.content.decode()
    # A view by light is kept, and looked at; time alone changes it, so nobody is told of it.
    assert wei.post(VIEWS, {"query": "light=red", "name": "Late"}).status_code == 302
    assert SavedView.objects.get(name="Late").wanted is None
    unknown = cast.client("wei").post(VIEWS, good | {"query": "state=x&fact.y=z", "name": "Odd"})
    assert unknown.status_code == 302
    odd = SavedView.objects.get(name="Odd").wanted
    assert odd is not None
    assert odd["states"] == []
