"""The policy's paragraph for agencies: open, versioned, harmless to embed, and read by our reader."""

import io
from typing import Any

import pytest
from django.test import Client
from docx import Document

from honghu.domains.procurement.readers.policy_channel import policy_channel

AGENCY = '某代理<script>alert("x")</script>'


@pytest.mark.parametrize("place", ["tender", "award"])
def test_everybody_reads_the_paragraph_in_three_forms(county: dict[str, Any], place: str) -> None:
    client = Client(HTTP_HOST="localhost")
    answer = client.get(f"/api/v1/policy/{place}", {"agency": AGENCY})
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    found = answer.json()
    assert found["agency"] == AGENCY
    assert found["version"] == "2020-11-01.1"
    assert found["address"] in found["text"]
    assert found["qr_svg"].startswith("<svg")
    # What agencies print by our own words is counted as printed.
    assert policy_channel(found["text"].encode(), name="n.txt").state == "value"
    page = client.get(f"/api/v1/policy/{place}/snippet", {"agency": AGENCY}).content.decode()
    assert "<script" not in page
    assert found["text"] in page
    word = client.get(f"/api/v1/policy/{place}/document", {"agency": "某代理"})
    document = Document(io.BytesIO(word.content))
    assert [each.text for each in document.paragraphs[:2]] == ["某代理", found["text"]]
    assert len(document.inline_shapes) == 1


def test_unknown_places_and_endless_agencies_are_refused(county: dict[str, Any]) -> None:
    client = Client(HTTP_HOST="localhost")
    assert client.get("/api/v1/policy/loan").status_code == 422
    assert client.get("/api/v1/policy/tender", {"agency": "x" * 101}).status_code == 422
