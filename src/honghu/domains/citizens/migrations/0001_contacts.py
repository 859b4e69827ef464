"""How reporters can be reached, sealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
    ]
