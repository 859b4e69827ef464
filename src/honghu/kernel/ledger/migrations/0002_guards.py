"""What the database itself enforces about transfers, entries and bounds.

The application's role may only read these tables (migration 0003 gives it functions to write).
The triggers hold for every role. They look at whole statements: a transfer and its entries are
written by one statement, and are checked against each other at its end.
"""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql

APPEND_ONLY = ("ledger_account", "ledger_transfer", "ledger_entry", "ledger_bound")

# Errors carry SQLSTATE HLxxx; `problems.py` maps them to error classes.
REFUSE = """
CREATE FUNCTION ledger_refuse(state text, message text, detail text) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail;
END $$;
"""
DROP_REFUSE = "DROP FUNCTION ledger_refuse(text, text, text);"

# Each entry continues the one before it, so versions have no gaps and balances follow from the
# amounts; none passes a bound, pending amounts counted. A transfer has the legs that it declares,
# so none can be added later.
CHECK_ENTRIES = """
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  -- LIMIT 1 keeps each look-up one probe of an index, whatever the planner thinks of `added`.
  SELECT a.transfer_id, a.account_id, t.complete, s.passed, s.currency, a.currency AS asked INTO bad
  FROM added a
  LEFT JOIN LATERAL (
    SELECT t.legs = (SELECT count(*) FROM ledger_entry e WHERE e.transfer_id = t.id) AS complete
    FROM ledger_transfer t WHERE t.id = a.transfer_id LIMIT 1
  ) t ON true
  LEFT JOIN LATERAL (
    SELECT s.currency, a.balance_fen - a.pending_credit_fen < s.floor_fen
      OR a.balance_fen + a.pending_debit_fen > s.ceiling_fen AS passed
    FROM ledger_slot s WHERE s.account_id = a.account_id AND s.slot = a.slot LIMIT 1
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT p.balance_fen, p.pending_debit_fen, p.pending_credit_fen FROM ledger_entry p
    WHERE p.account_id = a.account_id AND p.slot = a.slot AND p.version = a.version - 1 LIMIT 1
  ) p ON true
  WHERE t.complete IS NOT TRUE OR s.passed OR a.currency IS DISTINCT FROM s.currency
     OR least(a.pending_debit_fen, a.pending_credit_fen) < 0
     OR (p.balance_fen IS NULL AND a.version <> 1)
     OR coalesce(p.balance_fen, 0) + a.amount_fen <> a.balance_fen
     OR coalesce(p.pending_debit_fen, 0) + a.reserved_debit_fen <> a.pending_debit_fen
     OR coalesce(p.pending_credit_fen, 0) + a.reserved_credit_fen <> a.pending_credit_fen
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF bad.complete IS NOT TRUE THEN
    RAISE EXCEPTION 'transfer % does not have the entries that it declares', bad.transfer_id
      USING ERRCODE = 'HL003';
  ELSIF bad.currency IS DISTINCT FROM bad.asked THEN
    RAISE EXCEPTION 'account % keeps %, not %', bad.account_id, bad.currency, bad.asked
      USING ERRCODE = 'HL010', DETAIL = bad.account_id::text;
  ELSIF bad.passed THEN
    RAISE EXCEPTION 'transfer % would pass a bound of account %', bad.transfer_id, bad.account_id
      USING ERRCODE = 'HL001', DETAIL = bad.account_id::text;
  END IF;
  RAISE EXCEPTION 'an entry of transfer % does not continue account %',
    bad.transfer_id, bad.account_id USING ERRCODE = 'HL004', DETAIL = bad.account_id::text;
END $$;
CREATE TRIGGER ledger_entry_checked AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_entries();
"""
DROP_CHECK_ENTRIES = """
DROP TRIGGER ledger_entry_checked ON ledger_entry;
DROP FUNCTION ledger_check_entries();
"""

