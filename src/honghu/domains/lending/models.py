"""Tables of lending: the loan as the close of business needs it, its contract, events and accruals.

Money is integer fen. Exact accruals are integers: a numerator over the loan's `denominator`, so
that SQL adds day by day what `rules.servicing` computes with fractions. ADR 0010 tells why.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from honghu.base.identifiers import new_id

UNITS_DIGITS = 40
"""Digits of a numerator: 10^15 fen at 100 % over a century, over the largest denominator, fit."""


def _units() -> "models.DecimalField[int, int]":
    """An integer of arbitrary size: the numerator of an exact amount of fen."""
    return models.DecimalField(max_digits=UNITS_DIGITS, decimal_places=0, default=0)


class Loan(models.Model):
    """A loan as it stood at the start of `served_to`'s payments; the fold of its events, flattened.

    `principal_fen` has not fallen due. `*_units` of rates are percent a year times 10^10, with
    `overdue_units` what overdue principal bears now (the heavier markup of a misused loan). What a
    day adds to an accrual is fen times units times the day's weight: 1, or with
    actual/actual (`day_base` 133590) 366 in a common year and 365 in a leap year. Of a loan that
    `is_nonaccrual` interest is kept beside the books until it is received. `version` is the
    sequence of the last event, `accruals` the number of the last accrual.
    """

    class Status(models.TextChoices):
        """How far the loan has come."""

        APPROVED = "approved"
        ACTIVE = "active"
        SETTLED = "settled"
        WRITTEN_OFF = "written_off"
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField()
    case_id = models.UUIDField(null=True)
    lender_id = models.UUIDField()
    borrower_id = models.UUIDField()
    product = models.TextField()
    currency = models.CharField(max_length=3)
    contract_revision = models.SmallIntegerField(default=0)
    status = models.TextField(choices=Status, default=Status.APPROVED)
    opened_at = models.DateTimeField()
    start_date = models.DateField()
    approved_fen = models.BigIntegerField()
    reserved_fen = models.BigIntegerField(default=0)
    lent_fen = models.BigIntegerField(default=0)

    served_to = models.DateField()
    principal_fen = models.BigIntegerField(default=0)
    due_principal_fen = models.BigIntegerField(default=0)
    due_interest_fen = models.BigIntegerField(default=0)
    due_compound_fen = models.BigIntegerField(default=0)
    due_penalty_fen = models.BigIntegerField(default=0)
    due_costs_fen = models.BigIntegerField(default=0)
    written_off_fen = models.BigIntegerField(default=0)
    oldest_due_date = models.DateField(null=True)
    next_due_date = models.DateField(null=True)
    maturity_date = models.DateField()

    rate = models.DecimalField(max_digits=9, decimal_places=6)
    rate_units = models.BigIntegerField()
    overdue_units = models.BigIntegerField()
    misuse_units = models.BigIntegerField()
    day_base = models.IntegerField()
    denominator = models.BigIntegerField()
    is_half_up = models.BooleanField()
    is_compounding = models.BooleanField()
    is_misused = models.BooleanField(default=False)
    is_nonaccrual = models.BooleanField(default=False, db_default=False)
    is_principal_first = models.BooleanField(default=False, db_default=False)
    interest_units = _units()
    compound_units = _units()
    penalty_units = _units()

    risk_class = models.TextField(null=True)  # noqa: DJ001 unknown is null
    observed_until = models.DateField(null=True)
    version = models.IntegerField(default=0)
    accruals = models.IntegerField(default=0)
    fault = models.TextField(null=True)  # noqa: DJ001 none is null
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lender_id", "number"], name="loan_number_once"),
            models.CheckConstraint(
                condition=models.Q(
                    principal_fen__gte=0,
                    due_principal_fen__gte=0,
                    due_interest_fen__gte=0,
                    due_compound_fen__gte=0,
                    due_penalty_fen__gte=0,
                    due_costs_fen__gte=0,
                    written_off_fen__gte=0,
                    reserved_fen__gte=0,
                ),
                name="loan_owes_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    approved_fen__gt=0,
                    lent_fen__lte=models.F("approved_fen") - models.F("reserved_fen"),
                ),
                name="loan_within_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower_id"], name="loan_borrower"),
            models.Index(
                fields=["case_id"], condition=models.Q(case_id__isnull=False), name="loan_case"
            ),
            models.Index(
                fields=["next_due_date", "id"],
                condition=models.Q(status="active"),
                name="loan_next_due",
            ),
            models.Index(
                fields=["id"], condition=models.Q(is_nonaccrual=True), name="loan_nonaccrual"
            ),
            models.Index(
                fields=["oldest_due_date"],
                condition=models.Q(oldest_due_date__isnull=False),
                name="loan_oldest_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Contract(models.Model):
    """What was agreed, from an event on (revision 0: at the opening); rows are never changed.

    `terms` is what `readers.contracts.read_contract` reads.
    """

    pk = models.CompositePrimaryKey("loan_id", "revision")
    loan_id = models.UUIDField()
    revision = models.SmallIntegerField()
    from_date = models.DateField()
    terms = models.JSONField()

    def __str__(self) -> str:
        return f"{self.loan_id} revision {self.revision}"


class Instalment(models.Model):
    """What a contract's revision plans for a day.

    `principal_fen` and `interest_fen` are as agreed (interest null: not known beforehand);
    `planned_fen` is the principal that the plan asks for now, after prepayments: null once it has
    fallen due, was prepaid or replaced.
    """

    pk = models.CompositePrimaryKey("loan_id", "revision", "number")
    loan_id = models.UUIDField()
    revision = models.SmallIntegerField()
    number = models.SmallIntegerField()
    due_date = models.DateField()
    principal_fen = models.BigIntegerField()
    interest_fen = models.BigIntegerField(null=True)
    planned_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan_id", "revision", "due_date"], name="instalment_once_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(principal_fen__gte=0), name="instalment_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date"],
                condition=models.Q(planned_fen__isnull=False),
                name="instalment_planned",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.due_date}"


class Claim(models.Model):
    """What fell due on a day in one bucket, and how much of it is open (unpaid)."""

    pk = models.CompositePrimaryKey("loan_id", "due_date", "bucket")
    loan_id = models.UUIDField()
    due_date = models.DateField()
    bucket = models.TextField()
    amount_fen = models.BigIntegerField()
    open_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    bucket__in=["costs", "interest", "compound", "penalty", "principal"],
                    amount_fen__gt=0,
                    open_fen__gte=0,
                    open_fen__lte=models.F("amount_fen"),
                ),
                name="claim_shape",
            )
        ]
        indexes = [
            models.Index(fields=["loan_id"], condition=models.Q(open_fen__gt=0), name="claim_open")
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.bucket} {self.due_date}"


class Event(models.Model):
    """Something that happened to a loan; rows are never changed.

    `detail` holds what the kind needs besides day and amount. The accounts are those outside the
    loan: where money came from or went, and where what nothing claims was released to.
    """

    class Kind(models.TextChoices):
        """What happened. Those that reserve, open, settle, void or name do not move the fold."""

        OPENED = "opened"
        DISBURSEMENT_RESERVED = "disbursement_reserved"
        DISBURSEMENT_VOIDED = "disbursement_voided"
        DISBURSED = "disbursed"
        PAID = "paid"
        COST_CHARGED = "cost_charged"
        REPRICED = "repriced"
        MISUSED = "misused"
        EXTENDED = "extended"
        RESTRUCTURED = "restructured"
        WRITTEN_OFF = "written_off"
        RECOVERED = "recovered"
        NONACCRUAL_BEGAN = "nonaccrual_began"
        NONACCRUAL_ENDED = "nonaccrual_ended"
        BORROWER_CHANGED = "borrower_changed"
        REVERSED = "reversed"
        SETTLED = "settled"
        VOIDED = "voided"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan_id = models.UUIDField()
    sequence = models.IntegerField()
    kind = models.TextField(choices=Kind)
    value_date = models.DateField()
    booked_at = models.DateTimeField()
    amount_fen = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    money_account_id = models.UUIDField(null=True)
    release_account_id = models.UUIDField(null=True)
    reverses_id = models.UUIDField(null=True)
    pending_id = models.UUIDField(null=True)
    transfer_ids = ArrayField(models.UUIDField(), default=list)
    actor_person_id = models.UUIDField(null=True)
    actor_organisation_id = models.UUIDField(null=True)
    idempotency_key = models.TextField(unique=True)
    request_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan_id", "sequence"], name="event_sequence_once"),
            models.UniqueConstraint(
                fields=["reverses_id"],
                condition=models.Q(reverses_id__isnull=False),
                name="event_reversed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reversed", reverses_id__isnull=False)
                | (~models.Q(kind="reversed") & models.Q(reverses_id__isnull=True)),
                name="event_reversal_names_event",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__isnull=True) | models.Q(amount_fen__gt=0),
                name="event_amount_above_zero",
            ),
        ]
        indexes = [
            # When a loan was first lent: vintages read nothing else of the events.
            models.Index(
                fields=["loan_id", "value_date", "id"],
                condition=models.Q(kind="disbursed"),
                name="event_lent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.sequence} {self.kind}"


class AccrualBatch(models.Model):
    """The accruals of one business day that reach the ledger as one transfer per lender and kind.

    Open while `posted_at` is null; nothing is added afterwards.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_date = models.DateField()
    opened_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business_date"],
                condition=models.Q(posted_at__isnull=True),
                name="accrualbatch_open_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.business_date)


