"""Verification: an honest log passes; every tampering is found, and said where."""

import base64
import datetime as dt

import pytest
from django.db import connection

from honghu.kernel.journal import commands, keys, merkle, queries, sources, tree
from honghu.kernel.journal.checkpoint import CheckpointError, Signer, sign
from honghu.kernel.journal.faults import DETAILED_MAX, TEXTS, Fault
from honghu.kernel.journal.leaves import leaf_hash
from honghu.kernel.journal.store import DatabaseStore
from honghu.kernel.journal.tests.conftest import (
    KIND,
    SIGNER,
    TABLE,
    VKEY,
    canonical,
    latest,
    row_id,
)
from honghu.kernel.journal.verify import verify_log


def found(**options):
    """The faults as (code, table, number of the row, first, last)."""
    report = verify_log(vkeys=[VKEY], **options)
    assert report.fault_count == len(report.faults)
    assert all(str(fault) for fault in report.faults)
    return {
        (
            fault.code,
            fault.table,
            None if fault.leaf_id is None else fault.leaf_id.int - row_id(0).int,
            fault.first,
            fault.last,
        )
        for fault in report.faults
    }


@pytest.fixture
def tamper(committed_bench, owner_connection):
    """A signed log of 13 entries, and the owner's hand with the triggers asleep."""
    committed_bench.grow(5, 8)
    owner_connection.execute("SET session_replication_role = replica")
    return owner_connection.execute


def test_an_honest_log_passes(bench):
    seen = []
    bench.sign()
    bench.grow(3, 1, 9)
    bench.write(2)
    report = verify_log(vkeys=[VKEY], progress=lambda done, total: seen.append((done, total)))
    assert report.faults == ()
    assert report.fault_count == 0
    assert (report.leaves, report.pending, report.entries, report.checkpoints) == (15, 2, 13, 4)
    assert (report.size, report.root) == (13, latest().root)
    assert seen[-1] == (28, 28)
    assert seen == sorted(seen)


def test_an_empty_log_passes(bench):
    report = verify_log(vkeys=[VKEY])
    assert (report.fault_count, report.size, report.root) == (0, 0, merkle.empty_root())


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_chunks_of_any_size_say_the_same(bench, monkeypatch, chunk):
    monkeypatch.setattr("honghu.kernel.journal.check_tree.CHUNK", chunk)
    monkeypatch.setattr("honghu.kernel.journal.check_leaves.ROWS_PER_FETCH", chunk)
    bench.grow(1, 2, 3, 4, 5, 6)
    report = verify_log(vkeys=[VKEY])
    assert (report.fault_count, report.size) == (0, 21)
    assert report.root == tree.root(DatabaseStore(), 21)


def test_an_edited_row_is_found(tamper):
    tamper("UPDATE journal_test_row SET content = 'content 3 ' WHERE id = %s", [row_id(3)])
    assert found() == {("row_changed", TABLE, 3, 3, 3)}


def test_an_edited_row_that_waits_for_its_place_is_found(committed_bench, tamper):
    committed_bench.write(1)
    tamper("UPDATE journal_test_row SET content = '' WHERE id = %s", [row_id(13)])
    assert found() == {("row_changed", TABLE, 13, None, None)}


def test_a_deleted_row_is_found(tamper):
    tamper("DELETE FROM journal_test_row WHERE id = %s", [row_id(0)])
    tamper("DELETE FROM journal_test_row WHERE id = %s", [row_id(12)])
    assert found() == {("row_missing", TABLE, 0, 0, 0), ("row_missing", TABLE, 12, 12, 12)}


def test_an_inserted_row_is_found(tamper):
    tamper("INSERT INTO journal_test_row VALUES (%s, 'x')", [row_id(99)])
    assert found() == {("row_unrecorded", TABLE, 99, None, None)}


def test_two_rows_with_swapped_contents_are_found(tamper):
    tamper("UPDATE journal_test_row SET content = 'content 8' WHERE id = %s", [row_id(2)])
    tamper("UPDATE journal_test_row SET content = 'content 2' WHERE id = %s", [row_id(8)])
    assert found() == {("row_changed", TABLE, 2, 2, 2), ("row_changed", TABLE, 8, 8, 8)}


