"""The documents of a case: shown with their number, given out as Word and as PDF to its viewers."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from typer.testing import CliRunner

from honghu.cli.documents import app
from honghu.desk.tests.cast import WEEDS, Cast
from honghu.kernel.documents import pdf
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.models import DocumentService
from honghu.kernel.documents.queries import documents_of_case, list_series
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint
from honghu.kernel.registers.commands import publish_register


@pytest.fixture
def notice(cast: Cast):
    """A case whose issue made a notice to the northern town."""
    source = WEEDS.replace("version: 1", "version: 2").replace(
        "    kind: decision\n    facts: [responsible]",
        "    kind: decision\n    facts: [responsible]\n    document: notice",
    )
    documents = "documents:\n  notice: {title: {zh: 整改通知, en: Notice}, series: notice, template: default.docx}\n"
    publish_register(source=source + documents, actor=SYSTEM, now=cast.now)
    office = cast.actor("lan")
    assert office.organisation_id is not None
    open_series(
        code="notice",
        organ_mark="洪河办函",
        organisation_id=office.organisation_id,
        organ_name="洪湖市河长办",
        now=cast.now,
    )
    done = cast.issued()
    (row,) = documents_of_case(done.case_id)
    return done, row


def test_viewers_of_the_case_get_number_word_and_pdf(cast: Cast, notice) -> None:
    done, row = notice
    town = cast.client("wei")
    page = town.get(reverse("case", args=[done.case_id])).content.decode()
    assert row.number in page
    word = town.get(reverse("document-word", args=[row.id]))
    assert b"".join(word).startswith(b"PK")
    assert word["Content-Disposition"].startswith("attachment")
    told = town.get(reverse("document-pdf", args=[row.id]))
    if pdf.chinese_fonts():
        assert (told.status_code, told.content[:5]) == (200, b"%PDF-")
        assert row.content_sha256.encode() in told.content
    else:
        assert told.status_code == 503


def test_a_strangers_document_is_none(cast: Cast, notice) -> None:
    _done, row = notice
    for name in ("document-word", "document-pdf"):
        assert cast.client("min").get(reverse(name, args=[row.id])).status_code == 404
        assert cast.client("wei").get(reverse(name, args=[uuid.uuid4()])).status_code == 404


def test_a_service_is_recorded_by_clicks_and_stays(cast: Cast, notice) -> None:
    done, row = notice
    office, town = cast.client("lan"), cast.client("wei")
    case, address = reverse("case", args=[done.case_id]), reverse("document-service", args=[row.id])
    assert address in office.get(case).content.decode()
    assert address not in town.get(case).content.decode()
    assert 'value="Organisation north"' in office.get(address).content.decode()

    said = {"served_to": "North", "manner": "direct", "received_by": "Xiong Wei", "note": ""}
    for faulty, words in (
        (said | {"served_at": "soon"}, "Write a date and a time."),
        (said | {"served_at": "2026-01-01T08:00"}, "was not signed yet"),
        (said | {"served_at": "2099-01-01T08:00"}, "has not come"),
        (said | {"served_at": cast.now.isoformat(), "received_by": ""}, "Fill this in."),
        (said | {"served_at": cast.now.isoformat(), "manner": "pigeon"}, "how it was served"),
    ):
        refused = office.post(address, faulty)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    served = said | {"served_at": cast.now.isoformat()}
    assert town.post(address, served).status_code == 403
    assert not DocumentService.objects.exists()
    assert office.post(address, served).status_code == 302
    page = town.get(case).content.decode()
    assert "North · Handed over · Xiong Wei" in page
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentService.objects.update(received_by="Somebody")


def test_who_signed_voids_by_clicks_and_the_number_stays(cast: Cast, notice) -> None:
    done, row = notice
    signer, town = cast.client("lan"), cast.client("wei")
    case, address = reverse("case", args=[done.case_id]), reverse("document-void", args=[row.id])
    assert address in signer.get(case).content.decode()
    assert address not in town.get(case).content.decode()
    assert town.post(address, {"reason": "Sent in error"}).status_code == 403
    assert signer.post(address, {"reason": " "}).status_code == 422
    assert signer.post(address, {"reason": "Sent in error"}).status_code == 302
    page = signer.get(case).content.decode()
    assert "Sent in error" in page
    assert address not in page


def test_series_are_opened_and_read_by_clicks(cast: Cast, notice) -> None:
    done, row = notice
    office = cast.client("bo")
    address = reverse("document-series")
    assert office.get(address).status_code == 403
    assert address not in office.get("/").content.decode()
    person, organisation = cast.people["bo"]
    appoint(
        person_id=person, organisation_id=organisation, role="document_clerk",
        from_date=dt.date(2026, 1, 1),
    )  # fmt: skip
    assert address in office.get("/").content.decode()
    assert "洪河办函" in office.get(address).content.decode()
    refused = office.post(address, {"code": "督办单", "mark": "洪 督", "first": ""})
    assert refused.status_code == 422
    taken = office.post(address, {"code": "督办单", "mark": "洪河办函", "first": ""})
    assert "is in use" in taken.content.decode()
    assert (
        office.post(address, {"code": "督办单", "mark": "洪河督", "first": "12"}).status_code == 302
    )
    assert ">11<" in office.get(address).content.decode()
    (series,) = [one for one in list_series() if one.code == "notice"]
    register = office.get(reverse("document-register", args=[series.id])).content.decode()
    assert row.number in register
    assert reverse("case", args=[done.case_id]) in register

    listed = CliRunner().invoke(app, ["series"])
    assert "洪河督" in listed.stdout
    opened = ["open-series", "约谈通知", "洪河谈", "Organisation office"]
    assert [CliRunner().invoke(app, opened).exit_code for _twice in range(2)] == [0, 0]
    assert CliRunner().invoke(app, ["open-series", "x", "y", "Nobody"]).exit_code == 1
