"""A shorter statement for what is asked for most: one transfer, whatever its phase and legs.

`ledger_post` sorts and sums what a batch may hold for each account. One transfer has an account
once only, so its statement needs no sort, no window and no arrays of its head: half of the
server's time. Both lock by `ledger_lock_slots`, and the triggers check both alike.
"""

from importlib import import_module

from django.db import migrations

LOCK_SLOTS = """
CREATE FUNCTION ledger_lock_slots(p_accounts uuid[]) RETURNS smallint[] LANGUAGE plpgsql AS $$
DECLARE
  slots_of smallint[] := array_fill(0::smallint, ARRAY[cardinality(p_accounts)]);
  locked bigint;
  hot record;
  free smallint;
BEGIN
  -- Cold accounts first, in the order of their ids: two batches never wait for each other
  -- crosswise.
  PERFORM 1 FROM ledger_slot
  WHERE account_id = ANY(p_accounts) AND slot = 0 AND slots = 1
  ORDER BY account_id FOR NO KEY UPDATE;
  GET DIAGNOSTICS locked = ROW_COUNT;
  IF locked = cardinality(p_accounts) THEN
    RETURN slots_of;
  END IF;
  FOR hot IN
    SELECT b.account_id, b.slots FROM ledger_slot b
    WHERE b.account_id = ANY(p_accounts) AND b.slot = 0 AND b.slots > 1 ORDER BY b.account_id
  LOOP
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
    slots_of[array_position(p_accounts, hot.account_id)] := free;
    locked := locked + 1;
  END LOOP;
  IF locked < cardinality(p_accounts) THEN
    PERFORM ledger_refuse('HL006', 'there is no account ' || a, a::text)
    FROM unnest(p_accounts) AS a
    WHERE NOT EXISTS (SELECT 1 FROM ledger_slot b WHERE b.account_id = a AND b.slot = 0);
  END IF;
  RETURN slots_of;
END $$;
"""
DROP_LOCK_SLOTS = "DROP FUNCTION ledger_lock_slots(uuid[]);"

# The batch's function as it was, but for its own copy of the locking.
POST = """
CREATE OR REPLACE FUNCTION ledger_post(
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
  slots_of smallint[] := ledger_lock_slots(p_accounts);
  written bigint;
BEGIN
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
POST_AS_BEFORE = import_module("honghu.kernel.ledger.migrations.0003_functions").POST.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

POST_ONE = """
CREATE FUNCTION ledger_post_one(
  p_id uuid, p_phase text, p_kind text, p_legs smallint, p_value_date date,
  p_expires_at timestamptz, p_case_id uuid, p_step_id uuid, p_memo_code text,
  p_pending_id uuid, p_reverses_id uuid, p_link_id uuid, p_link_size smallint,
  p_request_hash bytea, p_leaf_hash bytea,
  l_accounts uuid[], l_currencies text[], l_amounts bigint[], l_debits bigint[],
  l_credits bigint[], p_booked_at timestamptz, p_skip_resolved boolean
) RETURNS TABLE (
  r_transfer_id uuid, r_booked_at timestamptz, r_replayed boolean, r_account_id uuid,
  r_amount_fen bigint, r_balance_fen bigint, r_pending_debit_fen bigint,
  r_pending_credit_fen bigint, r_slot smallint, r_version bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  slots_of smallint[] := ledger_lock_slots(l_accounts);
BEGIN
  RETURN QUERY
  WITH fresh AS (
    INSERT INTO ledger_transfer (id, phase, kind, legs, value_date, booked_at, expires_at, case_id,
      step_id, memo_code, pending_id, reverses_id, link_id, link_size, request_hash)
    VALUES (p_id, p_phase, p_kind, p_legs, p_value_date, p_booked_at, p_expires_at, p_case_id,
      p_step_id, p_memo_code, p_pending_id, p_reverses_id, p_link_id, p_link_size, p_request_hash)
    ON CONFLICT DO NOTHING
    RETURNING id
  ), leaf AS (
    INSERT INTO journal_leaf (id, kind, hash, written_at)
    SELECT id, 'transfer', p_leaf_hash, p_booked_at FROM fresh
  ), queued AS (
    INSERT INTO journal_queue (leaf_id) SELECT id FROM fresh
  )
  INSERT INTO ledger_entry (transfer_id, account_id, slot, currency, value_date, amount_fen,
    reserved_debit_fen, reserved_credit_fen, balance_fen, pending_debit_fen, pending_credit_fen,
    version)
  -- The last entry is read after the lock, so it is the last.
  SELECT f.id, l.account_id, slots_of[l.place], l.currency, p_value_date, l.amount, l.debit,
    l.credit, coalesce(e.balance_fen, 0) + l.amount, coalesce(e.pending_debit_fen, 0) + l.debit,
    coalesce(e.pending_credit_fen, 0) + l.credit, coalesce(e.version, 0) + 1
  FROM fresh f
  CROSS JOIN unnest(l_accounts, l_currencies, l_amounts, l_debits, l_credits)
    WITH ORDINALITY AS l (account_id, currency, amount, debit, credit, place)
  LEFT JOIN LATERAL (
    SELECT e.balance_fen, e.pending_debit_fen, e.pending_credit_fen, e.version
    FROM ledger_entry e WHERE e.account_id = l.account_id AND e.slot = slots_of[l.place]
    ORDER BY e.version DESC LIMIT 1
  ) e ON true
  RETURNING transfer_id, p_booked_at, false, account_id, amount_fen, balance_fen,
    pending_debit_fen, pending_credit_fen, slot, version;

  IF NOT FOUND THEN
    RETURN QUERY SELECT * FROM ledger_replay(
      ARRAY[p_id], ARRAY[p_request_hash], ARRAY[p_pending_id], p_skip_resolved);
  END IF;
END $$;
"""
DROP_POST_ONE = "DROP FUNCTION ledger_post_one;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_functions")]
    operations = [
        migrations.RunSQL(LOCK_SLOTS, DROP_LOCK_SLOTS),
        migrations.RunSQL(POST, POST_AS_BEFORE),
        migrations.RunSQL(POST_ONE, DROP_POST_ONE),
    ]
