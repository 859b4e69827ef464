"""The API's document: committed, current, and true to what the API answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from honghu.site.openapi import document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The document as an object."""
    return dict(json.loads(document()))


def test_the_committed_document_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == document(), (
        "the routes have changed: run `honghu openapi --write docs/openapi.json`"
    )


def test_every_route_says_how_it_refuses(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            refusals = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
            if "oauth" in operation["tags"]:
                # OAuth prescribes its own shape (RFC 6749, 5.2); who is too fast meets our door.
                assert set(refusals) == {"400", "401", "429"}
                continue
            assert "422" in refusals, (path, method)
            assert ("401" in refusals) == ("security" in operation), (path, method)
            for reply in refusals.values():
                assert list(reply["content"]) == ["application/problem+json"]
            assert operation["description"], (path, method)


def test_bodies_refuse_what_they_do_not_know(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    bodies = [name for name in schemas if name.endswith("Body")]
    assert bodies
    for name in bodies:
        assert schemas[name]["additionalProperties"] is False, name