CHECK_TRANSFERS = """
CREATE FUNCTION ledger_check_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
  found_phases boolean;
  found_reversals boolean;
  found_links boolean;
  found_off uuid[];
  found_odd boolean;
BEGIN
  SELECT bool_or(a.phase <> 'single'), bool_or(a.reverses_id IS NOT NULL),
    bool_or(a.link_id IS NOT NULL), array_agg(a.id) FILTER (WHERE l.off),
    bool_or(l.legs IS DISTINCT FROM a.legs OR l.legs < 2 OR (a.phase = 'single' AND l.odd)
      OR CASE a.phase WHEN 'single' THEN a.expires_at IS NOT NULL
         WHEN 'pending' THEN a.reverses_id IS NOT NULL
         ELSE a.reverses_id IS NOT NULL OR a.expires_at IS NOT NULL
           OR a.phase NOT IN ('posted', 'voided', 'expired') END
      OR (a.pending_id IS NULL) <> (a.phase IN ('single', 'pending'))
      OR (a.link_id IS NULL) <> (a.link_size IS NULL))
  INTO found_phases, found_reversals, found_links, found_off, found_odd
  FROM added a CROSS JOIN LATERAL (
    SELECT sum(c.legs) AS legs, bool_or(c.moved <> 0 OR c.reserved <> 0) AS off,
      bool_or(c.odd) AS odd
    FROM (
      SELECT count(*) AS legs, sum(e.amount_fen) AS moved,
        sum(e.reserved_debit_fen - e.reserved_credit_fen) AS reserved,
        bool_or(e.amount_fen = 0 OR e.reserved_debit_fen <> 0 OR e.reserved_credit_fen <> 0) AS odd
      FROM ledger_entry e WHERE e.transfer_id = a.id GROUP BY e.currency
    ) c
  ) l;
  IF found_off IS NOT NULL THEN
    RAISE EXCEPTION 'transfer % does not balance', found_off[1]
      USING ERRCODE = 'HL002', DETAIL = found_off[1]::text;
  END IF;
  IF found_odd THEN
    RAISE EXCEPTION 'a transfer without the entries that it declares, or of no known shape'
      USING ERRCODE = 'HL003';
  END IF;
  IF found_phases THEN
    PERFORM ledger_check_phases(array_agg(id)) FROM added WHERE phase <> 'single';
  END IF;
  IF found_reversals THEN
    PERFORM ledger_check_reversals(array_agg(id)) FROM added WHERE reverses_id IS NOT NULL;
  END IF;
  IF found_links THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(link_id::text, 0))
    FROM (SELECT DISTINCT link_id FROM added WHERE link_id IS NOT NULL ORDER BY 1) l;
    SELECT a.link_id INTO bad FROM added a
    WHERE a.link_id IS NOT NULL AND a.link_size <> (
      SELECT count(*) FROM ledger_transfer t WHERE t.link_id = a.link_id) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'the linked transfers % are not all there', bad.link_id
        USING ERRCODE = 'HL005';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfer_checked AFTER INSERT ON ledger_transfer
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transfers();
"""
DROP_CHECK_TRANSFERS = """
DROP TRIGGER ledger_transfer_checked ON ledger_transfer;
DROP FUNCTION ledger_check_transfers();
"""

# A pending transfer reserves and moves nothing. Its resolution gives back exactly what was
# reserved and posts, on the same side of the same accounts, no more than that.
CHECK_PHASES = """
CREATE FUNCTION ledger_check_phases(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT t.id INTO bad FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
  WHERE t.id = ANY(ids) AND t.phase = 'pending' AND NOT (
    e.amount_fen = 0 AND least(e.reserved_debit_fen, e.reserved_credit_fen) = 0
    AND greatest(e.reserved_debit_fen, e.reserved_credit_fen) > 0) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'pending transfer % must reserve, and move nothing', bad.id
      USING ERRCODE = 'HL003';
  END IF;
  SELECT t.id, t.pending_id, p.phase AS pending_phase,
    (t.phase = 'expired' AND (p.expires_at IS NULL OR t.booked_at < p.expires_at))
      OR (t.phase = 'posted' AND t.booked_at >= p.expires_at) AS wrong_time,
    t.legs IS DISTINCT FROM p.legs AS wrong_legs
  INTO bad FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_id
  WHERE t.id = ANY(ids) AND t.phase IN ('posted', 'voided', 'expired') AND (
    p.phase IS DISTINCT FROM 'pending' OR t.legs <> p.legs
    OR (t.phase = 'expired' AND (p.expires_at IS NULL OR t.booked_at < p.expires_at))
    OR (t.phase = 'posted' AND t.booked_at >= p.expires_at)) LIMIT 1;
  IF FOUND THEN
    IF bad.wrong_time THEN
      RAISE EXCEPTION 'the time of pending transfer % is over, or not yet', bad.pending_id
        USING ERRCODE = 'HL007', DETAIL = bad.pending_id::text;
    END IF;
    RAISE EXCEPTION 'transfer % does not resolve a pending transfer of its shape', bad.id
      USING ERRCODE = 'HL003';
  END IF;
  SELECT t.id INTO bad FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
  LEFT JOIN ledger_entry p ON p.transfer_id = t.pending_id AND p.account_id = e.account_id
  WHERE t.id = ANY(ids) AND t.phase IN ('posted', 'voided', 'expired') AND NOT coalesce(
    e.reserved_debit_fen = -p.reserved_debit_fen AND e.reserved_credit_fen = -p.reserved_credit_fen
    AND e.amount_fen BETWEEN -p.reserved_credit_fen AND p.reserved_debit_fen
    AND (e.amount_fen <> 0) = (t.phase = 'posted'), false) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'transfer % posts more than was reserved, or gives back something else', bad.id
      USING ERRCODE = 'HL008';
  END IF;
END $$;
"""
DROP_CHECK_PHASES = "DROP FUNCTION ledger_check_phases(uuid[]);"

