"""A loan may have another borrower: the kinds of events know it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lending", "0006_kept_portfolios")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.TextField(
                choices=[
                    ("opened", "Opened"),
                    ("disbursement_reserved", "Disbursement Reserved"),
                    ("disbursement_voided", "Disbursement Voided"),
                    ("disbursed", "Disbursed"),
                    ("paid", "Paid"),
                    ("cost_charged", "Cost Charged"),
                    ("repriced", "Repriced"),
                    ("misused", "Misused"),
                    ("extended", "Extended"),
                    ("restructured", "Restructured"),
                    ("written_off", "Written Off"),
                    ("recovered", "Recovered"),
                    ("nonaccrual_began", "Nonaccrual Began"),
                    ("nonaccrual_ended", "Nonaccrual Ended"),
                    ("borrower_changed", "Borrower Changed"),
                    ("reversed", "Reversed"),
                    ("settled", "Settled"),
                    ("voided", "Voided"),
                ]
            ),
        ),
    ]
