"""A month's rating is written once."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_ratings"), ("journal", "0001_journal")]

    operations = [migrations.RunSQL(*append_only_sql("projects_monthlyrating"))]