class Accrual(models.Model):
    """What a loan earned from `from_date` to before `to_date`; rows are never changed.

    `batch_id` is an `AccrualBatch`, or the event that served the loan and posted this at once
    (`event_id` too). `*_units` are exact, over the loan's denominator; `*_fen` is by how much the
    receivable rose: the one on the books, whose other side is income, or with `is_off_balance` the one
    kept beside them. A correction is what a replay found different, or what moved from one of the two
    to the other: it may be negative.
    """

    pk = models.CompositePrimaryKey("loan_id", "number")
    loan_id = models.UUIDField()
    number = models.IntegerField()
    batch_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    is_correction = models.BooleanField(default=False, db_default=False)
    is_off_balance = models.BooleanField(default=False, db_default=False)
    from_date = models.DateField()
    to_date = models.DateField()
    interest_units = _units()
    compound_units = _units()
    penalty_units = _units()
    interest_fen = models.BigIntegerField()
    compound_fen = models.BigIntegerField()
    penalty_fen = models.BigIntegerField()
    booked_at = models.DateTimeField()

    class Meta:
        indexes = [BrinIndex(fields=["batch_id"], name="accrual_batch")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.from_date} to {self.to_date}"


class AccrualSum(models.Model):
    """What accruals of a batch come to, written with them in one statement; rows are never changed.

    A batch is posted from these, so that posting does not read every loan's row again.
    """

    id = models.BigAutoField(primary_key=True)
    batch_id = models.UUIDField()
    lender_id = models.UUIDField()
    product = models.TextField()
    currency = models.CharField(max_length=3)
    is_off_balance = models.BooleanField()
    loans = models.IntegerField()
    interest_fen = models.BigIntegerField()
    compound_fen = models.BigIntegerField()
    penalty_fen = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["batch_id"], name="accrualsum_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.product}"


class KeptPortfolio(models.Model):
    """What of a portfolio takes long to sum, as it stood at an instant of a day; null lender: of all.

    A page of the same day shows it instead of summing again. The row of a later day replaces it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lender_id = models.UUIDField(null=True)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    sums = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lender_id"], nulls_distinct=False, name="keptportfolio_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lender_id} {self.as_of}"