def test_an_emptied_table_is_found_row_by_row(tamper):
    tamper("TRUNCATE journal_test_row")
    assert found() == {("row_missing", TABLE, n, n, n) for n in range(13)}


def test_an_edited_leaf_is_found(tamper):
    tamper("UPDATE journal_leaf SET hash = sha256('x') WHERE id = %s", [row_id(4)])
    assert found() == {("leaf_changed", "journal_leaf", 4, 4, 4)}


def test_the_time_of_a_leaf_is_part_of_it(tamper):
    tamper(
        "UPDATE journal_leaf SET written_at = written_at + interval '1 microsecond' WHERE id = %s",
        [row_id(4)],
    )
    assert found() == {("row_changed", TABLE, 4, 4, 4)}


def test_the_kind_of_a_leaf_is_part_of_it(tamper):
    tamper("UPDATE journal_leaf SET kind = 'other' WHERE id = %s", [row_id(4)])
    assert found() == {("leaf_kind_changed", "journal_leaf", 4, 4, 4)}


def test_a_deleted_leaf_is_found(tamper):
    tamper("DELETE FROM journal_leaf WHERE id = %s", [row_id(6)])
    assert found() == {
        ("row_unrecorded", TABLE, 6, None, None),
        ("leaf_missing", "journal_entry", 6, 6, 6),
    }


def test_an_inserted_leaf_is_found(tamper):
    tamper("INSERT INTO journal_leaf VALUES (%s, %s, sha256('x'), now())", [row_id(50), KIND])
    assert found() == {
        ("row_missing", TABLE, 50, None, None),
        ("leaf_unqueued", "journal_leaf", 50, None, None),
    }


def test_leaves_with_swapped_ids_are_found(tamper):
    for old, new in ((3, 77), (4, 3), (77, 4)):
        tamper("UPDATE journal_leaf SET id = %s WHERE id = %s", [row_id(new), row_id(old)])
    assert found() == {
        ("leaf_changed", "journal_leaf", 3, 3, 3),
        ("leaf_changed", "journal_leaf", 4, 4, 4),
    }


def test_a_lost_queue_row_is_found_and_a_waiting_leaf_is_no_fault(committed_bench, tamper):
    committed_bench.write(2)
    report = verify_log(vkeys=[VKEY])
    assert (report.pending, report.fault_count) == (2, 0)
    tamper("DELETE FROM journal_queue WHERE leaf_id = %s", [row_id(14)])
    assert found() == {("leaf_unqueued", "journal_leaf", 14, None, None)}


def test_foreign_rows_in_the_queue_are_found(tamper):
    tamper("INSERT INTO journal_queue VALUES (%s), (%s)", [row_id(2), row_id(500)])
    assert found() == {
        ("queue_repeated", "journal_queue", 2, 2, 2),
        ("queue_stray", "journal_queue", 500, None, None),
    }


def test_an_edited_entry_is_found(tamper):
    tamper("UPDATE journal_entry SET hash = sha256('x') WHERE position = 7")
    assert found() == {("entry_changed", "journal_entry", 7, 7, 7)}


def test_swapped_entries_are_found(tamper):
    tamper("UPDATE journal_entry SET position = 100 WHERE position = 2")
    tamper("UPDATE journal_entry SET position = 2 WHERE position = 9")
    tamper("UPDATE journal_entry SET position = 9 WHERE position = 100")
    assert found() == {
        ("node_changed", "journal_node", None, 2, 3),
        ("node_changed", "journal_node", None, 8, 9),
        ("checkpoint_root", "journal_checkpoint", None, 0, 4),
        ("checkpoint_root", "journal_checkpoint", None, 0, 12),
    }


def test_a_deleted_entry_is_found(tamper):
    tamper("DELETE FROM journal_entry WHERE position = 6")
    assert found() == {
        ("entry_missing", "journal_entry", None, 6, 6),
        ("leaf_unqueued", "journal_leaf", 6, None, None),
    }


