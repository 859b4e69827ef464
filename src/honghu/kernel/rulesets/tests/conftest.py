"""Rule files for the tests, and a way to publish them."""

import datetime as dt

import pytest

from honghu.kernel.rulesets.commands import publish_rules

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def rule_file(*rows, code="quote_days", unit="count"):
    """The text of a rule file with one rule; each row as (value, from, further lines…)."""
    lines = [
        "domain: test",
        "rules:",
        f"  - code: {code}",
        "    title: {zh: 规则, en: Rule}",
        f"    unit: {unit}",
        "    rows:",
    ]
    for value, day, *further in rows:
        lines += [f"      - value: {value}", f"        from: {day}"]
        lines += [f"        {line}" for line in further]
        lines += ["        source: 测试", "        mark: D"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def publish():
    """Publishes a rule file of these rows; returns the report."""

    def _publish(*rows, **kinds):
        return publish_rules(rule_file(*rows, **kinds), now=NOW, approved_by=None)

    return _publish
