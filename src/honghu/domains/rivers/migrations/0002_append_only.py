"""What was listed, brought, cleared and patrolled is written once."""

from django.db import migrations

from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [
        ("rivers", "0001_listings_lines_and_patrols"),
        ("journal", "0001_journal"),
    ]

    operations = [
        migrations.RunSQL(*append_only_sql("rivers_listing")),
        migrations.RunSQL(*append_only_sql("rivers_workline")),
        migrations.RunSQL(*append_only_sql("rivers_patrolrecord")),
        migrations.RunSQL(*append_only_sql("rivers_patrolquota")),
    ]
