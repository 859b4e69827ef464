"""A published version never changes."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_published_versions"), ("journal", "0001_journal")]

    operations = [migrations.RunSQL(*append_only_sql("registers_registerversion"))]
