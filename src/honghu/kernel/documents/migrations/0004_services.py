"""Services of documents: to whom, how, when, who signed for it; append-only."""

import django.db.models.deletion
from django.db import migrations, models

import honghu.base.identifiers
from honghu.kernel.journal.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_signed_content_stays"),
        ("journal", "0001_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentService",
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
                ("served_to", models.TextField()),
                (
                    "manner",
                    models.TextField(
                        choices=[
                            ("direct", "Direct"),
                            ("post", "Post"),
                            ("electronic", "Electronic"),
                            ("left", "Left"),
                            ("entrusted", "Entrusted"),
                            ("notice", "Notice"),
                        ]
                    ),
                ),
                ("received_by", models.TextField()),
                ("served_at", models.DateTimeField()),
                ("note", models.TextField(default="")),
                ("evidence_sha256", models.CharField(max_length=64, null=True)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by_person_id", models.UUIDField(null=True)),
                ("recorded_by_organisation_id", models.UUIDField(null=True)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="documents.document",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["document"], name="service_of_document")],
            },
        ),
        migrations.RunSQL(*append_only_sql("documents_documentservice")),
    ]
