"""What is kept beside the cases: how a reporter can be reached, sealed and erasable."""

from django.db import models


class Contact(models.Model):
    """How the reporter can be reached, sealed with the installation's key; one row a report.

    Deleted when it is no longer needed, or asked for (个人信息保护法 arts. 19, 47): nothing of it
    stands in a step, in the journal or in an index.
    """

    case_id = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.case_id)
