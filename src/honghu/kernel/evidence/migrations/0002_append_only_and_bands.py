"""Evidence is written once; near duplicates are found by an index over hash bands."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql

# Only the file name of a use may go, and only once the content itself is erased.
USE_SQL = """
CREATE FUNCTION evidence_use_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.filename IS NULL
       AND to_jsonb(NEW) - 'filename' = to_jsonb(OLD) - 'filename'
       AND EXISTS (SELECT 1 FROM evidence_evidenceerasure e
                   WHERE e.evidence_id = OLD.evidence_id) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% of evidence_evidenceuse is refused: the table is append-only', TG_OP
    USING ERRCODE = 'restrict_violation',
          HINT = 'Only the file name may be removed, after the content has been erased.';
END $$;
CREATE TRIGGER evidence_evidenceuse_guard BEFORE UPDATE OR DELETE ON evidence_evidenceuse
  FOR EACH ROW EXECUTE FUNCTION evidence_use_guard();
CREATE TRIGGER evidence_evidenceuse_keep BEFORE TRUNCATE ON evidence_evidenceuse
  FOR EACH STATEMENT EXECUTE FUNCTION evidence_use_guard();
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'honghu_app') THEN
    REVOKE ALL ON evidence_evidenceuse FROM honghu_app;
    GRANT SELECT, INSERT, UPDATE (filename) ON evidence_evidenceuse TO honghu_app;
  END IF;
END $$;
"""
USE_REVERSE_SQL = """
DROP TRIGGER evidence_evidenceuse_keep ON evidence_evidenceuse;
DROP TRIGGER evidence_evidenceuse_guard ON evidence_evidenceuse;
DROP FUNCTION evidence_use_guard();
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'honghu_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON evidence_evidenceuse TO honghu_app;
  END IF;
END $$;
"""

# Two hashes that differ in at most 7 of 64 bits agree, in one of four bands of 16 bits, in all
# bits but one at most: a query probes each band with 17 values and compares only what it hits.
BANDS_SQL = """
CREATE FUNCTION evidence_bands(hash bigint) RETURNS integer[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ARRAY[
    (hash & 65535)::integer,
    65536 + ((hash >> 16) & 65535)::integer,
    131072 + ((hash >> 32) & 65535)::integer,
    196608 + ((hash >> 48) & 65535)::integer]
$$;
CREATE FUNCTION evidence_probes(hash bigint) RETURNS integer[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(band # mask)
  FROM unnest(evidence_bands(hash)) AS band,
       (SELECT 0 AS mask UNION ALL SELECT 1 << bit FROM generate_series(0, 15) AS bit) AS masks
$$;
CREATE INDEX evidence_by_band ON evidence_evidence USING gin (evidence_bands(perceptual_hash))
  WHERE perceptual_hash IS NOT NULL;
"""
BANDS_REVERSE_SQL = """
DROP INDEX evidence_by_band;
DROP FUNCTION evidence_probes(bigint);
DROP FUNCTION evidence_bands(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_evidence_and_uses"), ("journal", "0001_journal")]

    operations = [
        migrations.RunSQL(*append_only_sql("evidence_evidence")),
        migrations.RunSQL(*append_only_sql("evidence_evidenceerasure")),
        migrations.RunSQL(USE_SQL, USE_REVERSE_SQL),
        migrations.RunSQL(BANDS_SQL, BANDS_REVERSE_SQL),
    ]
