"""Beancount's own checker reads the export and agrees with every balance."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.commands import (
    create_pending,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
)
from honghu.kernel.ledger.export import beancount_lines, units
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast

Make = Callable[..., NewTransfer]


def bean_check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Beancount's checker on the text, in a process of its own."""
    file = folder / "ledger.beancount"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-W", "ignore", "-m", "beancount.scripts.check", "--no-cache", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def exported(cast: Cast, make: Make, now: dt.datetime) -> str:
    """A ledger with early value dates, a hot account, a part posted, a reversal, odd text."""
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=4, reference='"国库"')
    early = DAY - dt.timedelta(days=40)
    first = make(cast.loan, cast.supplier, 123_456_789, value_date=early, memo_code='"\\')
    pending = make(hot.id, cast.supplier, 7, case_id=new_id())
    post_transfers([first, make(hot.id, cast.bank, 5)], now=now)
    create_pending(pending, now=now)
    resolve_pending(pending.id, id=new_id(), amount_fen=1, now=now)
    create_pending(make(cast.programme, cast.contra, 9), now=now)
    reverse_transfer(first.id, id=new_id(), now=now, value_date=DAY)
    return "\n".join(beancount_lines()) + "\n"


def test_beancount_accepts_the_export(exported: str, tmp_path: Path) -> None:
    checked = bean_check(exported, tmp_path)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert exported.count(" * ") == 4
    assert exported.count(" balance ") == 6


def test_beancount_notices_a_changed_leg(exported: str, tmp_path: Path) -> None:
    checked = bean_check(exported.replace("  0.05 CNY", "  0.06 CNY", 1), tmp_path)
    assert checked.returncode == 1
    assert "does not balance" in checked.stderr


def test_beancount_notices_a_changed_balance(exported: str, tmp_path: Path) -> None:
    head, tail = exported.split(" balance ", 1)
    checked = bean_check(f"{head} balance {tail.replace('0.06 ~', '0.07 ~')}", tmp_path)
    assert checked.returncode == 1
    assert "Balance failed" in checked.stderr


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12_345, "-123.45"), (100, "1.00")]
)
def test_fen_become_units_exactly(fen: int, text: str) -> None:
    assert units(fen) == text