def test_an_entry_inserted_beyond_a_gap_is_found(committed_bench, tamper):
    committed_bench.write(1)
    tamper("INSERT INTO journal_entry VALUES (20, %s, sha256('x'))", [row_id(13)])
    assert found() == {
        ("entry_missing", "journal_entry", None, 13, 19),
        ("entry_changed", "journal_entry", 13, 20, 20),
        ("queue_repeated", "journal_queue", 13, 20, 20),
    }


def test_an_entry_inserted_at_the_end_without_its_nodes_is_found(committed_bench, tamper):
    committed_bench.write(1)
    tamper(
        "INSERT INTO journal_entry SELECT 13, id, hash FROM journal_leaf WHERE id = %s",
        [row_id(13)],
    )
    tamper("DELETE FROM journal_queue")
    assert found() == {("node_missing", "journal_node", None, 12, 13)}


def test_a_log_cut_off_at_its_end_is_found(tamper):
    tamper("DELETE FROM journal_entry WHERE position >= 10")
    faults = found()
    assert ("checkpoint_beyond", "journal_checkpoint", None, 10, 12) in faults
    assert {("leaf_unqueued", "journal_leaf", n, None, None) for n in (10, 11, 12)} < faults
    # Of the twelve complete nodes those over entries 10 and 11, and over 8 to 11, hang in the air.
    assert {fault[3:] for fault in faults if fault[0] == "node_stray"} == {(10, 11), (8, 11)}
    assert len(faults) == 6


def test_an_edited_node_is_found_where_it_is(tamper):
    tamper("UPDATE journal_node SET hash = sha256('x') WHERE level = 2 AND index = 1")
    assert found() == {("node_changed", "journal_node", None, 4, 7)}
    tamper("UPDATE journal_node SET hash = sha256('y') WHERE level = 3 AND index = 0")
    assert found() == {
        ("node_changed", "journal_node", None, 4, 7),
        ("node_changed", "journal_node", None, 0, 7),
    }


def test_a_deleted_node_and_an_inserted_one_are_found(tamper):
    tamper("DELETE FROM journal_node WHERE level = 1 AND index = 5")
    tamper("INSERT INTO journal_node VALUES (1, 6, sha256('x')), (5, 0, sha256('x'))")
    assert found() == {
        ("node_missing", "journal_node", None, 10, 11),
        ("node_stray", "journal_node", None, 12, 13),
        ("node_stray", "journal_node", None, 0, 31),
    }


def test_an_edited_checkpoint_is_found(tamper):
    tamper("UPDATE journal_checkpoint SET root = sha256('x') WHERE size = 5")
    tamper("UPDATE journal_checkpoint SET signed_at = signed_at + interval '1 day' WHERE size = 13")
    assert found() == {
        ("checkpoint_changed", "journal_checkpoint", None, 0, 4),
        ("checkpoint_changed", "journal_checkpoint", None, 0, 12),
    }


@pytest.mark.parametrize(("old", "new"), [(5, 6), (13, 4), (5, 500)])
def test_a_checkpoint_under_another_size_is_found(tamper, monkeypatch, old, new):
    monkeypatch.setattr("honghu.kernel.journal.check_tree.CHUNK", 2)
    tamper("UPDATE journal_checkpoint SET size = %s WHERE size = %s", [new, old])
    assert found() == {("checkpoint_changed", "journal_checkpoint", None, 0, new - 1)}


def test_a_checkpoint_with_a_false_signature_is_found(tamper):
    other = Signer(SIGNER.name, bytes(32))
    note = sign(5, bytes(32), other, extensions=["signed-at 2026-06-01T01:00:00.000000Z"]).note
    tamper("UPDATE journal_checkpoint SET note = %s WHERE size = 5", [note])
    tamper("UPDATE journal_checkpoint SET note = replace(note, '13', '12') WHERE size = 13")
    assert found() == {
        ("checkpoint_note", "journal_checkpoint", None, 0, 4),
        ("checkpoint_note", "journal_checkpoint", None, 0, 12),
    }


