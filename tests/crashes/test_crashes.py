"""Nothing acknowledged is lost and nothing is done twice, whatever is killed, and however often.

`HONGHU_KILLS=1000` is the thorough run. The storm runs in a process of its own (`python -m
tests.crashes`), for it forks and kills; it has a database server of its own for the same reason.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = int(os.environ.get("HONGHU_KILLS", "15"))
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_storm_loses_nothing_and_finds_what_is_broken(subtests: pytest.Subtests) -> None:
    finished = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tests.crashes", "--kills", str(KILLS), "--faults"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900 + 10 * KILLS,
    )
    assert finished.returncode == 0, finished.stderr
    result: dict[str, Any] = json.loads(finished.stdout)
    assert result["complaints"] == []
    assert sum(result["kills"].values()) == KILLS
    assert set(result["kills"]) == {"worker", "backend", "server", "server at once"}
    assert result["done"] > KILLS
    assert result["refused"] > 0
    assert result["delivered"] > result["done"] + result["refused"]
    for fault, told in result["faults"].items():
        with subtests.test(fault):
            assert told, "the storm did not notice"
    assert len(result["faults"]) == 8
