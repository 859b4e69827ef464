"""Publishing a register renews the edition's token: processes then read the latest versions anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("registers", "0002_append_only"),
        ("rulesets", "0002_append_only_and_edition"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER registers_registerversion_edition"
            " AFTER INSERT ON registers_registerversion"
            " FOR EACH STATEMENT EXECUTE FUNCTION rulesets_renew_edition();",
            "DROP TRIGGER registers_registerversion_edition ON registers_registerversion;",
        )
    ]