CHECK_REVERSALS = """
CREATE FUNCTION ledger_check_reversals(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT t.id, t.reverses_id INTO bad
  FROM ledger_transfer t LEFT JOIN ledger_transfer o ON o.id = t.reverses_id
  WHERE t.id = ANY(ids) AND NOT coalesce(
    o.phase IN ('single', 'posted') AND o.reverses_id IS NULL AND o.legs = t.legs
    AND o.legs = (SELECT count(*) FROM ledger_entry e JOIN ledger_entry r
      ON r.transfer_id = t.id AND r.account_id = e.account_id AND r.amount_fen = -e.amount_fen
      WHERE e.transfer_id = o.id), false) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'transfer % does not reverse % exactly', bad.id, bad.reverses_id
      USING ERRCODE = 'HL009', DETAIL = bad.reverses_id::text;
  END IF;
END $$;
"""
DROP_CHECK_REVERSALS = "DROP FUNCTION ledger_check_reversals(uuid[]);"

# Of a slot only the bounds may change, and only to bounds that hold at that moment.
CHECK_SLOTS = """
CREATE FUNCTION ledger_check_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.account_id, NEW.slot, NEW.slots, NEW.currency)
     <> (OLD.account_id, OLD.slot, OLD.slots, OLD.currency) THEN
    RAISE EXCEPTION 'of account % only the bounds may change', OLD.account_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM 1 FROM (
    SELECT balance_fen, pending_debit_fen, pending_credit_fen FROM ledger_entry
    WHERE account_id = NEW.account_id AND slot = NEW.slot ORDER BY version DESC LIMIT 1
  ) e RIGHT JOIN (SELECT 1) one ON true
  WHERE coalesce(e.balance_fen - e.pending_credit_fen, 0) < NEW.floor_fen
     OR coalesce(e.balance_fen + e.pending_debit_fen, 0) > NEW.ceiling_fen;
  IF FOUND THEN
    RAISE EXCEPTION 'account % stands beyond these bounds', NEW.account_id
      USING ERRCODE = 'HL001', DETAIL = NEW.account_id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_slot_checked BEFORE UPDATE ON ledger_slot
  FOR EACH ROW EXECUTE FUNCTION ledger_check_slot();
CREATE TRIGGER ledger_slot_kept BEFORE DELETE OR TRUNCATE ON ledger_slot
  FOR EACH STATEMENT EXECUTE FUNCTION honghu_refuse_change();
"""
DROP_CHECK_SLOTS = """
DROP TRIGGER ledger_slot_kept ON ledger_slot;
DROP TRIGGER ledger_slot_checked ON ledger_slot;
DROP FUNCTION ledger_check_slot();
"""

READ_ONLY = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'honghu_app') THEN
    REVOKE ALL ON ledger_account, ledger_slot, ledger_bound, ledger_transfer, ledger_entry
      FROM honghu_app;
    GRANT SELECT ON ledger_account, ledger_slot, ledger_bound, ledger_transfer, ledger_entry
      TO honghu_app;
    REVOKE DELETE, TRUNCATE ON ledger_chartline FROM honghu_app;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_journal"),
        ("ledger", "0001_accounts_and_transfers"),
    ]
    operations = [
        migrations.RunSQL(REFUSE, DROP_REFUSE),
        *(migrations.RunSQL(*append_only_sql(table)) for table in APPEND_ONLY),
        migrations.RunSQL(CHECK_PHASES, DROP_CHECK_PHASES),
        migrations.RunSQL(CHECK_REVERSALS, DROP_CHECK_REVERSALS),
        migrations.RunSQL(CHECK_ENTRIES, DROP_CHECK_ENTRIES),
        migrations.RunSQL(CHECK_TRANSFERS, DROP_CHECK_TRANSFERS),
        migrations.RunSQL(CHECK_SLOTS, DROP_CHECK_SLOTS),
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
