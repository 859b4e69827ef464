"""Publishing rules: once, whole, and never over what stands."""

import pytest
from django.db import Error, connection, transaction

from honghu.kernel.rulesets.commands import Published, RuleConflictError
from honghu.kernel.rulesets.models import Rule
from honghu.kernel.rulesets.queries import get_rule, get_rule_row, rule_history
from honghu.kernel.rulesets.reader import RuleFileError

pytestmark = pytest.mark.django_db


def test_publishing_twice_is_publishing_once(publish):
    assert publish((5, "2020-01-01"), (4, "2021-01-01")) == Published(new=2, unchanged=0)
    assert publish((5, "2020-01-01"), (4, "2021-01-01")) == Published(new=0, unchanged=2)
    assert Rule.objects.count() == 2


def test_another_value_for_a_published_day_names_line_and_remedy(publish):
    publish((5, "2020-01-01"))
    with pytest.raises(RuleConflictError) as refused:
        publish((4, "2021-01-01"), (6, "2020-01-01"))
    assert refused.value.message.startswith("rules:11: test.quote_days from 2020-01-01")
    assert "'5'" in refused.value.message
    assert "revision: 2" in refused.value.remedy
    assert Rule.objects.count() == 1, "the good row of a refused file is not written either"


def test_a_faulty_file_writes_nothing(publish):
    with pytest.raises(RuleFileError):
        publish((5, "2020-01-01"), ("many", "2021-01-01"))
    assert not Rule.objects.exists()


def test_an_error_is_superseded_by_a_revision(publish):
    publish((5, "2020-01-01"))
    first = get_rule("test.quote_days", on=Rule.objects.get().effective_from)
    publish((5, "2020-01-01"), (6, "2020-01-01", "revision: 2"))
    now = get_rule("test.quote_days", on=first.effective_from)
    assert (now.as_int(), now.revision) == (6, 2)
    assert get_rule_row(first.id).as_int() == 5, "what an old decision cites stays readable"
    history = rule_history("test.quote_days")
    assert [(row.rule.value, row.superseded) for row in history] == [("6", False), ("5", True)]


def test_revisions_count_without_holes(publish):
    publish((5, "2020-01-01"))
    with pytest.raises(RuleConflictError, match=r"revision 3 .* without the one before it"):
        publish((6, "2020-01-01", "revision: 3"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rulesets_rule SET value = '9'",
        "DELETE FROM rulesets_rule",
        "TRUNCATE rulesets_rule",
        "UPDATE rulesets_calendarday SET kind = 'holiday'",
        "DELETE FROM rulesets_calendaryear",
    ],
)
def test_the_database_keeps_rows_as_they_are(publish, sql):
    publish((5, "2020-01-01"))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Rule.objects.get().value == "5"
