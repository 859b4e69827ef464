"""The only ways to write the ledger: functions that run with the owner's rights.

`ledger_post` takes a batch of transfers and their legs as arrays, locks the accounts' slots in one
order for everybody, and writes transfers, entries and journal leaves in one statement.
"""

from django.db import migrations

OPEN_ACCOUNT = """
CREATE FUNCTION ledger_open_account(
  p_id uuid, p_kind text, p_currency text, p_normal_side text, p_owner uuid, p_reference text,
  p_slots integer, p_floor_fen bigint, p_ceiling_fen bigint, p_opened_at timestamptz
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO ledger_account (id, kind, currency, normal_side, owner_organisation_id, reference,
    slots, opened_at)
  VALUES (p_id, p_kind, p_currency, p_normal_side, p_owner, p_reference, p_slots, p_opened_at)
  ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO ledger_slot (account_id, slot, slots, currency, floor_fen, ceiling_fen)
  SELECT p_id, slot, p_slots, p_currency, p_floor_fen, p_ceiling_fen
  FROM generate_series(0, p_slots - 1) AS slot;
  INSERT INTO ledger_bound (account_id, revision, floor_fen, ceiling_fen, from_version, set_at)
  VALUES (p_id, 1, p_floor_fen, p_ceiling_fen, 0, p_opened_at);
  RETURN true;
END $$;
"""
DROP_OPEN_ACCOUNT = """
DROP FUNCTION ledger_open_account(
  uuid, text, text, text, uuid, text, integer, bigint, bigint, timestamptz);
"""

SET_BOUNDS = """
CREATE FUNCTION ledger_set_bounds(
  p_id uuid, p_floor_fen bigint, p_ceiling_fen bigint, p_set_at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- The lock first: the trigger that checks the new bounds must see the last entry.
  PERFORM 1 FROM ledger_slot WHERE account_id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM ledger_refuse('HL006', 'there is no account ' || p_id, p_id::text);
  END IF;
  UPDATE ledger_slot SET floor_fen = p_floor_fen, ceiling_fen = p_ceiling_fen
  WHERE account_id = p_id;
  INSERT INTO ledger_bound (account_id, revision, floor_fen, ceiling_fen, from_version, set_at)
  SELECT p_id, (SELECT max(revision) + 1 FROM ledger_bound WHERE account_id = p_id),
    p_floor_fen, p_ceiling_fen,
    coalesce((SELECT max(version) FROM ledger_entry WHERE account_id = p_id), 0), p_set_at;
END $$;
"""
DROP_SET_BOUNDS = "DROP FUNCTION ledger_set_bounds(uuid, bigint, bigint, timestamptz);"

