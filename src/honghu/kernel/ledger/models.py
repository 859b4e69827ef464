"""Tables of the ledger. The application's role may only read them (except the chart).

Every write goes through the database's functions `ledger_post`, `ledger_open_account` and
`ledger_set_bounds` (migration 0002), which run with the owner's rights; triggers hold the rules
against everybody else. Amounts are debits less credits in integer fen of the account's currency.
"""

from django.db import models


class ChartLine(models.Model):
    """A line of the chart of accounts: which accounts may be opened, and what they are called.

    `type` is asset, liability, equity, income, expense or memo (表外, outside the balance sheet).
    """

    kind = models.TextField(primary_key=True)
    code = models.TextField(unique=True)
    type = models.TextField()
    normal_side = models.TextField()
    name_zh = models.TextField()
    name_en = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    type__in=["asset", "liability", "equity", "income", "expense", "memo"]
                ),
                name="ledger_chartline_type",
            ),
            models.CheckConstraint(
                condition=models.Q(normal_side__in=["debit", "credit"]),
                name="ledger_chartline_normal_side",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Account(models.Model):
    """An account: a pot of one currency, never edited. Its bounds stand in `Slot`."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.ForeignKey(
        ChartLine, on_delete=models.PROTECT, related_name="accounts", db_column="kind"
    )
    currency = models.CharField(max_length=3)
    normal_side = models.TextField()
    owner_organisation_id = models.UUIDField(null=True)
    reference = models.TextField(null=True)  # noqa: DJ001 unknown is null
    slots = models.SmallIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(normal_side__in=["debit", "credit"]),
                name="ledger_account_normal_side",
            ),
            models.CheckConstraint(
                condition=models.Q(slots__gte=1, slots__lte=64), name="ledger_account_slots"
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="ledger_account_currency"
            ),
        ]
        indexes = [
            models.Index(fields=["owner_organisation_id", "kind"], name="ledger_account_owner")
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.id}"


class Slot(models.Model):
    """What is locked to write to an account: one row, or several for a hot account (ADR 0005).

    Each slot has its own chain of entries; the last entry says what the slot comes to, so there
    is no balance that could be changed. `floor_fen` and `ceiling_fen` bound debits less credits,
    pending amounts counted; only an account of one slot may have them.
    """

    pk = models.CompositePrimaryKey("account_id", "slot")
    account_id = models.UUIDField()
    slot = models.SmallIntegerField()
    slots = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    floor_fen = models.BigIntegerField(null=True)
    ceiling_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slot__gte=0, slot__lt=models.F("slots"))
                & (models.Q(slots=1) | models.Q(floor_fen__isnull=True, ceiling_fen__isnull=True)),
                name="ledger_slot_shape",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.slot}"


class Bound(models.Model):
    """The bounds that an account had from an instant on; the last row stands in `Slot` too."""

    pk = models.CompositePrimaryKey("account_id", "revision")
    account_id = models.UUIDField()
    revision = models.IntegerField()
    floor_fen = models.BigIntegerField(null=True)
    ceiling_fen = models.BigIntegerField(null=True)
    from_version = models.BigIntegerField()
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} bounds {self.revision}"


class Transfer(models.Model):
    """One booking, never edited. `legs` is how many entries it has.

    `phase`: single (done at once), pending (reserved), posted, voided or expired (these resolve the
    pending transfer `pending_id`). `value_date` counts for interest; `booked_at` is when it was
    written. `request_hash` is the SHA-256 of what was asked for. The shape is checked by a trigger,
    together with the entries: check constraints are read anew for every statement, which took 7 %
    of the server's time.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    phase = models.TextField()
    kind = models.TextField()
    legs = models.SmallIntegerField()
    value_date = models.DateField()
    booked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    case_id = models.UUIDField(null=True)
    step_id = models.UUIDField(null=True)
    memo_code = models.TextField(null=True)  # noqa: DJ001 unknown is null
    pending_id = models.UUIDField(null=True)
    reverses_id = models.UUIDField(null=True)
    link_id = models.UUIDField(null=True)
    link_size = models.SmallIntegerField(null=True)
    request_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pending_id"],
                condition=models.Q(pending_id__isnull=False),
                name="ledger_transfer_resolved_once",
            ),
            models.UniqueConstraint(
                fields=["reverses_id"],
                condition=models.Q(reverses_id__isnull=False),
                name="ledger_transfer_reversed_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["case_id"],
                condition=models.Q(case_id__isnull=False),
                name="ledger_transfer_case",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="ledger_transfer_expiry",
            ),
            models.Index(
                fields=["link_id"],
                condition=models.Q(link_id__isnull=False),
                name="ledger_transfer_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Entry(models.Model):
    """One leg of a transfer, with what its account (or the account's slot) came to after it.

    `amount_fen` moves the balance (debit positive), `reserved_debit_fen` and
    `reserved_credit_fen` the pending sums; a resolution takes back what was reserved.
    """

    pk = models.CompositePrimaryKey("transfer_id", "account_id")
    transfer_id = models.UUIDField()
    account_id = models.UUIDField()
    slot = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    value_date = models.DateField()
    amount_fen = models.BigIntegerField()
    reserved_debit_fen = models.BigIntegerField()
    reserved_credit_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    pending_debit_fen = models.BigIntegerField()
    pending_credit_fen = models.BigIntegerField()
    version = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "slot", "version"], name="ledger_entry_version"
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "value_date"], name="ledger_entry_value_date")
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.account_id} {self.amount_fen}"
