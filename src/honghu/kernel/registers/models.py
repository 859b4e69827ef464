"""The published versions of registers: written once, never changed (a trigger refuses it)."""

from django.db import models

from honghu.base.identifiers import new_id


class RegisterVersion(models.Model):
    """One version of a register file, as its own text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.TextField()
    version = models.IntegerField()
    source = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "version"], name="register_version_once"),
            models.CheckConstraint(
                condition=models.Q(version__gt=0), name="register_version_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} v{self.version}"
