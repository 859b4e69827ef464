"""Tables of financing beside the cases: authorisations, limits, locks, loans, payments.

The database itself keeps two promises: one live lock an award (rule 9), and open exposure within
the ceiling across all banks (rule 4), as the upper bound of the award's limit account in the
ledger.
"""

from django.db import models

from honghu.base.identifiers import new_id


class Authorisation(models.Model):
    """A supplier lets a bank see one application (rule 19). Withdrawal takes effect at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application_id = models.UUIDField()
    award_id = models.UUIDField()
    supplier_id = models.UUIDField()
    bank_id = models.UUIDField()
    granted_at = models.DateTimeField()
    expires_date = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application_id", "bank_id"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="authorisation_live_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.bank_id}"


class Limit(models.Model):
    """The ceiling of one award: the ledger accounts whose bound holds it. Amounts in fen.

    `contract_fen` is null until a priced contract exists (rule 5), and then nothing can be drawn.
    """

    award_id = models.UUIDField(primary_key=True)
    used_account_id = models.UUIDField(unique=True)
    contra_account_id = models.UUIDField(unique=True)
    contract_fen = models.BigIntegerField(null=True)
    prepayment_fen = models.BigIntegerField(default=0)
    warranty_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    ratio = models.DecimalField(max_digits=7, decimal_places=4)

    def __str__(self) -> str:
        return str(self.award_id)


class AccountLock(models.Model):
    """The account into which alone the contract's money may be paid.

    `version` counts the accounts that the loan had one after another (rule 10). `account_index` is a keyed hash: the number itself is shown nowhere but its last digits.
    """

    class State(models.TextChoices):
        """How far the lock has come."""

        PROPOSED = "proposed"
        BUYER_CONFIRMED = "buyer_confirmed"
        LOCKED = "locked"
        RELEASED = "released"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    award_id = models.UUIDField()
    loan_id = models.UUIDField()
    bank_id = models.UUIDField()
    account_index = models.CharField(max_length=64)
    account_masked = models.CharField(max_length=40)
    registration_no = models.TextField(null=True)  # noqa: DJ001 unknown is null
    state = models.TextField(choices=State)
    version = models.IntegerField(default=1)
    proposed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award_id"],
                condition=~models.Q(state="released"),
                name="lock_live_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.award_id} {self.state}"


class Loan(models.Model):
    """A loan's accounts and terms; its case is its life. `pending_id` is a reserved disbursement."""

    case_id = models.UUIDField(primary_key=True)
    award_id = models.UUIDField()
    bank_id = models.UUIDField()
    supplier_id = models.UUIDField()
    principal_account_id = models.UUIDField(unique=True)
    interest_account_id = models.UUIDField(unique=True)
    locked_account_id = models.UUIDField(unique=True)
    supplier_account_id = models.UUIDField()
    income_account_id = models.UUIDField()
    clearing_account_id = models.UUIDField()
    rate_percent = models.DecimalField(max_digits=9, decimal_places=6)
    day_count = models.TextField()
    pending_id = models.UUIDField(null=True)
    pending_limit_id = models.UUIDField(null=True)
    pending_fen = models.BigIntegerField(null=True)
    interest_to_date = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["award_id"], name="loan_award")]

    def __str__(self) -> str:
        return str(self.case_id)


class TreasuryPayment(models.Model):
    """A payment by the treasury, once per reference."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan_id = models.UUIDField()
    reference = models.TextField(unique=True)
    amount_fen = models.BigIntegerField()
    paid_date = models.DateField()
    into_lock = models.BooleanField()
    purpose = models.TextField(default="progress")
    interest_fen = models.BigIntegerField()
    principal_fen = models.BigIntegerField()
    released_fen = models.BigIntegerField()
    step_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(into_lock=False)
                | models.Q(
                    amount_fen=models.F("interest_fen")
                    + models.F("principal_fen")
                    + models.F("released_fen")
                ),
                name="payment_adds_up",
            )
        ]

    def __str__(self) -> str:
        return self.reference