POST = """
CREATE FUNCTION ledger_post(
  p_ids uuid[], p_phases text[], p_kinds text[], p_legs smallint[], p_value_dates date[],
  p_expires_at timestamptz[], p_case_ids uuid[], p_step_ids uuid[], p_memo_codes text[],
  p_pending_ids uuid[], p_reverses_ids uuid[], p_link_ids uuid[], p_link_sizes smallint[],
  p_request_hashes bytea[], p_leaf_hashes bytea[],
  l_transfer_ids uuid[], l_accounts uuid[], l_account_places integer[], l_currencies text[],
  l_value_dates date[], l_amounts bigint[], l_debits bigint[], l_credits bigint[],
  p_accounts uuid[], p_booked_at timestamptz, p_skip_resolved boolean
) RETURNS TABLE (
  r_transfer_id uuid, r_booked_at timestamptz, r_replayed boolean, r_account_id uuid,
  r_amount_fen bigint, r_balance_fen bigint, r_pending_debit_fen bigint,
  r_pending_credit_fen bigint, r_slot smallint, r_version bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  slots_of smallint[] := array_fill(0::smallint, ARRAY[cardinality(p_accounts)]);
  written bigint;
  hot record;
  free smallint;
BEGIN
  -- Locks, cold accounts first, in the order of their ids: two batches never wait for each other
  -- crosswise.
  PERFORM 1 FROM ledger_slot
  WHERE account_id = ANY(p_accounts) AND slot = 0 AND slots = 1
  ORDER BY account_id FOR NO KEY UPDATE;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written < cardinality(p_accounts) THEN
    FOR hot IN
      SELECT a.account_id, a.place, b.slots
      FROM unnest(p_accounts) WITH ORDINALITY AS a (account_id, place)
      LEFT JOIN ledger_slot b ON b.account_id = a.account_id AND b.slot = 0
      WHERE b.slots IS DISTINCT FROM 1 ORDER BY a.account_id
    LOOP
      IF hot.slots IS NULL THEN
        PERFORM ledger_refuse('HL006', 'there is no account ' || hot.account_id,
          hot.account_id::text);
      END IF;
      -- A slot of the session's own, else any that nobody holds, else wait for one's own.
      SELECT slot INTO free FROM ledger_slot
      WHERE account_id = hot.account_id AND slot = pg_backend_pid() % hot.slots
      FOR NO KEY UPDATE SKIP LOCKED;
      IF NOT FOUND THEN
        SELECT slot INTO free FROM ledger_slot WHERE account_id = hot.account_id
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
      END IF;
      IF NOT FOUND THEN
        SELECT slot INTO free FROM ledger_slot
        WHERE account_id = hot.account_id AND slot = pg_backend_pid() % hot.slots
        FOR NO KEY UPDATE;
      END IF;
      slots_of[hot.place] := free;
    END LOOP;
  END IF;

  RETURN QUERY
  WITH asked AS (
    SELECT * FROM unnest(p_ids, p_phases, p_kinds, p_legs, p_value_dates, p_expires_at, p_case_ids,
      p_step_ids, p_memo_codes, p_pending_ids, p_reverses_ids, p_link_ids, p_link_sizes,
      p_request_hashes, p_leaf_hashes) AS a (id, phase, kind, legs, value_date, expires_at,
      case_id, step_id, memo_code, pending_id, reverses_id, link_id, link_size, request_hash,
      leaf_hash)
  ), fresh AS (
    -- In the order of ids, so that two batches with the same ids do not wait crosswise.
    INSERT INTO ledger_transfer (id, phase, kind, legs, value_date, booked_at, expires_at, case_id,
      step_id, memo_code, pending_id, reverses_id, link_id, link_size, request_hash)
    SELECT id, phase, kind, legs, value_date, p_booked_at, expires_at, case_id, step_id, memo_code,
      pending_id, reverses_id, link_id, link_size, request_hash
    FROM asked ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING id
  ), leaf AS (
    INSERT INTO journal_leaf (id, kind, hash, written_at)
    SELECT id, 'transfer', leaf_hash, p_booked_at FROM asked
    WHERE (id IN (SELECT f.id FROM fresh f)) IS TRUE
  ), queued AS (
    INSERT INTO journal_queue (leaf_id) SELECT id FROM fresh
  ), entry AS (
    INSERT INTO ledger_entry (transfer_id, account_id, slot, currency, value_date, amount_fen,
      reserved_debit_fen, reserved_credit_fen, balance_fen, pending_debit_fen, pending_credit_fen,
      version)
    -- `IS TRUE` keeps the hashed look-up, LIMIT the probe of an index: the planner cannot know how
    -- long the arrays are. The last entry is read after the lock, so it is the last.
    SELECT l.transfer_id, l.account_id, s.slot, l.currency, l.value_date, l.amount, l.debit,
      l.credit, (coalesce(e.balance_fen, 0) + sum(l.amount) OVER running)::bigint,
      (coalesce(e.pending_debit_fen, 0) + sum(l.debit) OVER running)::bigint,
      (coalesce(e.pending_credit_fen, 0) + sum(l.credit) OVER running)::bigint,
      coalesce(e.version, 0) + row_number() OVER running
    FROM unnest(l_transfer_ids, l_accounts, l_account_places, l_currencies, l_value_dates,
      l_amounts, l_debits, l_credits) WITH ORDINALITY AS l (transfer_id, account_id, account_place,
      currency, value_date, amount, debit, credit, place)
    CROSS JOIN LATERAL (SELECT slots_of[l.account_place] AS slot) s
    LEFT JOIN LATERAL (
      SELECT e.balance_fen, e.pending_debit_fen, e.pending_credit_fen, e.version
      FROM ledger_entry e WHERE e.account_id = l.account_id AND e.slot = s.slot
      ORDER BY e.version DESC LIMIT 1
    ) e ON true
    WHERE (l.transfer_id IN (SELECT f.id FROM fresh f)) IS TRUE
    WINDOW running AS (PARTITION BY l.account_id ORDER BY l.place)
    RETURNING ledger_entry.*
  )
  SELECT transfer_id, p_booked_at, false, account_id, amount_fen, balance_fen, pending_debit_fen,
    pending_credit_fen, slot, version
  FROM entry;
  GET DIAGNOSTICS written = ROW_COUNT;

  IF written < cardinality(l_transfer_ids) THEN
    RETURN QUERY
    SELECT * FROM ledger_replay(p_ids, p_request_hashes, p_pending_ids, p_skip_resolved);
  END IF;
END $$;
"""
DROP_POST = "DROP FUNCTION ledger_post;"

