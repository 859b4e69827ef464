"""Where cases stand on a map: their first place as micro-degrees and as a spot, and its index.

Cases that are here already get theirs from their facts; see base.spots for the order of bits.
"""

from django.db import migrations, models

_SPREAD = """
CREATE FUNCTION pg_temp.spread(number bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  number := (number | number << 16) & x'0000FFFF0000FFFF'::bigint;
  number := (number | number << 8) & x'00FF00FF00FF00FF'::bigint;
  number := (number | number << 4) & x'0F0F0F0F0F0F0F0F'::bigint;
  number := (number | number << 2) & x'3333333333333333'::bigint;
  RETURN (number | number << 1) & x'5555555555555555'::bigint;
END $$
"""
_PLACES = """
UPDATE cases_case c SET longitude_udeg = p.longitude, latitude_udeg = p.latitude,
  spot = pg_temp.spread(p.longitude + 180000000) | pg_temp.spread(p.latitude + 90000000) << 1
FROM (
  SELECT DISTINCT ON (id) id, ((value->>'lon')::numeric * 1000000)::integer AS longitude,
    ((value->>'lat')::numeric * 1000000)::integer AS latitude
  FROM cases_case, jsonb_each(facts)
  WHERE jsonb_typeof(value) = 'object' AND value ? 'lon' AND value ? 'lat'
  ORDER BY id, key
) p WHERE p.id = c.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_list_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="latitude_udeg",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="longitude_udeg",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="spot",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunSQL(
            [_SPREAD, _PLACES, "DROP FUNCTION pg_temp.spread(bigint)"], migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("spot__isnull", False)),
                fields=["register", "spot"],
                include=(
                    "state",
                    "closed_at",
                    "due_at",
                    "amber_at",
                    "longitude_udeg",
                    "latitude_udeg",
                ),
                name="case_spot",
            ),
        ),
    ]
