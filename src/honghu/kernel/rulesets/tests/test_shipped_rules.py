"""The rule files that are shipped: readable together, sourced, and the kernel's own numbers."""

import datetime as dt

import pytest

from honghu.kernel.rulesets.commands import publish_all_rules, rule_files
from honghu.kernel.rulesets.queries import get_office_hours, get_rule
from honghu.kernel.rulesets.reader import read_rule_file
from honghu.kernel.rulesets.tests.conftest import NOW

TODAY = dt.date(2026, 1, 5)


@pytest.fixture
def published(db):
    return publish_all_rules(now=NOW, approved_by=None)


def test_all_files_can_be_published_together_and_again(published):
    assert published.new > 0
    assert publish_all_rules(now=NOW, approved_by=None).new == 0


def test_the_kernel_has_its_own(published):
    assert 0 < get_rule("kernel.amber_share", on=TODAY).as_decimal() < 1
    assert str(get_office_hours(on=TODAY)) == "08:30-12:00,14:30-18:00"
    assert 0 <= get_rule("kernel.near_duplicate_bits", on=TODAY).as_int() <= 7


def test_rows_of_statutes_name_their_article():
    rows = [row for path in rule_files() for row in read_rule_file(path)]
    unnamed = [
        row.place for row in rows if row.rule.source_mark == "L" and "条" not in row.rule.source
    ]
    assert unnamed == []