# What was asked for before is answered again, or refused if the id stood for something else.
REPLAY = """
CREATE FUNCTION ledger_replay(
  p_ids uuid[], p_request_hashes bytea[], p_pending_ids uuid[], p_skip_resolved boolean
) RETURNS TABLE (
  r_transfer_id uuid, r_booked_at timestamptz, r_replayed boolean, r_account_id uuid,
  r_amount_fen bigint, r_balance_fen bigint, r_pending_debit_fen bigint,
  r_pending_credit_fen bigint, r_slot smallint, r_version bigint
) LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT a.id, a.pending_id, t.id IS NULL AS absent INTO bad
  FROM unnest(p_ids, p_request_hashes, p_pending_ids) AS a (id, request_hash, pending_id)
  LEFT JOIN ledger_transfer t ON t.id = a.id
  WHERE t.request_hash <> a.request_hash
     OR (t.id IS NULL AND NOT (p_skip_resolved AND a.pending_id IS NOT NULL)) LIMIT 1;
  IF FOUND AND NOT bad.absent THEN
    PERFORM ledger_refuse('HL011', format('transfer %s was asked for before with other content',
      bad.id), bad.id::text);
  ELSIF FOUND AND bad.pending_id IS NOT NULL THEN
    PERFORM ledger_refuse('HL012', format('pending transfer %s is resolved already',
      bad.pending_id), bad.pending_id::text);
  ELSIF FOUND THEN
    PERFORM ledger_refuse('HL013', format('what transfer %s reverses is reversed already', bad.id),
      bad.id::text);
  END IF;
  RETURN QUERY
  SELECT t.id, t.booked_at, true, e.account_id, e.amount_fen, e.balance_fen, e.pending_debit_fen,
    e.pending_credit_fen, e.slot, e.version
  FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id WHERE t.id = ANY(p_ids);
END $$;
"""
DROP_REPLAY = "DROP FUNCTION ledger_replay(uuid[], bytea[], uuid[], boolean);"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]
    operations = [
        migrations.RunSQL(OPEN_ACCOUNT, DROP_OPEN_ACCOUNT),
        migrations.RunSQL(SET_BOUNDS, DROP_SET_BOUNDS),
        migrations.RunSQL(REPLAY, DROP_REPLAY),
        migrations.RunSQL(POST, DROP_POST),
    ]
