"""`honghu lending schedule`: all or nothing, exact numbers, errors by case and key."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from honghu.domains.lending.cli import app
from honghu.domains.lending.tests.builders import BASE


def _run(content: Any) -> Result:
    text = content if isinstance(content, str) else json.dumps(content)
    return CliRunner().invoke(app, ["schedule", "--terms", "-"], input=text)


def test_one_case_from_a_file(tmp_path: Path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"id": "a", "source": "x", "terms": BASE}), encoding="utf-8")
    result = CliRunner().invoke(app, ["schedule", "--terms", str(path)])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {
            "id": "a",
            "schedule": [
                {"due": "2024-02-01", "principal": "333.33", "interest": "10.00", "balance": "666.67"},
                {"due": "2024-03-01", "principal": "333.33", "interest": "6.67", "balance": "333.34"},
                {"due": "2024-04-01", "principal": "333.34", "interest": "3.33", "balance": "0.00"},
            ],
        }
    ]  # fmt: skip


def test_numbers_are_read_exactly():
    text = json.dumps({"terms": BASE}).replace('"1000.00"', "1000.10")
    rows = json.loads(_run(text).stdout)[0]["schedule"]
    assert rows[0]["principal"] == "333.37"


def test_dates_alone():
    result = _run([{"id": 1, "terms": {"start_date": "2024-01-31", "n": 2}}])
    assert json.loads(result.stdout) == [{"id": 1, "due": ["2024-02-29", "2024-03-31"]}]


def test_due_dates_roll_by_the_published_calendar():
    # 1 May 2024 to 5 May 2024 were holidays
    terms = {"start_date": "2024-04-01", "n": 1, "working_day_roll": "following"}
    assert json.loads(_run({"terms": terms}).stdout)[0]["due"] == ["2024-05-06"]


def test_one_wrong_case_prints_no_schedule():
    result = _run([{"id": "good", "terms": BASE}, {"id": "bad", "terms": {**BASE, "rat": 1}}, {}])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "case 'bad': terms.rat is not a known key" in result.stderr
    assert "case number 3: no terms" in result.stderr
    assert "good" not in result.stderr


@pytest.mark.parametrize("text", ["", "[1,", '{"terms": NaN}', "[" * 100_000])
def test_what_is_not_json(text: str):
    result = _run(text)
    assert result.exit_code == 1
    assert "not JSON" in result.stderr


def test_a_file_that_is_not_there(tmp_path: Path):
    result = CliRunner().invoke(app, ["schedule", "--terms", str(tmp_path / "none.json")])
    assert result.exit_code == 1
    assert "No such file" in result.stderr
