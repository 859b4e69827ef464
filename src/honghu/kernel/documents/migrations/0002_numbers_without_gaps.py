"""Signed documents never change; numbers grow by one, each with the document that takes it."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql

DOCUMENT_SQL = """
CREATE FUNCTION documents_document_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
    RAISE EXCEPTION '% of documents_document is refused: documents are kept', TG_OP
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.signed_at IS NOT NULL THEN
    RAISE EXCEPTION 'the document % is signed and does not change any more', OLD.id
      USING ERRCODE = 'restrict_violation', HINT = 'Void it and draft another one.';
  END IF;
  IF NEW.number IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM documents_seriescounter c
      WHERE c.series_id = NEW.series_id AND c.year = NEW.year AND c.last_number = NEW.number) THEN
    RAISE EXCEPTION 'the number % is not the next one of the series', NEW.number
      USING ERRCODE = 'restrict_violation', HINT = 'Take the number from the counter.';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER documents_document_guard BEFORE UPDATE OR DELETE ON documents_document
  FOR EACH ROW EXECUTE FUNCTION documents_document_guard();
CREATE TRIGGER documents_document_keep BEFORE TRUNCATE ON documents_document
  FOR EACH STATEMENT EXECUTE FUNCTION documents_document_guard();

CREATE FUNCTION documents_draft_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.signed_at IS NOT NULL THEN
    RAISE EXCEPTION 'a document is drafted before it is signed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER documents_document_draft BEFORE INSERT ON documents_document
  FOR EACH ROW EXECUTE FUNCTION documents_draft_only();
"""
DOCUMENT_REVERSE_SQL = """
DROP TRIGGER documents_document_draft ON documents_document;
DROP FUNCTION documents_draft_only();
DROP TRIGGER documents_document_keep ON documents_document;
DROP TRIGGER documents_document_guard ON documents_document;
DROP FUNCTION documents_document_guard();
"""

# The second trigger is deferred: the counter moves first, the document takes the number after it,
# and at commit both must be there. A rollback takes both back, so no number is ever missing.
COUNTER_SQL = """
CREATE FUNCTION documents_counter_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.last_number IN (NEW.first_number - 1, NEW.first_number) THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF NEW.last_number = OLD.last_number + 1
       AND to_jsonb(NEW) - 'last_number' = to_jsonb(OLD) - 'last_number' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% of documents_seriescounter is refused: it grows by one', TG_OP
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER documents_seriescounter_guard
  BEFORE INSERT OR UPDATE OR DELETE ON documents_seriescounter
  FOR EACH ROW EXECUTE FUNCTION documents_counter_guard();
CREATE TRIGGER documents_seriescounter_keep BEFORE TRUNCATE ON documents_seriescounter
  FOR EACH STATEMENT EXECUTE FUNCTION documents_counter_guard();

CREATE FUNCTION documents_number_is_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.last_number >= NEW.first_number AND NOT EXISTS (
      SELECT 1 FROM documents_document d
      WHERE d.series_id = NEW.series_id AND d.year = NEW.year AND d.number = NEW.last_number) THEN
    RAISE EXCEPTION 'the number % of the series was counted but no document took it',
      NEW.last_number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER documents_seriescounter_taken
  AFTER INSERT OR UPDATE ON documents_seriescounter
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION documents_number_is_taken();
"""
COUNTER_REVERSE_SQL = """
DROP TRIGGER documents_seriescounter_taken ON documents_seriescounter;
DROP FUNCTION documents_number_is_taken();
DROP TRIGGER documents_seriescounter_keep ON documents_seriescounter;
DROP TRIGGER documents_seriescounter_guard ON documents_seriescounter;
DROP FUNCTION documents_counter_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_documents_and_series"), ("journal", "0001_journal")]

    operations = [
        migrations.RunSQL(*append_only_sql("documents_documentvoid")),
        migrations.RunSQL(*append_only_sql("documents_documentseries")),
        migrations.RunSQL(DOCUMENT_SQL, DOCUMENT_REVERSE_SQL),
        migrations.RunSQL(COUNTER_SQL, COUNTER_REVERSE_SQL),
    ]
