"""The sequencer: gapless places, one at a time, restartable; what the database refuses."""

import datetime as dt
import threading
import uuid

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from honghu.base.problems import Conflict, Invalid
from honghu.kernel.journal import commands, leaves, merkle, queries, sources, tree
from honghu.kernel.journal.append_only import append_only_sql
from honghu.kernel.journal.checkpoint import verify_checkpoint
from honghu.kernel.journal.receipt import verify_receipt
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


def rows(query, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def expected_hashes(bench, count):
    return [
        leaves.leaf_hash(KIND, row_id(n), bench.now, canonical((f"content {n}",)))
        for n in range(count)
    ]


def test_leaves_get_gapless_places_in_the_order_of_their_ids(bench):
    ids = bench.write(7)
    assert bench.sequence() == 7
    assert bench.sequence() == 0
    ids += bench.write(6)
    assert bench.sequence() == 6
    entries = queries.read_log(-1, 100)
    assert [entry.position for entry in entries] == list(range(13))
    assert [entry.leaf_id for entry in entries] == ids
    assert [entry.hash for entry in entries] == expected_hashes(bench, 13)
    assert rows("SELECT count(*) FROM journal_queue") == [(0,)]


def test_a_batch_takes_no_more_than_its_size(bench):
    bench.write(10)
    taken = [commands.sequence(now=bench.now, batch_size=4) for _ in range(4)]
    assert taken == [4, 4, 2, 0]
    assert queries.log_size() == 10
    assert tree.root(DatabaseStore(), 10) == merkle.root(expected_hashes(bench, 10))


def test_exactly_the_complete_nodes_above_the_leaves_are_stored(bench):
    for count in (3, 0, 9, 1, 20):
        if count:
            bench.write(count)
        bench.sequence()
    hashes = expected_hashes(bench, 33)
    memory = tree.MemoryStore(tree.append(tree.MemoryStore(), 0, hashes))
    stored = {
        tree.Coordinate(level, index): value
        for level, index, value in rows("SELECT level, index, hash FROM journal_node")
    }
    assert stored == {place: value for place, value in memory.items() if place.level > 0}


def test_what_was_rolled_back_is_never_sequenced(bench):
    bench.write(2)
    with transaction.atomic():
        bench.write(3)
        transaction.set_rollback(True)
    assert bench.sequence() == 2


def test_a_rolled_back_batch_is_taken_again(bench):
    bench.write(5)
    with transaction.atomic():
        assert bench.sequence() == 5
        transaction.set_rollback(True)
    assert queries.log_size() == 0
    assert bench.sequence() == 5
    assert tree.root(DatabaseStore(), 5) == merkle.root(expected_hashes(bench, 5))


def test_useless_queue_rows_do_not_stop_the_sequencer(bench):
    (first, *_) = bench.write(3)
    bench.sequence()
    with connection.cursor() as cursor:
        stray = uuid.UUID(int=1)
        cursor.execute("INSERT INTO journal_queue VALUES (%s), (%s)", [first, stray])
    bench.write(2)
    assert commands.sequence(now=bench.now, batch_size=2) == 2
    assert rows("SELECT leaf_id FROM journal_queue ORDER BY 1") == [(stray,), (first,)]


def test_the_fragment_writes_the_same_leaf(bench):
    key = uuid.UUID(int=5)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH " + leaves.LEAF_SQL + "INSERT INTO journal_test_row VALUES (%(leaf_id)s, 'x')",  # noqa: S608
            leaves.leaf_parameters(KIND, key, canonical(("x",)), bench.now),
        )
    assert bench.sequence() == 1
    bench.sign()
    assert verify_receipt(queries.receipt(key), VKEY).payload == canonical(("x",))
    assert rows("SELECT kind, written_at FROM journal_leaf") == [(KIND, bench.now)]


@pytest.mark.parametrize(
    "table", ["journal_leaf", "journal_entry", "journal_node", "journal_checkpoint"]
)
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
@pytest.mark.parametrize("role", ["honghu_app", "owner"])
def test_written_rows_are_never_changed(bench, table, change, role):
    bench.grow(4)
    column = {"journal_node": "level", "journal_checkpoint": "size"}.get(table, "hash")
    statement = change.format(table, column, column)
    with connection.cursor() as cursor, transaction.atomic():
        if role == "owner":
            cursor.execute("RESET ROLE")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SET ROLE honghu_app")
    expected = ProgrammingError if role == "honghu_app" else IntegrityError
    assert isinstance(caught.value, expected)
    word = "permission denied" if role == "honghu_app" else "append-only"
    assert word in str(caught.value)


