"""A register of ditches, a clerk who may open its cases, and workbooks made on the spot."""

import datetime as dt
import io
import uuid

import pytest
import xlsxwriter
from django.utils import translation

from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person
from honghu.kernel.registers.commands import publish_register

NOW = dt.datetime(2026, 5, 6, 2, tzinfo=dt.UTC)
DITCHES = """
register: sheet-ditches
version: 1
title: {zh: 沟渠问题, en: Ditches}
numbering: 沟
fields:
  ditch: {title: {zh: 沟渠, en: Ditch}, type: text, required: true, max_length: 60}
  kind:
    title: {zh: 问题类型, en: Kind}
    type: choice
    required: true
    options: {weeds: {zh: 水草, en: Weeds}, waste: {zh: 垃圾, en: Waste}}
  cost: {title: {zh: 预算, en: Budget}, type: money, min: 0}
  area: {title: {zh: 面积, en: Area}, type: decimal, unit: {zh: 平方米, en: m²}, min: 0}
  found: {title: {zh: 发现日期, en: Found on}, type: date}
  urgent: {title: {zh: 是否紧急, en: Urgent}, type: boolean}
  town: {title: {zh: 责任乡镇, en: Town}, type: organisation}
  card: {title: {zh: 社会信用代码, en: Code}, type: uscc}
  caller: {title: {zh: 举报电话, en: Caller}, type: phone, personal: true}
roles:
  office: {title: {zh: 河湖办, en: River office}, held_in: [office]}
  town_officer: {title: {zh: 专干, en: Officer}, held_in: [township]}
states:
  open: {title: {zh: 待清理, en: Open}, start: true, waits_for: town_officer, no_clock: {zh: 演示, en: demo}}
  done: {title: {zh: 待复核, en: To verify}, waits_for: office, no_clock: {zh: 演示, en: demo}}
  closed: {title: {zh: 已销号, en: Closed}, end: closed}
actions:
  open:
    title: {zh: 登记, en: Register}
    from: start
    to: open
    by: [office]
    facts: [ditch, kind, cost, area, found, urgent, town, card, caller]
  submit:
    title: {zh: 申请销号, en: Submit}
    from: open
    to: done
    by: [town_officer]
    evidence: {after: {kind: photo, min: 1}}
  verify:
    title: {zh: 复核, en: Verify}
    from: done
    to: {passed: closed, failed: open}
    by: [office]
    kind: verification
    verifies: [submit]
    differs: {person: true, organisation: true}
    counts: checks
    form:
      result:
        title: {zh: 结论, en: Result}
        type: choice
        required: true
        options: {passed: {zh: 通过, en: Passed}, failed: {zh: 退回, en: Failed}}
    evidence: {check: {kind: photo, min: 1}}
list:
  columns: [number, ditch, cost, state, due_at]
"""
HEADS = (
    "沟渠*\nDitch",
    "问题类型",
    "预算（元）",
    "面积",
    "Found on",
    "urgent",
    "责任乡镇",
    "card",
    "caller",
)


def clerk(name="卫一"):
    """Somebody of the river office."""
    office = add_organisation(name=f"河湖办{name}", kind="office", now=NOW)
    person = add_person(name=name, now=NOW)
    return Actor(person.id, office.id, frozenset({"office"}), name, office.name)


@pytest.fixture
def register(db):
    return publish_register(source=DITCHES, actor=SYSTEM, now=NOW)


@pytest.fixture
def actor(register):
    return clerk()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def stranger():
    return Actor(uuid.uuid4(), uuid.uuid4(), frozenset({"gardener"}), "无", "无")


def workbook(*rows, heads=HEADS, options=None, arrange=None):
    """A workbook with heads and rows; dates get a date's format, as Excel gives it."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, **(options or {})})
    page = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate((heads, *rows)):
        for column, value in enumerate(row):
            if isinstance(value, dt.date):
                page.write_datetime(at, column, value, day)
            elif value is not None:
                page.write(at, column, value)
    if arrange is not None:
        arrange(book, page)
    book.close()
    target.seek(0)
    return target
