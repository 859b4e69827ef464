"""The indexes of lists: one for each order, one for all that few cases have in common.

Words are kept with their last characters now, so that a single character is found inside them.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


# A last character that begins a pair is found by this pair.
_LAST_CHARACTERS = """
UPDATE cases_case SET search = search || ARRAY(
  SELECT DISTINCT right(term, 1) FROM unnest(search) term
  WHERE length(term) = 2 AND NOT EXISTS (
    SELECT 1 FROM unnest(search) other WHERE left(other, 1) = right(term, 1)))
"""
# All that few cases have in common, in one index: what is asked of several columns at once is
# found within it, however wrong the estimates of their meeting. A shorter waiting list than the
# usual one made a search a little faster and every step dearer.
_NEEDLES = """
CREATE INDEX case_needles ON cases_case USING gin (
  party_ids, array_to_tsvector(search), facts jsonb_path_ops);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_append_only_steps"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_state_due",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_open_due",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_parties",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_search",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_facts",
        ),
        migrations.RunSQL(_LAST_CHARACTERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="case",
            name="number",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="case",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="cases.case",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="rebound_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rebounds",
                to="cases.case",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["register", "state", "-changed_at", "-id"], name="case_state_recent"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["register", "due_at", "id", "amber_at"],
                name="case_open_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["register", "state", "due_at", "id"],
                name="case_state_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["register", "opened_at", "id"], name="case_opened"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("register"),
                django.db.models.functions.text.Length("number"),
                models.F("number"),
                name="case_numbers",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="case_parent"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("rebound_of__isnull", False)),
                fields=["rebound_of"],
                name="case_rebound_of",
            ),
        ),
        migrations.RunSQL(_NEEDLES, "DROP INDEX case_needles;"),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("number",), name="case_number"),
        ),
    ]
