"""What a signed document said may be erased, but not changed."""

from django.db import migrations

FORWARD_SQL = """
CREATE FUNCTION documents_content_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM documents_document d
             WHERE d.id = OLD.document_id AND d.signed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the content of the signed document % does not change any more',
      OLD.document_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER documents_documentcontent_guard BEFORE UPDATE ON documents_documentcontent
  FOR EACH ROW EXECUTE FUNCTION documents_content_guard();
"""
REVERSE_SQL = """
DROP TRIGGER documents_documentcontent_guard ON documents_documentcontent;
DROP FUNCTION documents_content_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_numbers_without_gaps")]

    operations = [migrations.RunSQL(FORWARD_SQL, REVERSE_SQL)]
