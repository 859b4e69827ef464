"""Steps are written once; case numbers come from a sequence, so that openings don't wait."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_cases_and_steps"), ("journal", "0001_journal")]

    operations = [
        migrations.RunSQL(*append_only_sql("cases_step")),
        migrations.RunSQL(
            "CREATE SEQUENCE cases_number START 1001;", "DROP SEQUENCE cases_number;"
        ),
    ]
