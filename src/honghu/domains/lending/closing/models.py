"""Tables of the close of business: its progress, what it skipped, and what it found out."""

from django.db import models

from honghu.base.identifiers import new_id


class Closing(models.Model):
    """The close of one business day. `loan_bounds` are the first ids of the chunks of loans.

    `rules` cites the rule rows that it went by; `report` is what it came to, once it is finished.
    """

    business_date = models.DateField(primary_key=True)
    batch_id = models.UUIDField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    loan_bounds = models.JSONField()
    borrower_bounds = models.JSONField(null=True)
    rules = models.JSONField()
    report = models.JSONField(null=True)

    class Meta:
        db_table = "lending_closing"

    def __str__(self) -> str:
        return str(self.business_date)


class ClosingStep(models.Model):
    """One step done for one chunk (0 where a step has none), written with what the step did."""

    pk = models.CompositePrimaryKey("business_date", "step", "chunk")
    business_date = models.DateField()
    step = models.TextField()
    chunk = models.IntegerField()
    done_at = models.DateTimeField()
    counts = models.JSONField()

    class Meta:
        db_table = "lending_closingstep"

    def __str__(self) -> str:
        return f"{self.business_date} {self.step} {self.chunk}"


class ClosingSkip(models.Model):
    """A loan that a close could not serve, why, and what to do; resolved once it has caught up."""

    class Reason(models.TextChoices):
        """Why a loan was passed over."""

        LOCKED = "locked"
        BUSY = "busy"
        FAULTY = "faulty"

    pk = models.CompositePrimaryKey("loan_id", "business_date")
    loan_id = models.UUIDField()
    business_date = models.DateField()
    reason = models.TextField(choices=Reason)
    detail = models.TextField()
    skipped_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lending_closingskip"
        indexes = [
            models.Index(
                fields=["loan_id"],
                condition=models.Q(resolved_at__isnull=True),
                name="closingskip_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.business_date} {self.reason}"


class Reminder(models.Model):
    """Something to tell a borrower, once for each loan, due date and kind.

    `amount_fen` is what falls due as far as it is known beforehand, or what is overdue.
    """

    class Kind(models.TextChoices):
        """What it calls to mind."""

        DUE_SOON = "due_soon"
        OVERDUE = "overdue"

    pk = models.CompositePrimaryKey("loan_id", "due_date", "kind")
    loan_id = models.UUIDField()
    due_date = models.DateField()
    kind = models.TextField(choices=Kind)
    business_date = models.DateField()
    amount_fen = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lending_reminder"
        indexes = [
            models.Index(
                fields=["made_at"],
                condition=models.Q(delivered_at__isnull=True),
                name="reminder_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.due_date} {self.kind}"


class RiskStatement(models.Model):
    """What a person states about a loan that its row does not say; the last one holds.

    Rows are never changed. `loss_share` is the expected loss over the balance, null: not estimated.
    """

    pk = models.CompositePrimaryKey("loan_id", "number")
    loan_id = models.UUIDField()
    number = models.IntegerField()
    is_retail = models.BooleanField(default=False)
    is_technical = models.BooleanField(default=False)
    is_refinanced = models.BooleanField(default=False)
    is_impaired = models.BooleanField(default=False)
    loss_share = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    is_evading = models.BooleanField(default=False)
    is_bankrupt = models.BooleanField(default=False)
    is_shielded = models.BooleanField(default=False)
    judged = models.TextField(null=True)  # noqa: DJ001 not judged is null
    stated_by = models.UUIDField()
    stated_at = models.DateTimeField()

    class Meta:
        db_table = "lending_riskstatement"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(loss_share__isnull=True)
                | models.Q(is_impaired=True, loss_share__gte=0, loss_share__lte=1),
                name="riskstatement_loss_share",
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.number}"


class ClassChange(models.Model):
    """A line of a loan's class history; rows are never changed. Persons are null if rules did it."""

    pk = models.CompositePrimaryKey("loan_id", "number")
    loan_id = models.UUIDField()
    number = models.IntegerField()
    business_date = models.DateField()
    before = models.TextField(null=True)  # noqa: DJ001 not classified is null
    after = models.TextField()
    findings = models.JSONField()
    by = models.UUIDField(null=True)
    verified_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "lending_classchange"

    def __str__(self) -> str:
        return f"{self.loan_id} {self.business_date} {self.after}"


class Provision(models.Model):
    """What the loans of a class need set aside on a day; rows are never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_date = models.DateField()
    lender_id = models.UUIDField()
    product = models.TextField()
    currency = models.CharField(max_length=3)
    risk_class = models.TextField()
    loans = models.IntegerField()
    balance_fen = models.BigIntegerField()
    required_fen = models.BigIntegerField()

    class Meta:
        db_table = "lending_provision"
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "lender_id", "product", "currency", "risk_class"],
                name="provision_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.product} {self.risk_class}"
