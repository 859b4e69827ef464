"""Lists: filters in the address, columns, counts, and the case page's parts."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from honghu.desk.frame.facts import mask
from honghu.desk.registers import filters
from honghu.desk.registers.filters import PAGE_SIZE
from honghu.desk.tests.cast import Cast
from honghu.kernel.cases import lists
from honghu.kernel.registers.model import Field, FieldType, Text

URL = "/registers/ditch-weeds/"


def test_the_columns_are_those_of_the_file_and_never_personal(cast: Cast) -> None:
    cast.issued(caller="13812340000")
    page = cast.client("lan").get(URL).content.decode()
    for shown in ("Ditch", "Area", "Budget", "12,345.00", "Organisation north", "To be cleared"):
        assert shown in page
    assert "1381234" not in page
    assert "Caller" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?state=issued", {"North ditch"}),
        ("?state=registered", {"Sihu ditch"}),
        ("?q=north", {"North ditch"}),
        ("?light=red", set()),
        ("?light=green", {"Sihu ditch", "North ditch"}),
        ("?open=true", {"Sihu ditch", "North ditch"}),
        ("?state=nowhere&light=blue&sort=evil&page=x", {"Sihu ditch", "North ditch"}),
    ],
)
def test_filters_stand_in_the_address(cast: Cast, query: str, shown: set[str]) -> None:
    cast.weeds("Sihu ditch")
    cast.issued(ditch="North ditch")
    page = cast.client("lan").get(URL + query)
    text = page.content.decode()
    assert page.status_code == 200
    assert {name for name in ("Sihu ditch", "North ditch") if f">{name}<" in text} == shown


def test_an_empty_list_says_what_to_do(cast: Cast) -> None:
    client = cast.client("lan")
    text = client.get(URL).content.decode()
    assert reverse("open-case", args=["ditch-weeds", "open"]) in text
    assert "No case fits these filters" in client.get(f"{URL}?q=zz").content.decode()


def test_pages_keep_the_filter(cast: Cast) -> None:
    for number in range(PAGE_SIZE + 1):
        cast.weeds(f"Ditch {number}")
    text = cast.client("lan").get(f"{URL}?open=true").content.decode()
    assert "?open=true&amp;page=2" in text
    second = cast.client("lan").get(f"{URL}?open=true&page=2").content.decode()
    assert second.count('class="cell--title"') == 1


def test_counts_by_state_come_as_a_fragment(cast: Cast) -> None:
    cast.weeds()
    cast.issued()
    cast.issued(town="south")
    client = cast.client("lan")
    text = client.get(reverse("register-counts", args=["ditch-weeds"])).content.decode()
    assert "<html" not in text
    assert [text.count(f'<span class="count">{count}</span>') for count in (3, 2, 1)] == [1, 1, 1]
    town = cast.client("wei").get(reverse("register-counts", args=["ditch-weeds"]))
    assert '<span class="count">1</span>' in town.content.decode()


def test_the_links_of_the_counts_lead_to_the_list(cast: Cast) -> None:
    cast.weeds()
    text = cast.client("lan").get(reverse("register-counts", args=["ditch-weeds"]) + "?q=sihu")
    assert 'href="?q=sihu&amp;state=registered"' in text.content.decode()


def test_openings_are_offered_to_those_who_may(cast: Cast) -> None:
    cast.issued()
    url = reverse("open-case", args=["ditch-weeds", "open"])
    assert url in cast.client("lan").get(URL).content.decode()
    assert url not in cast.client("wei").get(URL).content.decode()


def test_the_case_page_answers_the_five_questions(cast: Cast) -> None:
    done = cast.issued()
    page = cast.client("wei").get(reverse("case", args=[done.case_id])).content.decode()
    assert done.number in page
    assert "To be cleared" in page
    assert "Town officer (Organisation north)" in page
    assert "left" in page
    assert reverse("case-action", args=[done.case_id, "submit"]) in page
    assert "This is for: River office" in page


def test_a_number_leads_to_its_case(cast: Cast) -> None:
    done = cast.weeds()
    client = cast.client("lan")
    where = reverse("case", args=[done.case_id])
    assert client.get(f"/c/{done.number}")["Location"] == where
    assert client.get("/search", {"q": done.number})["Location"] == where
    found = client.get("/search", {"q": "Sihu"}).content.decode()
    assert where in found
    assert "Nothing found" in client.get("/search", {"q": "zzz"}).content.decode()


def test_my_work_begins_with_the_most_urgent(cast: Cast) -> None:
    done = cast.issued()
    text = cast.client("wei").get("/").content.decode()
    assert reverse("case-action", args=[done.case_id, "submit"]) in text
    assert "1 case waits for you" in text
    assert "Nothing waits for you" in cast.client("min").get("/").content.decode()
    assert cast.client("wei").get(reverse("work-count")).content == b"1"


def test_the_lifecycle_is_drawn_and_told(cast: Cast) -> None:
    page = cast.client("lan").get(f"{URL}lifecycle?at=issued").content.decode()
    assert "<svg" in page
    assert "now here" in page
    assert "by another organisation than did: Apply to strike off" in page


def test_the_rule_book_names_source_and_day(cast: Cast) -> None:
    client = cast.client("lan")
    book = client.get(reverse("rules")).content.decode()
    url = reverse("rule", args=["kernel.amber_share"])
    assert url in book
    assert client.get(url).status_code == 200
    assert client.get(reverse("rule", args=["kernel.none"])).status_code == 404


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        (FieldType.PHONE, "13812340000", "138****0000"),
        (FieldType.RESIDENT_ID, "42108319900101001X", "421083********001X"),
        (FieldType.TEXT, "4210830112345678", "****5678"),
        (FieldType.TEXT, "张三", "张*"),
        (FieldType.TEXT, "湖滨路三十号二单元", "****"),
        (FieldType.LONG_TEXT, "张三", "****"),
    ],
)
def test_personal_values_are_masked_by_their_shape(
    kind: FieldType, value: str, masked: str
) -> None:
    field = Field(code="x", title=Text("值", "value"), type=kind, personal=True)
    assert mask(field, value) == masked


def test_overdue_cases_stand_first_with_their_words(cast: Cast) -> None:
    late = Cast(cast.now - dt.timedelta(days=30), cast.people, cast.organisations)
    done = late.issued(ditch="Late ditch")
    text = cast.client("wei").get("/").content.decode()
    assert 'id="group-red"' in text
    assert "overdue by" in text
    assert done.number in text


def test_a_case_without_a_title_is_called_by_its_first_text(cast: Cast) -> None:
    done = cast.issued(ditch="North ditch")
    client = cast.client("wei")
    assert (
        "<h1>North ditch</h1>" in client.get(reverse("case", args=[done.case_id])).content.decode()
    )
    assert ">North ditch</a>" in client.get("/").content.decode()


def test_neighbouring_pages_are_asked_for_by_their_place(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "PAGE_SIZE", 4)
    for number in range(11):
        cast.weeds(f"Ditch {number}")
    client, seen = cast.client("lan"), []
    url, text = URL, ""
    for _page in range(3):
        text = client.get(url).content.decode()
        seen += re.findall(r'href="/cases/([0-9a-f-]+)/?">', text)
        cast.weeds("Came meanwhile")
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = URL + html.unescape(found[1]) if found else ""
    assert url == ""
    assert len(seen) == len(set(seen)) == 11
    back = re.search(r'rel="prev" href="([^"]+)"', text)
    assert back
    assert "before=" in back[1]
    assert client.get(URL + html.unescape(back[1])).status_code == 200
    assert client.get(f"{URL}?page=2&after=nonsense").status_code == 200
    assert "The list does not go this far" in client.get(f"{URL}?page=9").content.decode()


def test_a_longer_list_says_more_than(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        cast.weeds(f"Ditch {number}")
    monkeypatch.setattr(lists, "COUNTED_TO", 4)
    monkeypatch.setattr(filters, "COUNTED_TO", 4)
    monkeypatch.setattr(filters, "PAGE_SIZE", 2)
    client = cast.client("lan")
    text = client.get(URL).content.decode()
    assert "1\u20132 of more than 4" in text
    assert 'rel="next"' in text
    counts = client.get(reverse("register-counts", args=["ditch-weeds"])).content.decode()
    assert '<span class="count">4+</span>' in counts
