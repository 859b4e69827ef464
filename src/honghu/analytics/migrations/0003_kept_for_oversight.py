"""What oversight keeps: closings by day, and for open cases the organisations that answer for them.

Answers are kept by triggers, so that every way of writing a case keeps them; `honghu oversight
verify` compares them with the cases.
"""

from django.db import migrations, models


_TRIGGERS = """
CREATE FUNCTION analytics_answer_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.closed_at IS NULL AND OLD.closed_at IS NULL AND NEW.parties = OLD.parties THEN
      UPDATE analytics_answer SET due_at = NEW.due_at, amber_at = NEW.amber_at
      WHERE case_id = NEW.id;
      RETURN NULL;
    END IF;
    DELETE FROM analytics_answer WHERE case_id = NEW.id;
  END IF;
  IF NEW.closed_at IS NULL THEN
    INSERT INTO analytics_answer
      (case_id, field, organisation_id, register, is_first, due_at, amber_at)
    SELECT NEW.id, parts.field, parts.organisation_id, NEW.register,
      row_number() OVER (PARTITION BY parts.organisation_id ORDER BY parts.field) = 1,
      NEW.due_at, NEW.amber_at
    FROM (
      SELECT DISTINCT p.key AS field, o.value::uuid AS organisation_id
      FROM jsonb_each(NEW.parties) p, jsonb_array_elements_text(p.value) o
    ) parts;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER analytics_answer_opened AFTER INSERT ON cases_case
  FOR EACH ROW WHEN (NEW.closed_at IS NULL AND NEW.parties <> '{}')
  EXECUTE FUNCTION analytics_answer_follow();
CREATE TRIGGER analytics_answer_changed
  AFTER UPDATE OF parties, due_at, amber_at, closed_at ON cases_case
  FOR EACH ROW WHEN (
    NEW.parties IS DISTINCT FROM OLD.parties OR NEW.due_at IS DISTINCT FROM OLD.due_at
    OR NEW.amber_at IS DISTINCT FROM OLD.amber_at
    OR NEW.closed_at IS DISTINCT FROM OLD.closed_at)
  EXECUTE FUNCTION analytics_answer_follow();
INSERT INTO analytics_answer
  (case_id, field, organisation_id, register, is_first, due_at, amber_at)
SELECT parts.id, parts.field, parts.organisation_id, parts.register,
  row_number() OVER (PARTITION BY parts.id, parts.organisation_id ORDER BY parts.field) = 1,
  parts.due_at, parts.amber_at
FROM (
  SELECT DISTINCT c.id, p.key AS field, o.value::uuid AS organisation_id, c.register, c.due_at,
    c.amber_at
  FROM cases_case c, jsonb_each(c.parties) p, jsonb_array_elements_text(p.value) o
  WHERE c.closed_at IS NULL
) parts;
"""
_NO_TRIGGERS = """
DROP TRIGGER analytics_answer_opened ON cases_case;
DROP TRIGGER analytics_answer_changed ON cases_case;
DROP FUNCTION analytics_answer_follow();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_step_by_action"),
        ("cases", "0003_list_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptUntil",
            fields=[
                ("register", models.TextField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id",
                        "field",
                        "organisation_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("field", models.TextField()),
                ("organisation_id", models.UUIDField()),
                ("register", models.TextField()),
                ("is_first", models.BooleanField()),
                ("due_at", models.DateTimeField(null=True)),
                ("amber_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["register", "field", "organisation_id"],
                        include=("is_first", "due_at", "amber_at"),
                        name="answer_of_field",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("register", models.TextField()),
                ("field", models.TextField()),
                ("organisation_id", models.UUIDField(null=True)),
                ("day", models.DateField()),
                ("closed", models.IntegerField()),
                ("on_time", models.IntegerField()),
                ("returned", models.IntegerField()),
                ("extended", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "field", "day", "organisation_id"),
                        name="closed_day_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
    ]
