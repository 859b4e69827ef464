"""Tables of bank statements. What a bank has stated is a fact: those rows are written once.

A statement with its entries is written in one transaction or not at all; where each entry went is
a row of its own, written when it is filed.
"""

from django.db import models

from honghu.base.identifiers import new_id


class Statement(models.Model):
    """A statement of one account over one period, as its bank gave it. Amounts in fen.

    `account_index` is the keyed hash by which locks find the account, `account_sealed` its number,
    unreadable without the installation's key. `digest` says that a later file states the same.
    `place` orders the statements of one day.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bank_id = models.UUIDField()
    account_index = models.CharField(max_length=64)
    account_masked = models.CharField(max_length=40)
    account_sealed = models.BinaryField()
    currency = models.CharField(max_length=3)
    statement_no = models.TextField(null=True)  # noqa: DJ001 unknown is null
    sequence = models.BigIntegerField(null=True)
    from_date = models.DateField()
    to_date = models.DateField()
    place = models.SmallIntegerField(default=0)
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    credit_fen = models.BigIntegerField()
    debit_fen = models.BigIntegerField()
    entries = models.IntegerField()
    pending = models.IntegerField()
    format = models.TextField()
    filename = models.TextField()
    file_sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bank_id", "account_index", "from_date", "to_date", "place"],
                name="statement_period_once",
            ),
            models.UniqueConstraint(
                fields=["bank_id", "account_index", "statement_no"], name="statement_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    closing_fen=models.F("opening_fen")
                    + models.F("credit_fen")
                    - models.F("debit_fen")
                ),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(from_date__lte=models.F("to_date")),
                name="statement_period_runs",
            ),
        ]
        indexes = [
            models.Index(fields=["account_index", "to_date"], name="statement_of_account"),
            models.Index(fields=["file_sha256"], name="statement_of_file"),
            models.Index(fields=["bank_id", "-id"], name="statement_of_bank"),
        ]

    def __str__(self) -> str:
        return f"{self.account_masked} {self.from_date} {self.to_date}"


class Entry(models.Model):
    """A booked entry, and what the platform made of it when it came in.

    `candidates` are the contracts that it may pay, with what speaks for each.
    """

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="rows", db_index=False
    )
    number = models.IntegerField()
    line = models.IntegerField()
    direction = models.TextField()
    amount_fen = models.BigIntegerField()
    booked_date = models.DateField()
    value_date = models.DateField(null=True)
    reference = models.TextField(null=True)  # noqa: DJ001 unknown is null
    payment_no = models.TextField(null=True)  # noqa: DJ001
    payer = models.TextField(null=True)  # noqa: DJ001
    payer_account = models.TextField(null=True)  # noqa: DJ001
    text = models.TextField()
    is_reversal = models.BooleanField()
    parts = models.IntegerField()
    outcome = models.TextField()
    reason = models.TextField()
    loan_id = models.UUIDField(null=True)
    candidates = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="entry_number_once"),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gte=0), name="entry_amount_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["statement", "outcome", "number"], name="entry_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.number}"


class Filing(models.Model):
    """Where an entry went: a payment recorded by it, one known already, or a case of exceptions."""

    class Kind(models.TextChoices):
        """What the entry became."""

        PAYMENT = "payment"
        KNOWN = "known"
        CASE = "case"

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="filing"
    )
    kind = models.TextField(choices=Kind)
    loan_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    reference = models.TextField(null=True)  # noqa: DJ001 a case has none
    filed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"


class Reopening(models.Model):
    """An entry that has to go somewhere again: the payment that it had become was taken back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="reopenings")
    case_id = models.UUIDField()
    retraction_id = models.UUIDField()
    reopened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "retraction_id"], name="reopening_once_a_retraction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.retraction_id}"


class Gap(models.Model):
    """An opening balance that is not the closing balance of the statement before, with its case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    before = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="gaps_after")
    after = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="gaps_before")
    closing_fen = models.BigIntegerField()
    opening_fen = models.BigIntegerField()
    case_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.before_id} {self.after_id}"


class Waiting(models.Model):
    """A statement with entries still to be filed: all up to `filed_to` are done. Gone at the end."""

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, primary_key=True)
    filed_to = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.statement_id} {self.filed_to}"


class CsvMapping(models.Model):
    """How a bank's CSV is to be read, kept by name: fields and the heads that hold them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bank_id = models.UUIDField()
    name = models.TextField()
    columns = models.JSONField()
    newest_first = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank_id", "name"], name="csv_mapping_name_once")
        ]

    def __str__(self) -> str:
        return self.name