def rewrite(tamper, bench, number):
    """Change a row and everything in the database that follows from it, as an insider would."""
    content = f"forged {number}"
    tamper("UPDATE journal_test_row SET content = %s WHERE id = %s", [content, row_id(number)])
    forged = leaf_hash(KIND, row_id(number), bench.now, canonical((content,)))
    tamper("UPDATE journal_leaf SET hash = %s WHERE id = %s", [forged, row_id(number)])
    tamper("UPDATE journal_entry SET hash = %s WHERE position = %s", [forged, number])
    entries = queries.read_log(-1, 100)
    for place, value in tree.append(tree.MemoryStore(), 0, [entry.hash for entry in entries]):
        if place.level:
            tamper(
                "UPDATE journal_node SET hash = %s WHERE level = %s AND index = %s",
                [value, *place],
            )


def test_a_log_rewritten_throughout_betrays_itself_by_its_checkpoints(committed_bench, tamper):
    rewrite(tamper, committed_bench, 9)
    # The first five entries are under a checkpoint that holds: the change lies behind them.
    assert found() == {("checkpoint_root", "journal_checkpoint", None, 5, 12)}
    committed_bench.write(1)
    committed_bench.sequence()
    with pytest.raises(commands.UnableToSignCheckpointError):
        committed_bench.sign()


def test_a_log_rewritten_with_its_checkpoints_betrays_itself_to_a_witness(committed_bench, tamper):
    kept = latest().note
    assert found(witnessed=[kept]) == set()
    rewrite(tamper, committed_bench, 9)
    tamper("DELETE FROM journal_checkpoint WHERE size = 13")
    assert found() == set()
    assert found(witnessed=[kept]) == {("checkpoint_root", "witness", None, 5, 12)}
    tamper("DELETE FROM journal_test_row WHERE id >= %s", [row_id(5)])
    tamper("DELETE FROM journal_leaf WHERE id >= %s", [row_id(5)])
    tamper("DELETE FROM journal_entry WHERE position >= 5")
    tamper("DELETE FROM journal_node WHERE index >= 5 >> level")
    assert found() == set()
    assert found(witnessed=[kept]) == {("checkpoint_beyond", "witness", None, 5, 12)}
    assert found(witnessed=["no note"]) == {("checkpoint_note", "witness", None, None, None)}


def test_leaves_that_no_module_reads_are_reported_once(bench, monkeypatch):
    bench.grow(4)
    monkeypatch.setattr(sources, "_sources", {})
    report = verify_log(vkeys=[VKEY])
    (fault,) = report.faults
    assert (fault.code, fault.detail) == ("source_missing", KIND)
    assert KIND in str(fault)


def test_a_source_out_of_order_is_an_error_and_no_verdict(bench, monkeypatch):
    bench.grow(2)

    class Disordered:
        table = TABLE

        def rows(self):
            return iter([(row_id(1), b""), (row_id(0), b"")])

    monkeypatch.setattr(sources, "_sources", {KIND: Disordered()})
    with pytest.raises(ValueError, match="not in order"):
        verify_log(vkeys=[VKEY])


def test_other_keys_and_bad_keys(bench):
    bench.grow(2)
    stranger = Signer(SIGNER.name, bytes(32)).verifier.vkey
    assert verify_log(vkeys=[stranger]).counts == {"checkpoint_note": 1}
    assert verify_log(vkeys=[stranger, VKEY]).fault_count == 0
    assert verify_log(vkeys=[]).counts == {"checkpoint_note": 1}
    with pytest.raises(CheckpointError):
        verify_log(vkeys=["no key"])


def test_a_ruined_log_is_counted_in_full_and_listed_in_part(committed_bench, owner_connection):
    committed_bench.grow(DETAILED_MAX + 200)
    owner_connection.execute("SET session_replication_role = replica")
    owner_connection.execute("UPDATE journal_entry SET hash = sha256('x')")
    report = verify_log(vkeys=[VKEY])
    assert len(report.faults) == DETAILED_MAX
    assert report.counts["entry_changed"] == DETAILED_MAX + 200


