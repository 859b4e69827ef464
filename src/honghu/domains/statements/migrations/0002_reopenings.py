"""Entries whose payment was taken back."""

import django.db.models.deletion
from django.db import migrations, models

import honghu.base.identifiers
from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("statements", "0001_statements")]

    operations = [
        migrations.CreateModel(
            name="Reopening",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=honghu.base.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("retraction_id", models.UUIDField()),
                ("reopened_at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="statements.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "retraction_id"), name="reopening_once_a_retraction"
                    )
                ],
            },
        ),
        migrations.RunSQL(*append_only_sql("statements_reopening")),
    ]
