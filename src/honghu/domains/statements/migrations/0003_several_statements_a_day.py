"""A bank may send several statements of one day: they stand there in their order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0002_reopenings")]

    operations = [
        migrations.RemoveConstraint(model_name="statement", name="statement_period_once"),
        migrations.AddField(
            model_name="statement",
            name="place",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                fields=("bank_id", "account_index", "from_date", "to_date", "place"),
                name="statement_period_once",
            ),
        ),
    ]
