"""Rules and calendar rows are written once; each write renews the edition's token."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql

TABLES = ("rulesets_rule", "rulesets_calendarday", "rulesets_calendaryear")

EDITION_SQL = """
CREATE FUNCTION rulesets_renew_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rulesets_edition (id, token) VALUES (1, gen_random_uuid())
  ON CONFLICT (id) DO UPDATE SET token = excluded.token;
  RETURN NULL;
END $$;
"""


def _triggers(table):
    return (
        f"CREATE TRIGGER {table}_edition AFTER INSERT ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION rulesets_renew_edition();",
        f"DROP TRIGGER {table}_edition ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("rulesets", "0001_rule_book"), ("journal", "0001_journal")]

    operations = [
        *[migrations.RunSQL(*append_only_sql(table)) for table in TABLES],
        migrations.RunSQL(EDITION_SQL, "DROP FUNCTION rulesets_renew_edition();"),
        *[migrations.RunSQL(*_triggers(table)) for table in TABLES],
    ]
