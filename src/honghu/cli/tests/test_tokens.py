"""`honghu tokens`: the secret is shown once, works, and ends when it is revoked."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone, translation
from typer.testing import CliRunner

from honghu.cli.tokens import app
from honghu.kernel.parties.commands import add_organisation, add_person, appoint, open_account
from honghu.kernel.parties.models import ApiToken
from honghu.kernel.parties.tokens import TokenRefused, issue_token, list_tokens, use_token

NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _office(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody with a position, on a fixed day."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    office = add_organisation(name="荷塘局", kind="office", now=NOW)
    person = add_person(name="何塘", now=NOW)
    open_account(person=person, username="hetang", password=None)
    appoint(
        person_id=person.id,
        organisation_id=office.id,
        role="auditor",
        from_date=dt.date(2026, 1, 1),
    )
    with translation.override("en"):
        yield


def test_a_token_is_issued_used_listed_and_revoked() -> None:
    run = CliRunner().invoke
    issued = run(app, ["issue", "hetang", "--label", "audit", "--scope", "read"])
    assert issued.exit_code == 0, issued.output
    secret = issued.stdout.strip()
    used = use_token(secret=secret, now=NOW)
    assert (used.actor.roles, used.scopes) == (frozenset({"auditor"}), frozenset({"read"}))
    assert used.actor.organisation_name == "荷塘局"
    listed = run(app, ["list", "hetang"])
    assert listed.stdout.startswith(str(used.token_id))
    assert secret not in listed.stdout
    assert run(app, ["revoke", str(used.token_id)]).exit_code == 0
    with pytest.raises(TokenRefused):
        use_token(secret=secret, now=NOW)


def test_only_the_hash_is_kept_and_the_use_is_stamped_now_and_then() -> None:
    issued = issue_token(
        username="hetang", label="x", now=NOW, expires_at=NOW + dt.timedelta(days=1)
    )
    row = ApiToken.objects.get(pk=issued.id)
    assert issued.secret.encode() not in bytes(row.secret_hash)
    for minutes, stamped in ((0, 0), (4, 0), (6, 6)):
        use_token(secret=issued.secret, now=NOW + dt.timedelta(minutes=minutes))
        assert list_tokens()[0].last_used_at == NOW + dt.timedelta(minutes=stamped)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["issue", "nobody"], "no account nobody"),
        (["issue", "hetang", "--scope", "rule"], "no scope rule"),
        (["revoke", "00000000-0000-0000-0000-000000000000"], "no token"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
