"""Every paper of the shipped registers: what it says, its number, as Word and as PDF; its service."""

import datetime as dt
import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from honghu.kernel.cases.effects import Draft, Effect
from honghu.kernel.cases.papers import issue_document
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import (
    DocumentRow,
    document_pdf,
    documents_of_case,
    issued_documents,
    list_series,
    missing_numbers,
)
from honghu.kernel.documents.serving import services_of
from honghu.kernel.evidence.queries import read_content
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Action, Field, FieldType, Register
from honghu.kernel.registers.papers import PLACE
from honghu.kernel.registers.queries import known_registers
from honghu.site.county import ensure_organisation, settle
from tests.walks.test_rivers import Pages, see, settle_rivers

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DIGEST = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{16}")
OFFICE, PARTY = "洪湖市人民政府督查室", "峰口镇人民政府"


class BackOutError(Exception):
    """What undoes a transaction."""


def _fact(field: Field, party: uuid.UUID, now: dt.datetime) -> Any:
    """A value as a case keeps it, of the field's type; null for what a paper does not print."""
    text = f"{field.title.zh}如实填写"
    values: dict[FieldType, Any] = {
        FieldType.DATE: now.date().isoformat(),
        FieldType.INSTANT: now.isoformat(),
        FieldType.CHOICE: next(iter(field.options), None),
        FieldType.CHOICES: list(field.options)[:2],
        FieldType.ORGANISATION: str(party),
        FieldType.BOOLEAN: True,
        FieldType.INTEGER: 3,
        FieldType.MONEY: 300,
        FieldType.PLACE: {"lon": "113.45", "lat": "29.81"},
        FieldType.TEXT: text,
        FieldType.LONG_TEXT: text,
        FieldType.DECIMAL: "2.5",
    }
    return values.get(field.type)


def _effect(register: Register, action: Action, actor: Actor, now: dt.datetime) -> Effect:
    """An action as it is performed on a case of which every fact is known."""
    party = ensure_organisation(PARTY, "township", now=now)
    facts = {code: _fact(field, party, now) for code, field in register.fields.items()}
    form = {code: _fact(field, party, now) for code, field in action.form.items()}
    state = next(iter(action.targets.values()), None) or next(iter(action.origins))
    case = Draft(
        uuid.uuid4(), register, f"{register.code}-1", "事项", state, 1, facts, {}, {}, None, now
    )
    return Effect(case, action, form, {}, actor, now, uuid.uuid4(), form.get("result"))


@transaction.atomic
def _issue_and_back_out(effect: Effect) -> None:
    """The paper is signed in a transaction that comes to nothing: its number must come back."""
    issue_document(effect)
    raise BackOutError


def _words(word: bytes) -> str:
    document = docx.Document(io.BytesIO(word))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def _papers() -> Iterator[tuple[Register, Action]]:
    for register in known_registers().values():
        for action in register.actions.values():
            if action.document is not None:
                yield register, action


def test_every_paper_says_its_facts_takes_its_number_and_prints(
    shipped: None, now: dt.datetime
) -> None:
    office = ensure_organisation(OFFICE, "office", now=now)
    actor = settle("signer", "江望平", office, ("river_head",), now=now).actor(now.date())
    made = 0
    for register, action in _papers():
        declared = register.documents[action.document or ""]
        open_series(
            code=declared.series, organ_mark=f"洪督{declared.series}", organisation_id=office,
            organ_name=OFFICE, now=now,
        )  # fmt: skip
        effect = _effect(register, action, actor, now)
        with pytest.raises(BackOutError):
            _issue_and_back_out(effect)
        issue_document(effect)
        (row,) = documents_of_case(effect.case.id)
        assert row.content is not None
        assert row.rendered_sha256 is not None
        where = f"{register.code}.{action.code}"
        words = _words(read_content(row.rendered_sha256))
        assert row.number is not None
        assert row.number in words, where
        assert OFFICE in words, where
        assert not re.search(r"[{}]|None", words), where
        assert not DIGEST.search(words), where
        assert not ISO_DAY.search(words), where
        known = {"number", *register.fields, *action.form}
        promised = [each for each in declared.text if known.issuperset(PLACE.findall(each))]
        assert promised, f"{where}: a paper says something"
        assert len(row.content.body) == len(promised), where
        assert declared.template not in {"default.docx", "form.docx"}, f"{where}: a name of its own"
        if declared.to:
            assert row.content.main_recipients == (PARTY,), where
        assert document_pdf(row, read_content).startswith(b"%PDF"), where
        made += 1
    assert made >= 20
    for series in list_series(organisation_id=office):
        assert missing_numbers(series.id, now.year) == []
        numbers = [row.number for row in issued_documents(series.id, now.year)]
        assert numbers == [
            f"{series.organ_mark}〔{now.year}〕{n}号" for n in range(1, len(numbers) + 1)
        ]


def test_a_quarters_table_is_drafted_signed_and_served(shipped: None) -> None:
    now = timezone.localtime()
    pages = Pages(settle_rivers(now))
    city = pages.cast["river-head"].organisation_id
    for series in ("季度表", "通报"):
        open_series(
            code=series, organ_mark=f"洪河办{series}", organisation_id=city,
            organ_name="洪湖市河湖长制办公室", now=now,
        )  # fmt: skip
    url = reverse("open-case", args=["river-return", "draft"])
    early = {"year": "2099", "period": "q1"}
    assert "field--wrong" in pages.send("river-clerk", url, early, files={}, status=422)
    quarter = _signed(pages, "q2", "河湖长巡查统计表")
    month = _signed(pages, "m06", "河湖长制工作情况通报")
    assert "合计" in _words(read_content(quarter.rendered_sha256 or ""))
    assert "有效巡查" in _words(read_content(month.rendered_sha256 or ""))
    _check_service(pages, month)


def _signed(pages: Pages, period: str, title: str) -> DocumentRow:
    """A return of 2023 that one person drafts and another signs; its paper."""
    url = reverse("open-case", args=["river-return", "draft"])
    asked = {"year": "2023", "period": period, "remarks": "总体平稳"}
    case = uuid.UUID(pages.send("river-clerk", url, asked, files={}).rstrip("/").rpartition("/")[2])
    assert 'class="table' in pages.read("river-head", case)
    pages.act("river-clerk", case, "sign", status=403)
    pages.act("river-head", case, "sign")
    (row,) = documents_of_case(case)
    assert see(case).facts["return_number"] == row.number
    declared = known_registers()["river-return"].documents.values()
    assert (row.series, row.template) in {(each.series, each.template) for each in declared}
    assert title in (row.title or "")
    assert document_pdf(row).startswith(b"%PDF")
    return row


def _check_service(pages: Pages, row: DocumentRow) -> None:
    """The receipt of service: printed to be signed, then its picture is kept with the service."""
    client, address = pages.client("river-head"), reverse("document-service", args=[row.id])
    assert client.get(reverse("document-receipt", args=[row.id])).content.startswith(b"%PDF")
    picture = SimpleUploadedFile("回证.txt", "已签收".encode())
    served = client.post(
        address,
        {"served_to": PARTY, "manner": "direct", "received_by": "陶柳生",
         "served_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "receipt": picture},
    )  # fmt: skip
    assert served.status_code == 302, served.content.decode()
    (service,) = services_of([row.id])[row.id]
    assert service.evidence_sha256 is not None
    shown = client.get(reverse("case", args=[row.case_id])).content.decode()
    assert reverse("evidence", args=[service.evidence_sha256]) in shown
