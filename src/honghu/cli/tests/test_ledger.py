"""`honghu ledger` as somebody at the terminal sees it."""

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from honghu.base.identifiers import new_id
from honghu.cli.ledger import app
from honghu.kernel.ledger.commands import open_account, post_transfers
from honghu.kernel.ledger.records import NewTransfer

runner = CliRunner()


@pytest.fixture
def booked(committed_db: str, django_db_blocker: Any, now: dt.datetime) -> Any:
    """A database with one transfer, committed."""
    with django_db_blocker.unblock():
        assert runner.invoke(app, ["chart"]).exit_code == 0
        loan, supplier = (
            open_account(id=new_id(), kind=kind, now=now).id
            for kind in ("loan_principal", "supplier_account")
        )
        wanted = NewTransfer(
            id=new_id(),
            debit_account_id=loan,
            credit_account_id=supplier,
            amount_fen=500,
            value_date=now.date(),
            kind="disbursement",
        )
        post_transfers([wanted], now=now)
        yield wanted


def test_verify_says_that_all_is_well(booked: NewTransfer) -> None:
    result = runner.invoke(app, ["verify"])
    assert result.exit_code == 0
    assert "2" in result.stdout


def test_verify_names_the_fault_and_exits_1(
    booked: NewTransfer, owner_connection: psycopg.Connection[Any]
) -> None:
    owner_connection.execute("SET session_replication_role = replica")
    owner_connection.execute("UPDATE ledger_transfer SET kind = 'gift'")
    result = runner.invoke(app, ["verify"])
    assert result.exit_code == 1
    assert f"content: ledger_transfer {booked.id}" in result.stdout


def test_the_sums_of_a_day_balance(booked: NewTransfer) -> None:
    result = runner.invoke(app, ["trial-balance", "--as-of", booked.value_date.isoformat()])
    assert result.exit_code == 0, result.output
    assert [line.split()[1:3] for line in result.stdout.splitlines()[:2]] == [["CNY", "5.00"]] * 2
    assert result.stdout.splitlines()[-1].split()[1:] == ["CNY", "5.00", "5.00"]


def test_a_statement_is_shown_by_value_date_and_by_day_of_booking(booked: NewTransfer) -> None:
    account, day = str(booked.debit_account_id), booked.value_date.isoformat()
    for by in ("value", "booking"):
        shown = runner.invoke(app, ["statement", account, "--from", day, "--to", day, "--by", by])
        assert shown.exit_code == 0, shown.output
        opening, movement, closing = shown.stdout.splitlines()[1:]
        assert opening.split() == [day, "0.00"]
        assert movement.split() == [day, day, "5.00", "5.00", "disbursement", str(booked.id)]
        assert closing.split() == [day, "5.00"]
    before = runner.invoke(app, ["statement", account, "--to", "2026-05-31"])
    assert before.stdout.splitlines()[-1].split() == ["2026-05-31", "0.00"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["6222-0001"], "ledger_unknown_account"),
        (["00000000-0000-7000-8000-000000000000"], "ledger_unknown_account"),
        (["{id}", "--from", "2026-06-02", "--to", "2026-06-01"], "ledger_period"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(
    booked: NewTransfer, arguments: list[str], code: str
) -> None:
    account = str(booked.debit_account_id)
    result = runner.invoke(app, ["statement", *(each.format(id=account) for each in arguments)])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"honghu: {code}: ")


def test_export_writes_a_file_whole(booked: NewTransfer, tmp_path: Path) -> None:
    out = tmp_path / "ledger.beancount"
    assert runner.invoke(app, ["export", "--out", str(out)]).exit_code == 0
    assert f'transfer: "{booked.id}"' in out.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [out]
    assert runner.invoke(app, ["export"]).stdout == out.read_text(encoding="utf-8")


def test_a_bad_chart_is_refused(committed_db: str, tmp_path: Path) -> None:
    bad = tmp_path / "chart.yaml"
    bad.write_text("lines: []", encoding="utf-8")
    result = runner.invoke(app, ["chart", str(bad)])
    assert result.exit_code == 1
    assert "no list" in result.stderr
