"""Lines and areas of maps: waters, sections, grids."""

from django.db import models

from honghu.base.identifiers import new_id


class Shape(models.Model):
    """A line or an area of a layer, under the code by which the county's rolls know it.

    `geometry` is a geometry object of GeoJSON (RFC 7946) in WGS 84 degrees; the edges of its box are
    micro-degrees. `source` is the file it came from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    layer = models.TextField()
    code = models.TextField()
    name = models.TextField()
    geometry = models.JSONField()
    west_udeg = models.IntegerField()
    south_udeg = models.IntegerField()
    east_udeg = models.IntegerField()
    north_udeg = models.IntegerField()
    source = models.TextField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "code"], name="shape_code")]

    def __str__(self) -> str:
        return f"{self.layer} {self.code}"