def test_writers_do_not_disturb_a_verification(committed_bench, owner_connection, monkeypatch):
    committed_bench.grow(3)
    read = sources.TableSource.rows

    def late_rows(self):
        # The leaves are being read by now: what is written from here on must stay out of sight.
        owner_connection.execute("INSERT INTO journal_test_row VALUES (%s, 'x')", [row_id(90)])
        owner_connection.execute(
            "INSERT INTO journal_leaf VALUES (%s, %s, sha256('x'), now())", [row_id(90), KIND]
        )
        yield from read(self)

    monkeypatch.setattr(sources.TableSource, "rows", late_rows)
    assert verify_log(vkeys=[VKEY]).fault_count == 0
    monkeypatch.setattr(sources.TableSource, "rows", read)
    assert verify_log(vkeys=[VKEY]).counts == {"row_changed": 1, "leaf_unqueued": 1}


def test_every_code_has_a_text_and_every_fault_names_its_place():
    for code in TEXTS:
        assert str(Fault(code, "x", detail="7/7"))


class TestKey:
    """The signing key."""

    @pytest.fixture(autouse=True)
    def _own_home(self, settings, tmp_path):
        settings.HONGHU_HOME = tmp_path / "home"
        settings.HONGHU_JOURNAL_KEY = None
        settings.HONGHU_JOURNAL_ORIGIN = "honghu.local/journal"

    def test_is_made_at_first_use_for_its_owner_alone(self, settings):
        first = keys.load_signer()
        path = settings.HONGHU_HOME / keys.FILE_NAME
        assert path.stat().st_mode & 0o777 == 0o600
        assert keys.load_signer() == first
        assert [file.name for file in settings.HONGHU_HOME.iterdir()] == [keys.FILE_NAME]
        assert path.read_text() == first.skey + "\n"

    def test_open_to_others_is_refused(self, settings):
        keys.load_signer()
        (settings.HONGHU_HOME / keys.FILE_NAME).chmod(0o644)
        with pytest.raises(keys.JournalKeyError, match="chmod 600"):
            keys.load_signer()

    def test_from_the_settings_comes_first(self, settings):
        settings.HONGHU_JOURNAL_KEY = SIGNER.skey + "\n"
        assert keys.load_signer() == SIGNER
        assert not settings.HONGHU_HOME.exists()

    def test_of_another_log_or_malformed_is_refused_without_showing_it(self, settings):
        settings.HONGHU_JOURNAL_KEY = Signer.generate("other.example").skey
        with pytest.raises(keys.JournalKeyError, match=r"other\.example"):
            keys.load_signer()
        settings.HONGHU_JOURNAL_KEY = SIGNER.skey[:-2]
        with pytest.raises(keys.JournalKeyError) as caught:
            keys.load_signer()
        assert base64.b64encode(SIGNER.seed).decode()[5:25] not in str(caught.value)

    def test_made_by_two_at_once_is_one(self, settings, monkeypatch):
        generate = Signer.generate

        def generate_late(name):
            signer = generate(name)
            if not (settings.HONGHU_HOME / keys.FILE_NAME).exists():
                monkeypatch.setattr(Signer, "generate", generate)
                keys.load_signer()
            return signer

        monkeypatch.setattr(Signer, "generate", generate_late)
        late = keys.load_signer()
        assert keys.load_signer() == late
        assert len(list(settings.HONGHU_HOME.iterdir())) == 1


def test_reading_the_clock_is_left_to_the_caller(bench):
    later = bench.now + dt.timedelta(days=400)
    bench.write(1)
    assert commands.sequence(now=later) == 1
    commands.sign_checkpoint(now=later, signer=SIGNER)
    assert latest().signed_at == later
    with connection.cursor() as cursor:
        cursor.execute("SELECT written_at FROM journal_leaf")
        assert cursor.fetchone() == (bench.now,)
