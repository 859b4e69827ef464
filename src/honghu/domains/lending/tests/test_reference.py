"""Every published example must come out to the fen and the day.

The examples are not part of the repository: HONGHU_REFERENCE names the folder that holds
`schedules/cases.json` and `schedules/due_dates.json`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from honghu.domains.lending.cli import app

_FOLDER = os.environ.get("HONGHU_REFERENCE", "")
_LEAST_CASES = 46
_LEAST_DUE_DATES = 9

pytestmark = pytest.mark.skipif(
    not _FOLDER, reason="HONGHU_REFERENCE is not set: THE PUBLISHED EXAMPLES ARE NOT CHECKED"
)


def _answers(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    path = Path(_FOLDER) / "schedules" / name
    result = CliRunner().invoke(app, ["schedule", "--terms", str(path)])
    assert result.exit_code == 0, result.output
    return json.loads(path.read_text(encoding="utf-8")), json.loads(result.output)


def _matches(case: dict[str, Any], schedule: list[dict[str, str]]) -> bool:
    if not case.get("partial"):
        return bool(schedule == case["schedule"])
    stated = [
        (row["row"] - 1, {k: v for k, v in row.items() if k != "row"}) for row in case["schedule"]
    ]
    return all(row.items() <= schedule[index].items() for index, row in stated)


def test_schedules_match_to_the_fen():
    cases, answers = _answers("cases.json")
    wrong = [
        case["id"]
        for case, answer in zip(cases, answers, strict=True)
        if answer["id"] != case["id"] or not _matches(case, answer["schedule"])
    ]
    assert wrong == []
    assert len(cases) >= _LEAST_CASES


def test_due_dates_match_to_the_day():
    cases, answers = _answers("due_dates.json")
    wrong = [
        case["id"]
        for case, answer in zip(cases, answers, strict=True)
        if answer["due"] != case["due"]
    ]
    assert wrong == []
    assert len(cases) >= _LEAST_DUE_DATES
