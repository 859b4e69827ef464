"""Taking shapes into a layer."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from honghu.kernel.shapes.geojson import ReadShape
from honghu.kernel.shapes.models import Shape

_BATCH = 500


def take_shapes(
    layer: str, shapes: Sequence[ReadShape], *, source: str, now: dt.datetime
) -> tuple[int, int]:
    """Put shapes into a layer, each in the place of the one with its code: (taken, were there before).

    All or nothing. What the layer has under other codes stays.
    """
    with transaction.atomic():
        codes = [shape.code for shape in shapes]
        before = Shape.objects.filter(layer=layer, code__in=codes).count()
        Shape.objects.bulk_create(
            [
                Shape(
                    layer=layer,
                    code=shape.code,
                    name=shape.name,
                    geometry=dict(shape.geometry),
                    west_udeg=shape.box.west,
                    south_udeg=shape.box.south,
                    east_udeg=shape.box.east,
                    north_udeg=shape.box.north,
                    source=source,
                    taken_at=now,
                )
                for shape in shapes
            ],
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["layer", "code"],
            update_fields=[
                "name",
                "geometry",
                "west_udeg",
                "south_udeg",
                "east_udeg",
                "north_udeg",
                "source",
                "taken_at",
            ],
        )
    return len(shapes), before
