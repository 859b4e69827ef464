"""Step D1 at the desk: what an agency prints, and whether a notice prints it; rule R8 counts the same."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from honghu.api.limits import Strangers
from honghu.domains.financing.pages import agencies
from honghu.domains.financing.queries.policy import policy_paragraph
from tests import notices


def test_an_agency_copies_the_paragraph_and_checks_its_notices(
    shipped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Client(headers={"accept-language": "en"})
    url = reverse("financing-agencies")
    paragraph = policy_paragraph("award", on=dt.date(2026, 5, 1), agency="荷风<b>代理")
    page = door.get(url, {"place": "award", "agency": "荷风<b>代理"}).content.decode()
    assert paragraph.text in page
    assert "荷风&lt;b&gt;代理" in page
    assert "荷风<b>" not in page
    word = door.get("/api/v1/policy/award/document", {"agency": "荷风"})
    assert word.content.startswith(b"PK")

    files = [
        SimpleUploadedFile("told.txt", notices.award(supplement=paragraph.text)),
        SimpleUploadedFile("silent.txt", notices.award()),
        SimpleUploadedFile("named.txt", notices.award(supplement="本项目支持政采贷。")),
        SimpleUploadedFile("picture.txt", bytes(range(256))),
        SimpleUploadedFile("book.txt", b"x" * (2 * 2**20 + 1)),
    ]
    checked = door.post(url, {"notices": files}).context["checked"]
    assert [each.outcome.tone for each in checked] == ["green", "red", "amber", "red", "red"]
    assert "政采贷" in checked[0].words
    assert not checked[1].words
    assert all(each.why for each in checked[2:])
    assert door.post(url, {"notices": files * 3}).status_code == 422
    monkeypatch.setattr(agencies, "_STRANGERS", Strangers(a_minute=1))
    assert [door.post(url).status_code for _ in range(2)] == [422, 429]
    assert door.get(url).status_code == 200
