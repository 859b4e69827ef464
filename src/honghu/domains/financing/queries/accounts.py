"""How an account number is found again without being kept."""

from django.utils.crypto import salted_hmac


def account_index(account_no: str) -> str:
    """The keyed hash of an account number; blanks and hyphens do not count."""
    bare = "".join(account_no.split()).replace("-", "")
    return salted_hmac("honghu.financing.account", bare, algorithm="sha256").hexdigest()
