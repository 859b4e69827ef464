"""A file of shapes is taken whole or not at all, and each fault is named by its feature."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import translation

from honghu.base.spots import read_box
from honghu.kernel.shapes.commands import take_shapes
from honghu.kernel.shapes.geojson import ShapesUnreadable, read_shapes
from honghu.kernel.shapes.queries import shapes_in

COUNTY = read_box("113.05,29.60,114.10,30.25")
NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
LINE = [[113.4, 29.8], [113.42, 29.81], [113.45, 29.8]]
RING = [[113.4, 29.8], [113.5, 29.8], [113.5, 29.9], [113.4, 29.9], [113.4, 29.8]]
BOW_TIE = [[113.4, 29.8], [113.5, 29.9], [113.5, 29.8], [113.4, 29.9], [113.4, 29.8]]


@pytest.fixture(autouse=True)
def _in_english() -> None:
    translation.activate("en")


def file(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def feature(
    kind: str = "LineString", coordinates: Any = LINE, code: str = "HH-01", **told: str
) -> Any:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": "丰口沟"} | told,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.mark.django_db
def test_a_layer_takes_lines_and_areas_and_a_second_file_takes_their_place() -> None:
    content = file(
        feature(),
        feature("MultiLineString", [LINE, RING], "HH-02"),
        feature("Polygon", [RING], "G-1"),
        feature("MultiPolygon", [[RING]], "G-2"),
    )
    shapes = read_shapes(content, bounds=COUNTY)
    assert take_shapes("waters", shapes, source="a.geojson", now=NOW) == (4, 0)
    again = read_shapes(file(feature(coordinates=RING, name="丰口新沟")), bounds=COUNTY)
    assert take_shapes("waters", again, source="b.geojson", now=NOW) == (1, 1)
    found = {row.code: row for row in shapes_in(COUNTY, layers=["waters"])}
    assert list(found) == ["G-1", "G-2", "HH-01", "HH-02"]
    assert found["HH-01"].name == "丰口新沟"
    assert found["HH-01"].geometry == {"type": "LineString", "coordinates": RING}
    assert shapes_in(read_box("113.6,29.6,113.7,29.7"), layers=["waters"]) == []
    assert shapes_in(COUNTY, layers=["grids"]) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (feature(coordinates=[[112.9, 29.8], [113.4, 29.8]]), "outside"),
        (feature(coordinates=[[29.8, 113.4], [29.9, 113.4]]), "no position"),
        (feature(coordinates=[[113.4, 29.8], [113.4, 29.8]]), "two different"),
        (feature(coordinates=[[113.4, "x"], [113.4, 29.8]]), "no position"),
        (feature(coordinates=[[113.4, float("nan")], [113.4, 29.8]]), "no position"),
        (feature(coordinates=7), "no list"),
        (feature(coordinates=[[113.4 + n / 1e5, 29.8] for n in range(2_001)]), "simplify"),
        (feature("Polygon", [RING[:-1]]), "ends where it begins"),
        (feature("Polygon", [BOW_TIE]), "crosses itself"),
        (feature("Polygon", [[*RING[:3], RING[0], RING[3], RING[0]]]), "same position"),
        (feature("Point", [113.4, 29.8]), "neither"),
        (feature("Polygon", []), "no positions"),
        (feature(code="../x"), "no `code`"),
        (feature(name=""), "no `name`"),
        ("no feature", "no feature"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value)[-60:],
)
def test_each_fault_is_named_by_its_feature_and_nothing_is_read(bad: Any, said: str) -> None:
    with pytest.raises(ShapesUnreadable) as refusal:
        read_shapes(file(feature(code="HH-00"), bad), bounds=COUNTY)
    ((place, fault),) = refusal.value.fields.items()
    assert "2" in place
    assert said in fault


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"type": "Feature"}',
        b"[" * 100_000,
        file(),
        file(feature(), crs={"type": "name", "properties": {"name": "EPSG:4490"}}),
    ],
    ids=["empty", "no UTF-8", "no object", "no collection", "deep", "nothing", "another system"],
)
def test_what_is_no_file_of_shapes_is_refused(content: bytes) -> None:
    with pytest.raises(ShapesUnreadable):
        read_shapes(content, bounds=COUNTY)


def test_a_code_stands_once() -> None:
    with pytest.raises(ShapesUnreadable, match="1 features"):
        read_shapes(file(feature(), feature()), bounds=COUNTY)
