"""A register's map: the list's own filter on the ground, by page and by API."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from honghu.base.spots import read_box
from honghu.kernel.cases.tests.straw import NOW, Straw, settle_straw
from honghu.kernel.parties.commands import open_account
from honghu.kernel.parties.models import Person
from honghu.kernel.shapes.commands import take_shapes
from honghu.kernel.shapes.geojson import read_shapes

MAP, LIST = "/registers/straw-burning/map", "/registers/straw-burning/"
API = "/api/v1/registers/straw-burning/map"
CROWD = "113.37,29.79,113.42,29.82"


@pytest.fixture
def straw(db: None, monkeypatch: pytest.MonkeyPatch) -> Straw:
    """Six fires: four near one another, two on one spot; one of them told to a town."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(hours=3))
    straw = settle_straw()
    for number in range(3):
        straw.open(form=straw.finding(place=f"113.{38 + number},29.80{number}"))
    straw.issued(place="113.41,29.815")
    for _twin in range(2):
        straw.open(form=straw.finding(place="113.8,30.1", village="峰口村"))
    return straw


def client_of(straw: Straw, who: str) -> Client:
    person = Person.objects.get(pk=straw.cast[who].person_id or "")
    account = open_account(person=person, username=who, password="lotus-root-and-seed-9")  # noqa: S106
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, **query: str) -> str:
    response = client.get(MAP, query)
    assert response.status_code == 200
    return response.content.decode()


def counts(html: str) -> list[int]:
    """How many cases each mark stands for, as it is read aloud."""
    labels = re.findall(r'class="map-mark [^"]*"[^>]* aria-label="([^"]+)"', html)
    labels += re.findall(r'aria-label="([^"]+)"[^>]* class="map-mark ', html)
    found = [re.match(r"(\d+)\+? cases?", label) for label in labels]
    return sorted(int(match.group(1)) if match else 1 for match in found)


def test_marks_table_and_list_tell_the_same(straw: Straw) -> None:
    client = client_of(straw, "officer")
    assert f'href="{MAP}?"' in client.get(LIST).content.decode()
    whole = page(client)
    assert sum(counts(whole)) == 6
    assert "6 cases on this part of the map; 6 in the list." in whole
    narrowed = page(client, q="峰口")
    # Both stand on one spot: the mark leads to their list, where the filter still holds.
    assert counts(narrowed) == [2]
    address = re.search(r'href="(/registers/straw-burning/\?[^"]*box=[^"]*)"', narrowed)
    assert address is not None
    listed = client.get(address.group(1).replace("&amp;", "&")).content.decode()
    assert "On a part of the map" in listed
    assert listed.count("峰口村") >= 2
    assert "小港" not in listed.partition("<tbody>")[2]
    close = page(client, box=CROWD)
    assert counts(close) == [1, 1, 1, 1]
    assert len(set(re.findall(r'href="(/cases/[^"]+)"', close))) == 4
    assert close.count("map-mark--red") == 3
    assert "No case stands on this part" in page(client, box="113.1,29.65,113.2,29.7")
    assert sum(counts(page(client, light="green"))) == 1


def test_an_unreadable_box_is_the_county_and_a_register_without_places_has_no_map(
    straw: Straw,
) -> None:
    client = client_of(straw, "officer")
    assert sum(counts(page(client, box="1,2,x"))) == 6
    assert client.get("/registers/nothing/map").status_code == 404


def test_the_api_maps_what_the_caller_sees(straw: Straw) -> None:
    def told(who: str, **query: Any) -> Any:
        return client_of(straw, who).get(API, query).json()

    whole = told("officer", box="113.05,29.60,114.10,30.25", cells=4)
    assert whole["type"] == "FeatureCollection"
    assert sum(each["properties"]["count"] for each in whole["features"]) == 6
    assert (whole["total"], whole["placed"], whole["more_than"]) == (6, 6, False)
    own = told("xiaogang")
    (only,) = own["features"]
    assert only["properties"]["number"]
    assert only["geometry"] == {"type": "Point", "coordinates": [113.41, 29.815]}
    assert told("passer-by")["status"] == 404
    refused = client_of(straw, "chief").get(API, {"box": "4,3,2,1"})
    assert refused.status_code == 422
    assert Client().get(API).status_code == 401


def test_a_layer_is_told_as_geojson(straw: Straw) -> None:
    client = client_of(straw, "officer")
    content = (
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
        b' {"code": "W-1", "name": "W"}, "geometry": {"type": "LineString", "coordinates":'
        b" [[113.4, 29.8], [113.5, 29.9]]}}]}"
    )
    county = read_box("113.05,29.60,114.10,30.25")
    take_shapes("waters", read_shapes(content, bounds=county), source="test", now=NOW)
    (feature,) = client.get("/api/v1/map/layers/waters").json()["features"]
    assert feature["properties"] == {"code": "W-1", "name": "W"}
    assert feature["geometry"]["coordinates"] == [[113.4, 29.8], [113.5, 29.9]]
    far = client.get("/api/v1/map/layers/waters", {"box": "113.6,29.6,113.7,29.7"}).json()
    assert far["features"] == []
    assert client.get("/api/v1/map/layers/stars").status_code == 404
