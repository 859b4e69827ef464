"""What the database itself enforces about transfers, entries and balances.

The application's role may only read these tables (migration 0003 gives it functions to write).
The triggers hold for every role. They look at whole statements: a transfer, its entries and the
new balances are written by one statement, and are checked against each other at its end.
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

CHECK_ENTRIES = """
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  -- All legs of every transfer touched: balanced per currency, and no more than were declared.
  SELECT e.transfer_id, e.currency, sum(e.amount_fen) AS off,
         sum(e.reserved_debit_fen - e.reserved_credit_fen) AS reserved INTO bad
  FROM (SELECT DISTINCT transfer_id FROM added) a JOIN ledger_entry e USING (transfer_id)
  GROUP BY e.transfer_id, e.currency
  HAVING sum(e.amount_fen) <> 0 OR sum(e.reserved_debit_fen - e.reserved_credit_fen) <> 0
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'transfer % does not balance in %', bad.transfer_id, bad.currency
      USING ERRCODE = 'HL002', DETAIL = format('posted %s, reserved %s', bad.off, bad.reserved);
  END IF;
  SELECT a.transfer_id INTO bad
  FROM (SELECT DISTINCT transfer_id FROM added) a
  LEFT JOIN ledger_transfer t ON t.id = a.transfer_id
  WHERE t.id IS NULL
     OR t.legs <> (SELECT count(*) FROM ledger_entry e WHERE e.transfer_id = a.transfer_id)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'transfer % does not have the entries that it declares', bad.transfer_id
      USING ERRCODE = 'HL003';
  END IF;
  -- Every entry continues the one before it, and the balance ends where the last entry does.
  SELECT a.transfer_id, a.account_id, a.version INTO bad
  FROM added a
  LEFT JOIN ledger_entry p
    ON p.account_id = a.account_id AND p.slot = a.slot AND p.version = a.version - 1
  WHERE (p.version IS NULL AND a.version <> 1)
     OR coalesce(p.balance_fen, 0) + a.amount_fen <> a.balance_fen
     OR coalesce(p.pending_debit_fen, 0) + a.reserved_debit_fen <> a.pending_debit_fen
     OR coalesce(p.pending_credit_fen, 0) + a.reserved_credit_fen <> a.pending_credit_fen
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'an entry of transfer % does not continue account %',
      bad.transfer_id, bad.account_id USING ERRCODE = 'HL004';
  END IF;
  SELECT a.transfer_id, a.account_id INTO bad
  FROM (
    SELECT DISTINCT ON (account_id, slot) * FROM added ORDER BY account_id, slot, version DESC) a
  LEFT JOIN ledger_balance b ON b.account_id = a.account_id AND b.slot = a.slot
  WHERE (b.version, b.balance_fen, b.pending_debit_fen, b.pending_credit_fen, b.currency)
    IS DISTINCT FROM
    (a.version, a.balance_fen, a.pending_debit_fen, a.pending_credit_fen, a.currency)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'an entry of transfer % does not agree with the balance of account %',
      bad.transfer_id, bad.account_id USING ERRCODE = 'HL004';
  END IF;
  RETURN NULL;
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
  found_odd boolean;
BEGIN
  SELECT bool_or(phase <> 'single'), bool_or(reverses_id IS NOT NULL), bool_or(link_id IS NOT NULL),
    bool_or((
      SELECT coalesce(bool_or(a.phase = 'single' AND (
        e.amount_fen = 0 OR e.reserved_debit_fen <> 0 OR e.reserved_credit_fen <> 0)), true)
      FROM ledger_entry e WHERE e.transfer_id = a.id))
  INTO found_phases, found_reversals, found_links, found_odd FROM added a;
  IF found_odd THEN
    RAISE EXCEPTION 'a transfer without entries, or one with a leg that moves nothing'
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

CHECK_BALANCES = """
CREATE FUNCTION ledger_check_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  -- A balance says what the entry of its version says; its identity never changes.
  SELECT n.account_id, n.slot INTO bad
  FROM new_rows n
  LEFT JOIN old_rows o ON o.account_id = n.account_id AND o.slot = n.slot
  LEFT JOIN ledger_entry e
    ON e.account_id = n.account_id AND e.slot = n.slot AND e.version = n.version
  WHERE o.account_id IS NULL OR o.currency <> n.currency OR o.slots > n.slots
     OR n.version < o.version
     OR (coalesce(e.balance_fen, 0), coalesce(e.pending_debit_fen, 0),
         coalesce(e.pending_credit_fen, 0), coalesce(e.version, 0))
        <> (n.balance_fen, n.pending_debit_fen, n.pending_credit_fen, n.version)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the balance of account % does not follow its entries', bad.account_id
      USING ERRCODE = 'HL004';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_balance_checked AFTER UPDATE ON ledger_balance
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_balances();

CREATE FUNCTION ledger_check_new_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.balance_fen, NEW.pending_debit_fen, NEW.pending_credit_fen, NEW.version)
     <> (0, 0, 0, 0) THEN
    RAISE EXCEPTION 'account % does not begin with nothing', NEW.account_id
      USING ERRCODE = 'HL004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_balance_begins BEFORE INSERT ON ledger_balance
  FOR EACH ROW EXECUTE FUNCTION ledger_check_new_balance();
CREATE TRIGGER ledger_balance_kept BEFORE DELETE OR TRUNCATE ON ledger_balance
  FOR EACH STATEMENT EXECUTE FUNCTION honghu_refuse_change();
"""
DROP_CHECK_BALANCES = """
DROP TRIGGER ledger_balance_kept ON ledger_balance;
DROP TRIGGER ledger_balance_begins ON ledger_balance;
DROP TRIGGER ledger_balance_checked ON ledger_balance;
DROP FUNCTION ledger_check_new_balance();
DROP FUNCTION ledger_check_balances();
"""

# Balance rows are rewritten all the time: room on the page keeps the rewriting inside it.
STORAGE = "ALTER TABLE ledger_balance SET (fillfactor = 50);"
UNSTORAGE = "ALTER TABLE ledger_balance RESET (fillfactor);"

READ_ONLY = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'honghu_app') THEN
    REVOKE ALL ON ledger_account, ledger_balance, ledger_bound, ledger_transfer, ledger_entry
      FROM honghu_app;
    GRANT SELECT ON ledger_account, ledger_balance, ledger_bound, ledger_transfer, ledger_entry
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
        migrations.RunSQL(CHECK_BALANCES, DROP_CHECK_BALANCES),
        migrations.RunSQL(STORAGE, UNSTORAGE),
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
