"""The journal's tables. The rows of all but the queue and the cursors are written once."""

from django.db import migrations

from honghu.kernel.journal.append_only import (
    CREATE_FUNCTION_SQL,
    DROP_FUNCTION_SQL,
    append_only_sql,
)

TABLES = """
CREATE TABLE journal_leaf (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  written_at timestamptz NOT NULL
);
CREATE TABLE journal_queue (
  leaf_id uuid PRIMARY KEY
);
CREATE TABLE journal_entry (
  position bigint PRIMARY KEY CHECK (position >= 0),
  leaf_id uuid NOT NULL UNIQUE REFERENCES journal_leaf (id),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
-- Level 0 is journal_entry itself.
CREATE TABLE journal_node (
  level integer NOT NULL CHECK (level BETWEEN 1 AND 62),
  index bigint NOT NULL CHECK (index >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (level, index)
);
CREATE TABLE journal_checkpoint (
  size bigint PRIMARY KEY CHECK (size >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  note text NOT NULL,
  signed_at timestamptz NOT NULL
);
CREATE TABLE journal_cursor (
  consumer text PRIMARY KEY,
  position bigint NOT NULL CHECK (position >= 0)
);
"""
DROP_TABLES = """
DROP TABLE journal_cursor, journal_checkpoint, journal_node, journal_entry, journal_queue,
  journal_leaf;
"""

# Positions have no gaps: what is added begins where the log ends.
GAPLESS = """
CREATE FUNCTION honghu_refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  low bigint;
  high bigint;
  total bigint;
BEGIN
  SELECT min(position), max(position), count(*) INTO low, high, total FROM added;
  IF total > 0 AND (
    high - low + 1 <> total
    OR (low > 0 AND NOT EXISTS (SELECT 1 FROM journal_entry WHERE position = low - 1))
  ) THEN
    RAISE EXCEPTION 'journal positions % to % leave a gap', low, high
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_gapless AFTER INSERT ON journal_entry
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION honghu_refuse_gap();
"""
DROP_GAPLESS = """
DROP TRIGGER journal_entry_gapless ON journal_entry;
DROP FUNCTION honghu_refuse_gap();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(CREATE_FUNCTION_SQL, DROP_FUNCTION_SQL),
        migrations.RunSQL(TABLES, DROP_TABLES),
        migrations.RunSQL(GAPLESS, DROP_GAPLESS),
        migrations.RunSQL(*append_only_sql("journal_leaf")),
        migrations.RunSQL(*append_only_sql("journal_entry")),
        migrations.RunSQL(*append_only_sql("journal_node")),
        migrations.RunSQL(*append_only_sql("journal_checkpoint")),
    ]
