"""Steps by what was done: the one index that figures need over all steps there ever were.

It costs each step that is written a little (bench/bulletin.py prints how much), and turns a scan
of all steps for every figure into a look at those that count. The next state is in it, so that
figures over states reached look at no other rows either.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0001_values_bulletins_publications"),
        ("cases", "0003_list_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX step_by_action ON cases_step (register, action, to_state, at)"
            " INCLUDE (id, case_id, sequence)",
            "DROP INDEX step_by_action",
        ),
    ]
