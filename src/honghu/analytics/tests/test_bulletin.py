"""Figures and bulletins end to end: computed, published by another, frozen, verified offline."""

import copy
import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from honghu.analytics import registry
from honghu.analytics.bulletins.building import Month
from honghu.analytics.bulletins.commands import build_bulletin, preview_bulletin, publish_bulletin
from honghu.analytics.bulletins.proof import bulletin_file
from honghu.analytics.bulletins.template import (
    BulletinTemplateError,
    parse_reference,
    parse_template,
)
from honghu.analytics.bulletins.verifier import verify_bulletin
from honghu.analytics.commands import (
    PublishedBeforeError,
    SamePersonPublishesError,
    compute_figure,
    correct_figure,
    publish_figure,
)
from honghu.analytics.figure import Aggregate, Figure, Scope, Unit
from honghu.analytics.models import FigureValue, Publication
from honghu.analytics.queries import RowsNotDistinctError, figure_rows, measure
from honghu.analytics.relations import steps_done
from honghu.analytics.values import get_value, published_values
from honghu.base.problems import Invalid, NotAllowed
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.verify import verify_log
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Text

APRIL = Month(2026, 4)
EDITOR = Actor(uuid.uuid4(), uuid.uuid4(), frozenset({"bulletin_editor"}))
PUBLISHER = Actor(uuid.uuid4(), EDITOR.organisation_id, frozenset({"bulletin_publisher"}))
TEMPLATE = """
bulletin: small
title: {zh: "{year}年{month}月简报", en: "{month} {year}"}
issuer: {zh: 样本, en: Sample}
points: {before: 2020-01-01}
sections:
  - title: {zh: 银行, en: Banks}
    sentences:
      - {zh: "备案银行由{t.banks@before}增至{t.banks}，涉及人员{t.people}。", en: "{t.banks@before}, {t.banks}, {t.people}"}
    table: [t.banks, t.people, t.decided]
    charts:
      - {title: {zh: 备案, en: Filed}, figure: t.banks, months: 2}
"""


def _figure(code: str, **more: Any) -> Figure:
    def relation(scope: Scope) -> Any:
        return steps_done("serving-bank", ["verify"], scope, subject="f.form ->> 'result'")

    values: dict[str, Any] = {
        "title": Text(code, code), "unit": Unit.ORGANISATIONS, "aggregate": Aggregate.COUNT,
        "definition": Text("已备案", "filed"), "relation": relation,
    }  # fmt: skip
    return Figure(code=code, **values | more)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    found = {
        figure.code: figure
        for figure in (
            _figure("t.banks"),
            _figure("t.people", personal=True, unit=Unit.PERSONS),
            _figure("t.decided", aggregate=Aggregate.DISTINCT),
        )
    }
    monkeypatch.setattr(registry, "figures", lambda: found)
    monkeypatch.setattr(
        "honghu.analytics.bulletins.building.figures_by_module", dict
    )  # fmt: skip
    monkeypatch.setattr(
        "honghu.analytics.bulletins.commands.read_template",
        lambda name: parse_template(TEMPLATE, name),
    )
    return found


@pytest.fixture
def now() -> dt.datetime:
    """When the sample county is settled: its three banks file then."""
    return dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def banks(county: dict[str, Any], declared: dict[str, Figure]) -> dt.datetime:
    """The instant at which the bulletin is made, two months after three banks filed."""
    return dt.datetime(2026, 5, 4, 2, tzinfo=dt.UTC)


def _told(now: dt.datetime) -> dict[str, Any]:
    bulletin = build_bulletin(APRIL, actor=EDITOR, now=now, template="small")
    published = publish_bulletin(bulletin.id, actor=PUBLISHER, now=now)
    while sequence(now=now):
        pass
    sign_checkpoint(now=now, signer=load_signer())
    file: dict[str, Any] = json.loads(json.dumps(bulletin_file(published)))
    return file


def test_a_reader_verifies_a_published_bulletin_without_the_database(
    banks: dt.datetime, django_assert_num_queries: Any
) -> None:
    file, vkey = _told(banks), load_signer().verifier.vkey
    sentence = file["content"]["sections"][0]["sentences"][0]
    assert sentence["zh"].startswith("备案银行由0家增至3家，涉及人员涉及个人且数量过小")
    people = file["content"]["figures"]["t.people"]
    assert (people["value"], people["row_count"], people["row_set_sha256"]) == (None, None, None)
    assert [point[1] for point in file["content"]["sections"][0]["charts"][0]["points"]] == [
        "3"
    ] * 2
    with django_assert_num_queries(0):
        verdict = verify_bulletin(json.dumps(file).encode(), vkey)
    assert verdict.valid, verdict.problem
    proved = {each.key: (each.rows_shown, each.records_proved) for each in verdict.figures}
    assert proved["t.banks"] == (True, 3)
    assert proved["t.people"] == (False, 0)
    assert verify_log(vkeys=[vkey]).faults == ()


