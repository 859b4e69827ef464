"""Tables of financing beside the cases: authorisations, limits, locks, loans, payments.

The database itself keeps two promises: one live lock an award (rule 9), and open exposure within
the ceiling across all banks (rule 4), as the upper bound of the award's limit account in the
ledger.
"""

from django.db import models
from django.db.models.functions import Coalesce

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

    `version` counts the accounts that the loan had one after another (rule 10). `account_index` is
    a keyed hash: the number itself is shown nowhere but its last digits.
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
    """What ties a loan's case to its award, to lending and to the accounts that money passes.

    What is owed and earned is lending's to say: `lending_id` is its loan, null before the bank has
    approved. A proposed disbursement is `reserved_event_id` there, and `pending_limit_id` on the
    award's limit.
    """

    case_id = models.UUIDField(primary_key=True)
    award_id = models.UUIDField()
    bank_id = models.UUIDField()
    supplier_id = models.UUIDField()
    lending_id = models.UUIDField(null=True, unique=True)
    locked_account_id = models.UUIDField(unique=True)
    supplier_account_id = models.UUIDField()
    clearing_account_id = models.UUIDField()
    reserved_event_id = models.UUIDField(null=True)
    pending_limit_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["award_id"], name="loan_award")]

    def __str__(self) -> str:
        return str(self.case_id)


class TreasuryPayment(models.Model):
    """A payment by the treasury, once per reference, and what it settles as the loan stands.

    `event_id` is lending's event that booked it; null where nothing was lent yet, or the money
    went to another account. Penalty and compound interest are null where they are not known.
    `recovered_fen` is what came for a loan that was written off. `risk_id` is the risk event that
    the payment raised. One that was taken back bears the time and the loan's step that did it, and
    what it had settled until then; its reference may be recorded again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan_id = models.UUIDField()
    reference = models.TextField()
    amount_fen = models.BigIntegerField()
    paid_date = models.DateField()
    into_lock = models.BooleanField()
    purpose = models.TextField(default="progress")
    interest_fen = models.BigIntegerField()
    compound_fen = models.BigIntegerField(null=True)
    penalty_fen = models.BigIntegerField(null=True)
    principal_fen = models.BigIntegerField()
    released_fen = models.BigIntegerField()
    recovered_fen = models.BigIntegerField(default=0)
    event_id = models.UUIDField(null=True, unique=True)
    step_id = models.UUIDField()
    risk_id = models.UUIDField(null=True)
    retracted_at = models.DateTimeField(null=True)
    retracted_step_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference"],
                condition=models.Q(retracted_at__isnull=True),
                name="payment_recorded_once",
            ),
            models.CheckConstraint(
                condition=models.Q(into_lock=False)
                | models.Q(
                    amount_fen=models.F("interest_fen")
                    + Coalesce(models.F("compound_fen"), 0)
                    + Coalesce(models.F("penalty_fen"), 0)
                    + models.F("principal_fen")
                    + models.F("released_fen")
                    + models.F("recovered_fen")
                ),
                name="payment_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(retracted_at__isnull=True, retracted_step_id__isnull=True)
                | models.Q(retracted_at__isnull=False, retracted_step_id__isnull=False),
                name="payment_taken_back_by_a_step",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
