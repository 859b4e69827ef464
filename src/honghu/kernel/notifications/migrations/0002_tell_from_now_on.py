"""What happened before anybody was told of anything is not told afterwards."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_notifications_and_mails"),
        ("cases", "0003_list_indexes"),
    ]
    operations = [
        migrations.RunSQL(
            "UPDATE cases_outboxmessage SET delivered_at = created_at WHERE delivered_at IS NULL",
            migrations.RunSQL.noop,
        )
    ]
