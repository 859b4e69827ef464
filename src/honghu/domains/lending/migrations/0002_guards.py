"""What the database itself enforces about loans: rows that are never changed, events without gaps."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql

APPEND_ONLY = ("lending_contract", "lending_event", "lending_accrual")

NO_GAPS = """
CREATE FUNCTION lending_check_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sequence <> 1 AND NOT EXISTS (
    SELECT FROM lending_event WHERE loan_id = NEW.loan_id AND sequence = NEW.sequence - 1
  ) THEN
    RAISE EXCEPTION 'event % of loan % does not follow an event', NEW.sequence, NEW.loan_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER lending_event_no_gaps BEFORE INSERT ON lending_event
  FOR EACH ROW EXECUTE FUNCTION lending_check_sequence();
"""
DROP_NO_GAPS = """
DROP TRIGGER lending_event_no_gaps ON lending_event;
DROP FUNCTION lending_check_sequence();
"""

# Every loan changes every business day: room on its page lets the new row stay there, and no
# index has to learn of it (heap-only tuples).
ROOM = "ALTER TABLE lending_loan SET (fillfactor = 50);"
NO_ROOM = "ALTER TABLE lending_loan RESET (fillfactor);"


class Migration(migrations.Migration):
    dependencies = [("lending", "0001_loans"), ("journal", "0001_journal")]

    operations = [
        *(migrations.RunSQL(*append_only_sql(table)) for table in APPEND_ONLY),
        migrations.RunSQL(NO_GAPS, DROP_NO_GAPS),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
