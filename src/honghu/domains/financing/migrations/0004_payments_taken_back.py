"""A payment may be taken back, and then its reference may be recorded again; recoveries."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("financing", "0003_loans_served_by_lending"),
    ]

    operations = [
        migrations.AddField("treasurypayment", "recovered_fen", models.BigIntegerField(default=0)),
        migrations.AddField("treasurypayment", "risk_id", models.UUIDField(null=True)),
        migrations.AddField("treasurypayment", "retracted_at", models.DateTimeField(null=True)),
        migrations.AddField("treasurypayment", "retracted_step_id", models.UUIDField(null=True)),
        migrations.AlterField("treasurypayment", "reference", models.TextField()),
        migrations.AddConstraint(
            "treasurypayment",
            models.UniqueConstraint(
                fields=["reference"],
                condition=models.Q(retracted_at__isnull=True),
                name="payment_recorded_once",
            ),
        ),
        migrations.RemoveConstraint("treasurypayment", "payment_adds_up"),
        migrations.AddConstraint(
            "treasurypayment",
            models.CheckConstraint(
                condition=models.Q(into_lock=False)
                | models.Q(
                    amount_fen=models.F("interest_fen")
                    + Coalesce(models.F("compound_fen"), 0)
                    + Coalesce(models.F("penalty_fen"), 0)
                    + models.F("principal_fen")
                    + models.F("released_fen")
                    + models.F("recovered_fen")
                ),
                name="payment_adds_up",
            ),
        ),
        migrations.AddConstraint(
            "treasurypayment",
            models.CheckConstraint(
                condition=models.Q(retracted_at__isnull=True, retracted_step_id__isnull=True)
                | models.Q(retracted_at__isnull=False, retracted_step_id__isnull=False),
                name="payment_taken_back_by_a_step",
            ),
        ),
    ]
