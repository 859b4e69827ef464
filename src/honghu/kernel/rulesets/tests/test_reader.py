"""Rule files: what is read, and that every refusal names its line."""

import datetime as dt

import pytest

from honghu.kernel.rulesets.reader import RuleFileError, read_rule_file

GOOD = """\
domain: test
rules:
  - code: quote_days
    title: {zh: 报价时限, en: Time to quote}
    unit: period
    clock: working_day
    rows:
      - value: 5
        from: 2020-01-01
        source: 甲办法第三条
        mark: L
      - value: 3
        from: 2021-01-01
        to: 2021-12-31
        region: "421083"
        revision: 2
        source: 乙办法
        mark: P
"""


def test_values_are_the_text_written_and_rows_know_their_line():
    rows = read_rule_file(
        GOOD.replace("value: 3", "value: 0o17")
        .replace("unit: period", "unit: text")
        .replace("    clock: working_day\n", "")
    )
    assert [row.rule.value for row in rows] == ["5", "0o17"]
    assert [row.place for row in rows] == ["rules:7", "rules:11"]


def test_dates_region_and_revision():
    first, second = (row.rule for row in read_rule_file(GOOD))
    assert (first.region, first.effective_to, first.revision) == (None, None, 1)
    assert second.effective_from == dt.date(2021, 1, 1)
    assert second.effective_to == dt.date(2021, 12, 31)
    assert (second.region, second.revision) == ("421083", 2)
    assert second.name == "test.quote_days"


def test_a_path_names_itself(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace("mark: L", "mark: X"), encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        read_rule_file(path)
    assert refused.value.message.startswith("own.yaml:11: unknown mark X")


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("mark: L", "mark: ", 11),
        ("from: 2020-01-01", "from: 2020-02-30", 9),
        ("from: 2020-01-01", "since: 2020-01-01", 9),
        ("        source: 甲办法第三条\n", "", 8),
        ("unit: period", "unit: parsec", 5),
        ("value: 5", "value: [5]", 8),
        ("value: 5", "value: five", 8),
        ("clock: working_day", "clock: lunar_day", 8),
        ("    clock: working_day\n", "", 3),
        ('"421083"', '"4210"', 15),
        ("revision: 2", "revision: 0", 16),
        ("to: 2021-12-31", "to: 2020-12-31", 14),
        ("code: quote_days", "code: Quote-Days", 3),
        ("domain: test", "domain: test.sub", 1),
        ("from: 2020-01-01", "from: 2020-01-01\n        from: 2020-01-01", 10),
        ("{zh: 报价时限, en: Time to quote}", "报价时限", 4),
        ("{zh: 报价时限, en: Time to quote}", "{zh: 报价时限}", 4),
        ("  - code", "\t- code", 3),
    ],
)
def test_a_fault_names_file_and_line(before, after, line):
    assert before in GOOD
    with pytest.raises(RuleFileError) as refused:
        read_rule_file(GOOD.replace(before, after, 1))
    assert refused.value.message.startswith(f"rules:{line}: ")
    assert refused.value.remedy


def test_two_rows_under_one_key_are_refused():
    twice = GOOD.replace(
        'from: 2021-01-01\n        to: 2021-12-31\n        region: "421083"\n        revision: 2',
        "from: 2020-01-01",
    )
    with pytest.raises(
        RuleFileError, match=r"rules:12: test.quote_days .* stands already at rules:8"
    ):
        read_rule_file(twice)


def test_rules_are_a_list():
    with pytest.raises(RuleFileError, match="rules:2: a list is needed here"):
        read_rule_file("domain: test\nrules: none\n")


def test_an_empty_file_is_refused():
    with pytest.raises(RuleFileError, match="rules:1: the file is empty"):
        read_rule_file("")
