"""`honghu journal`: what each command prints, writes and returns."""

import json

import pytest
from django.db import connection
from django.utils import translation
from typer.testing import CliRunner

from honghu.cli.journal import app
from honghu.kernel.journal import queries
from honghu.kernel.journal.checkpoint import Signer, verify_checkpoint
from honghu.kernel.journal.tests.conftest import latest, row_id


@pytest.fixture(autouse=True)
def _english_and_home(settings, tmp_path):
    settings.HONGHU_HOME = tmp_path
    settings.HONGHU_JOURNAL_KEY = None
    settings.HONGHU_JOURNAL_ORIGIN = "honghu.local/journal"
    with translation.override("en"):
        yield


def run(*arguments, status=0, stdin=None):
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def signed(bench):
    """Five entries under a checkpoint, all made by the commands themselves."""
    bench.write(5)
    assert "5 leaves got their places; the log has 5 entries" in run("sequence").stdout
    run("checkpoint")
    return bench


def test_sequence_takes_all_batches(bench):
    bench.write(7)
    assert "7 leaves" in run("sequence", "--batch-size", 3).stdout
    assert "0 leaves" in run("sequence").stdout
    assert queries.log_size() == 7


def test_checkpoint_prints_the_signed_note(bench):
    bench.write(2)
    run("sequence")
    note = run("checkpoint").stdout
    vkey = run("key").stdout.strip()
    assert verify_checkpoint(note, vkey).size == 2
    assert run("checkpoint").stdout == note


def test_a_receipt_makes_its_way_to_the_verifier(signed, tmp_path):
    vkey = run("key").stdout.strip()
    text = run("receipt", row_id(3)).stdout
    file = tmp_path / "receipt.json"
    file.write_text(text, encoding="utf-8")
    assert "VALID" in run("verify-receipt", file, "--key", vkey).stdout
    assert "content 3" in run("verify-receipt", "-", "--key", vkey, stdin=text).stdout
    file.write_text(text.replace("content 3", "content 4"), encoding="utf-8")
    refused = run("verify-receipt", file, "--key", vkey, status=1)
    assert "NOT VALID (receipt_leaf_mismatch)" in refused.stdout
    other = Signer.generate("honghu.local/journal").verifier.vkey
    assert "NOT VALID (checkpoint)" in run("verify-receipt", file, "--key", other, status=1).stdout
    withheld = json.loads(run("receipt", row_id(3), "--no-content").stdout)
    assert withheld["payload"] is None


def test_refusals_are_one_line(signed):
    refused = run("receipt", row_id(77), status=1)
    assert refused.stderr.startswith("honghu: journal_leaf_not_found: ")
    assert refused.stdout == ""
    run("receipt", "no-id", status=2)


def test_an_honest_log_verifies(signed):
    signed.write(1)
    shown = run("verify").stdout
    assert "6 leaves (1 not yet in the log), 5 entries, 1 checkpoints" in shown
    assert latest().root.hex() in shown
    assert "No faults." in shown


def test_a_fault_is_shown_with_its_place_and_status_one(signed):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("UPDATE journal_test_row SET content = 'x' WHERE id = %s", [row_id(4)])
    shown = run("verify", status=1).stdout
    assert "Faults: 1" in shown
    line = f"row_changed  journal_test_row  {row_id(4)}  position 4  the row, or its leaf's time,"
    assert line in shown


def test_a_checkpoint_kept_elsewhere_is_held_against_the_log(signed, tmp_path):
    kept = tmp_path / "kept.note"
    vkey = run("key").stdout.strip()
    kept.write_text(latest().note, encoding="utf-8")
    run("verify", "--against", kept, "--key", vkey)
    kept.write_text("forged", encoding="utf-8")
    assert "checkpoint_note" in run("verify", "--against", kept, status=1).stdout
