from django.db import migrations, models

# Whoever was written to until now had entered the address at the desk: mail does not stop.
_KNOWN = "UPDATE notifications_preference SET confirmed_at = changed_at WHERE address <> ''"


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_saved_views")]

    operations = [
        migrations.AddField(
            model_name="preference",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(_KNOWN, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="mail",
            name="confirms",
            field=models.TextField(default=""),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.TextField(
                choices=[
                    ("turn", "Turn"),
                    ("returned", "Returned"),
                    ("ended", "Ended"),
                    ("settled", "Settled"),
                    ("due_soon", "Due Soon"),
                    ("overdue", "Overdue"),
                    ("in_view", "In View"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.TextField(
                choices=[
                    ("turn", "Turn"),
                    ("returned", "Returned"),
                    ("ended", "Ended"),
                    ("settled", "Settled"),
                    ("due_soon", "Due Soon"),
                    ("overdue", "Overdue"),
                    ("in_view", "In View"),
                ]
            ),
        ),
    ]