@pytest.mark.parametrize(
    "path",
    [
        ("content", "figures", "t.banks", "value"),
        ("content", "sections", 0, "sentences", 0, "zh"),
        ("rows", "t.banks", "lines", 1),
        ("rows", "t.banks", "leaves", 0, "leaf_hash"),
        ("publication", "payload"),
    ],
)
def test_whatever_is_altered_is_found(banks: dt.datetime, path: tuple[Any, ...]) -> None:
    file, vkey = _told(banks), load_signer().verifier.vkey
    forged: Any = copy.deepcopy(file)
    place = forged
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = place[path[-1]].replace("3", "4") if path[-1] == "value" else "eA=="
    assert not verify_bulletin(forged, vkey).valid
    assert verify_bulletin(file, vkey).valid


@pytest.mark.parametrize(
    ("deed", "code", "table"),
    [
        ("UPDATE analytics_figure_value SET value = 4", "vouched_changed", "figure_value"),
        ("DELETE FROM analytics_figure_value", "vouched_missing", "figure_value"),
        ("UPDATE analytics_bulletin SET content = '{\"t\": 1.5}'", "vouched_changed", "bulletin"),
    ],
)
def test_what_was_published_and_altered_in_the_database_is_found(
    banks: dt.datetime, deed: str, code: str, table: str
) -> None:
    _told(banks)
    published = Publication.objects.filter(subject=table.removesuffix("_value")).count()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(deed)
    faults = verify_log(vkeys=[load_signer().verifier.vkey]).faults
    assert {(fault.code, fault.table) for fault in faults} == {(code, f"analytics_{table}")}
    assert len(faults) == published


def test_figures_are_published_by_another_and_corrected_with_a_reason(banks: dt.datetime) -> None:
    scope = Scope(end=APRIL.end)
    value = compute_figure("t.banks", scope, actor=EDITOR, now=banks)
    assert (value.value, value.row_count, value.status) == (Decimal(3), 3, "checked")
    both = Actor(EDITOR.person_id, EDITOR.organisation_id, EDITOR.roles | PUBLISHER.roles)
    with pytest.raises(SamePersonPublishesError):
        publish_figure(value.id, actor=both, now=banks)
    with pytest.raises(NotAllowed):
        publish_figure(value.id, actor=EDITOR, now=banks)
    publish_figure(value.id, actor=PUBLISHER, now=banks)
    with pytest.raises(PublishedBeforeError):
        publish_figure(value.id, actor=PUBLISHER, now=banks)
    with pytest.raises(Invalid):
        correct_figure(value.id, reason=" ", actor=EDITOR, now=banks)
    newer = correct_figure(value.id, reason="一行重复", actor=EDITOR, now=banks)
    assert [row.id for row in published_values(["t.banks"])] == [value.id]
    publish_figure(newer.id, actor=PUBLISHER, now=banks)
    assert [row.id for row in published_values(["t.banks"])] == [newer.id]
    assert get_value(value.id).status == "corrected"
    with pytest.raises(Invalid):
        compute_figure("t.banks", Scope(end=banks + dt.timedelta(1)), actor=EDITOR, now=banks)
    for kept in (FigureValue, Publication):
        with pytest.raises(DatabaseError), transaction.atomic():
            kept.objects.update(id=F("id"))


def test_value_and_rows_agree_and_a_key_given_twice_is_refused(
    banks: dt.datetime, declared: dict[str, Figure]
) -> None:
    figure, scope = declared["t.banks"], Scope(end=APRIL.end)
    assert len(figure_rows(figure, scope)) == measure(figure, scope).value
    assert measure(declared["t.decided"], scope).value == 1
    sql = figure.relation(scope).sql
    twice = _figure("t.twice", relation=lambda s: steps_twice(s, sql, figure))
    with pytest.raises(RowsNotDistinctError):
        measure(twice, scope)


def steps_twice(scope: Scope, sql: str, figure: Figure) -> Any:
    found = figure.relation(scope)
    return type(found)(f"{sql} UNION ALL {sql}", found.parameters)


def test_templates_that_say_different_things_are_refused() -> None:
    assert parse_reference("t.a|month@p#421083").key == "t.a|month@p#421083"
    with pytest.raises(BulletinTemplateError):
        parse_reference("t.a|week")
    for wrong, right in (
        ("{t.people}。", "。"),
        ("@before}增", "@later}增"),
        ("months: 2", "x: 2"),
    ):
        with pytest.raises(BulletinTemplateError):
            parse_template(TEMPLATE.replace(wrong, right), "small.yaml")


def test_preview_keeps_nothing(banks: dt.datetime) -> None:
    content = preview_bulletin(APRIL, now=banks, template="small")
    assert content["title"] == {"zh": "2026年4月简报", "en": "April 2026"}
    assert published_values() == []
