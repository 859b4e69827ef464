"""Who acts: organisations, persons, the positions that join them, and sign-in accounts."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from honghu.base.identifiers import new_id


class Organisation(models.Model):
    """A body with a name: office, bank, supplier, town, hospital.

    `uscc` is the unified social credit code (GB 32100); null while unknown. `contact` is the
    registered line that confirmations out of band go to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    kind = models.TextField()
    uscc = models.CharField(max_length=18, null=True, unique=True)  # noqa: DJ001 unknown is null
    region = models.CharField(max_length=12, null=True)  # noqa: DJ001
    contact = models.TextField(null=True)  # noqa: DJ001
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name"], name="organisation_name")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A natural person. The name is personal data: it stands here and nowhere in the journal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """Which person holds which role in which organisation, from one day to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="positions")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="positions"
    )
    role = models.TextField()
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=models.Q(to_date__isnull=True),
                name="position_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(to_date__isnull=True)
                | models.Q(to_date__gte=models.F("from_date")),
                name="position_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="position_holders")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.organisation_id}"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts with a hashed password."""

    def create_user(self, *, username: str, password: str | None, person: Person) -> "Account":
        """Create the sign-in account of a person; a null password cannot sign in."""
        account = self.model(username=username, person=person)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """How a person signs in. `language` is the language of the pages and of mail."""

    username = models.CharField(max_length=150, unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = []

    objects = AccountManager()

    def __str__(self) -> str:
        return self.username


class ApiClient(models.Model):
    """A machine that asks for short-lived access tokens (OAuth 2.0, RFC 6749, 4.4).

    It acts as the account's person for one organisation, with at most these scopes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="clients")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="clients")
    label = models.TextField()
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.label}"


class ApiClientSecret(models.Model):
    """The SHA-256 of a client's secret; while one is exchanged for the next, both are good."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="secrets")
    secret_hash = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.client_id)


class ApiToken(models.Model):
    """A machine's key to the API: acts as the account's person for one organisation.

    Only the SHA-256 of the secret is kept: the secret has 256 random bits, so that a slow hash
    would add nothing. `scopes` narrows what it may do; the roles are those that the person holds in
    the organisation on the day of use. `client` is the machine that it was issued to by OAuth.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tokens")
    label = models.TextField()
    secret_hash = models.BinaryField(unique=True)
    client = models.ForeignKey(
        ApiClient, null=True, on_delete=models.PROTECT, related_name="tokens", db_index=False
    )
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="api_token_expires_after_issue",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "expires_at"],
                condition=models.Q(client__isnull=False),
                name="api_token_of_client",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.label}"
