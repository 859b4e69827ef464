"""Loans are served by lending: financing keeps no principal, rate or interest of its own."""

from django.db import migrations, models
from django.db.models.functions import Coalesce

_NOTHING_LENT = """
DO $$
DECLARE
  lent bigint;
BEGIN
  SELECT count(*) INTO lent FROM financing_loan
  WHERE interest_to_date IS NOT NULL OR pending_id IS NOT NULL;
  IF lent > 0 THEN
    RAISE EXCEPTION '% contract loans were lent or reserved before lending served them', lent
      USING HINT = 'Load the installation anew: no release has ever kept loans this way.';
  END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("financing", "0002_payment_purpose_and_lock_version"),
    ]

    operations = [
        migrations.RunSQL(_NOTHING_LENT, migrations.RunSQL.noop),
        *(
            migrations.RemoveField("loan", name)
            for name in (
                "principal_account_id",
                "interest_account_id",
                "income_account_id",
                "rate_percent",
                "day_count",
                "pending_id",
                "pending_fen",
                "interest_to_date",
            )
        ),
        migrations.AddField("loan", "lending_id", models.UUIDField(null=True, unique=True)),
        migrations.AddField("loan", "reserved_event_id", models.UUIDField(null=True)),
        migrations.AddField("treasurypayment", "compound_fen", models.BigIntegerField(null=True)),
        migrations.AddField("treasurypayment", "penalty_fen", models.BigIntegerField(null=True)),
        migrations.AddField(
            "treasurypayment", "event_id", models.UUIDField(null=True, unique=True)
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
                ),
                name="payment_adds_up",
            ),
        ),
    ]