def test_append_only_holds_for_another_table_and_can_be_undone(bench):
    forward, reverse = append_only_sql(TABLE)
    bench.write(1)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(forward)
        for statement in (
            "UPDATE journal_test_row SET content = ''",
            "DELETE FROM journal_test_row WHERE false",
        ):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(statement)
        cursor.execute(reverse)
        cursor.execute("DELETE FROM journal_test_row")
        assert cursor.rowcount == 1
    for name in ("a b", "x; drop table y", "", "A", "x" * 47):
        with pytest.raises(ValueError, match="plain table name"):
            append_only_sql(name)


def test_an_entry_beyond_the_end_is_refused(bench):
    bench.grow(3)
    (key,) = bench.write(1)
    for position in (4, 10**12):
        with (
            pytest.raises(IntegrityError, match="gap"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO journal_entry VALUES (%s, %s, %s)", [position, key, bytes(32)]
            )


def test_a_leaf_id_is_used_once(bench):
    (key,) = bench.write(1)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        leaves.append_leaf(cursor, key, KIND, b"{}", bench.now)


def test_receipts_and_proofs_come_from_the_log(bench):
    ids = bench.grow(3, 8)
    for index, key in enumerate(ids):
        proof = queries.inclusion(key)
        assert (proof.index, proof.size) == (index, 11)
        assert merkle.verify_inclusion(
            proof.leaf_hash, proof.index, proof.size, proof.proof, proof.root
        )
        verdict = verify_receipt(queries.receipt(key), VKEY)
        assert verdict.valid
        assert verdict.payload == canonical((f"content {index}",))
        assert verdict.written_at == bench.now
    link = queries.consistency(3, 11)
    assert merkle.verify_consistency(3, 11, link.root_m, link.root_n, link.proof)
    withheld = queries.receipt(ids[0], show_content=False)
    assert withheld["payload"] is None
    assert verify_receipt(withheld, VKEY).valid


def test_proofs_that_cannot_be_given_say_why(bench):
    bench.grow(2)
    with pytest.raises(queries.LeafNotFound):
        queries.receipt(uuid.UUID(int=9))
    (late,) = bench.write(1)
    with pytest.raises(queries.NotYetProvable):
        queries.receipt(late)
    bench.sequence()
    assert queries.inclusion(late).index == 2
    with pytest.raises(queries.NotYetProvable):
        queries.receipt(late)
    with pytest.raises(queries.NotYetProvable):
        queries.inclusion(late, 2)
    with pytest.raises(Invalid):
        queries.inclusion(late, 99)
    with pytest.raises(Invalid):
        queries.consistency(1, 99)
    with pytest.raises(merkle.MerkleError):
        queries.consistency(0, 2)


def test_before_the_first_checkpoint_there_is_no_receipt(bench):
    (key,) = bench.write(1)
    bench.sequence()
    assert queries.latest_checkpoint() is None
    with pytest.raises(queries.NotYetProvable):
        queries.receipt(key)


def test_a_receipt_is_refused_for_a_row_that_was_changed(bench):
    keys = bench.grow(2)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("UPDATE journal_test_row SET content = 'other' WHERE id = %s", [keys[0]])
        cursor.execute("DELETE FROM journal_test_row WHERE id = %s", [keys[1]])
    for key in keys:
        with pytest.raises(queries.JournalDamagedError) as caught:
            queries.receipt(key)
        assert TABLE in str(caught.value)


def test_checkpoints_are_signed_once_per_state_and_carry_their_time(bench):
    bench.grow(5)
    later = bench.now + dt.timedelta(hours=1)
    again = commands.sign_checkpoint(now=later, signer=SIGNER)
    assert again.extensions == ("signed-at 2026-06-01T01:00:00.000000Z",)
    bench.write(1)
    bench.sequence()
    commands.sign_checkpoint(now=later, signer=SIGNER)
    stored = latest()
    assert (stored.size, stored.signed_at) == (6, later)
    checkpoint = verify_checkpoint(stored.note, VKEY)
    assert checkpoint.root == stored.root == merkle.root(expected_hashes(bench, 6))
    assert checkpoint.extensions == ("signed-at 2026-06-01T02:00:00.000000Z",)
    assert rows("SELECT count(*) FROM journal_checkpoint") == [(2,)]


def test_an_empty_log_can_be_signed_and_then_grow(bench):
    bench.sign()
    assert latest().root == merkle.empty_root()
    bench.grow(3)
    assert latest().size == 3


def test_a_shortened_or_rewritten_log_is_not_signed(committed_bench, owner_connection):
    committed_bench.grow(4)
    owner_connection.execute("SET session_replication_role = replica")
    owner_connection.execute("UPDATE journal_node SET hash = sha256('x') WHERE level = 2")
    committed_bench.write(1)
    committed_bench.sequence()
    with pytest.raises(commands.UnableToSignCheckpointError):
        committed_bench.sign()
    owner_connection.execute("DELETE FROM journal_entry WHERE position > 2")
    with pytest.raises(commands.UnableToSignCheckpointError):
        committed_bench.sign()
    assert latest().size == 4


def test_consumers_read_by_position_and_never_go_back(bench):
    bench.grow(5)
    assert queries.cursor_position("mail") == -1
    assert [entry.position for entry in queries.read_log(queries.cursor_position("mail"), 3)] == [
        0,
        1,
        2,
    ]
    commands.advance_cursor(consumer="mail", position=2)
    assert queries.cursor_position("mail") == 2
    assert [entry.position for entry in queries.read_log(2, 9)] == [3, 4]
    for position in (2, 0, 5):
        with pytest.raises(Conflict):
            commands.advance_cursor(consumer="mail", position=position)
    assert queries.cursor_position("mail") == 2
    assert queries.cursor_position("webhooks") == -1


def test_a_kind_has_one_source():
    source = sources.TableSource("x", (), canonical)
    kinds: dict[str, sources.LeafSource] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_sources", kinds)
        sources.register_source("x", source)
        with pytest.raises(ValueError, match="already"):
            sources.register_source("x", source)
    assert kinds == {"x": source}


def test_sequencers_and_writers_at_the_same_time_lose_and_double_nothing(committed_bench):
    now, per_writer, failures = committed_bench.now, 40, []
    written = threading.Event()

    def write(first):
        try:
            for number in range(first, first + per_writer):
                with transaction.atomic(), connection.cursor() as cursor:
                    key, content = row_id(number), f"content {number}"
                    cursor.execute("INSERT INTO journal_test_row VALUES (%s, %s)", [key, content])
                    leaves.append_leaf(cursor, key, KIND, canonical((content,)), now)
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    def sequence():
        try:
            while commands.sequence(now=now, batch_size=7) or not written.is_set():
                pass
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(n * per_writer,)) for n in range(3)]
    sequencers = [threading.Thread(target=sequence) for _ in range(3)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join(60)
    written.set()
    for thread in sequencers:
        thread.join(60)
    assert not failures
    commands.sequence(now=now)
    entries = queries.read_log(-1, 1000)
    total = 3 * per_writer
    assert [entry.position for entry in entries] == list(range(total))
    assert {entry.leaf_id for entry in entries} == {row_id(number) for number in range(total)}
    assert tree.root(DatabaseStore(), total) == merkle.root([entry.hash for entry in entries])


def test_a_killed_sequencer_leaves_nothing_half_done(committed_bench, owner_connection):
    committed_bench.write(6)

    def sequence_and_be_killed():
        with transaction.atomic():
            assert committed_bench.sequence() == 6
            ((pid,),) = rows("SELECT pg_backend_pid()")
            owner_connection.execute("SELECT pg_terminate_backend(%s)", [pid])
            rows("SELECT 1")

    with pytest.raises(DatabaseError):
        sequence_and_be_killed()
    connection.close()
    counts = "SELECT (SELECT count(*) FROM journal_entry), (SELECT count(*) FROM journal_queue)"
    assert rows(counts) == [(0, 6)]
    assert rows("SELECT count(*) FROM journal_node") == [(0,)]
    assert committed_bench.sequence() == 6


def test_the_database_refuses_hashes_of_another_length(committed_bench, owner_connection):
    with pytest.raises(psycopg.errors.CheckViolation):
        owner_connection.execute(
            "INSERT INTO journal_leaf VALUES (gen_random_uuid(), 'x', '\\x00', now())"
        )
