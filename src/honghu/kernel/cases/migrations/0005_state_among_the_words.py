"""A case's state among its words in the index: a word and a state asked together meet inside it.

Before, all cases with the word were fetched to find those in the state (0.2 s among 20,000).
"""

from django.db import migrations

_WITH_STATE = """
DROP INDEX case_needles;
CREATE INDEX case_needles ON cases_case USING gin (
  party_ids, array_to_tsvector(search || (':'::text || state)), facts jsonb_path_ops);
"""
_WORDS_ALONE = """
DROP INDEX case_needles;
CREATE INDEX case_needles ON cases_case USING gin (
  party_ids, array_to_tsvector(search), facts jsonb_path_ops);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_places_of_cases"),
    ]

    operations = [migrations.RunSQL(_WITH_STATE, _WORDS_ALONE)]
