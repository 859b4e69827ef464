"""`honghu people`: organisations, positions, sign-ins."""

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from honghu.cli.people import app
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.queries import find_account

OFFICE = "洪湖市样例办公室"
BANK = "洪湖样例银行"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def office(county: dict[str, Any]) -> None:
    """An office beside the sample county, whose registers name the roles."""
    assert run("organisation", OFFICE, "--kind", "office").exit_code == 0
    assert run("organisation", BANK, "--kind", "bank").exit_code == 0


def test_a_new_person_can_sign_in_with_the_printed_password(office: None) -> None:
    result = run(
        "appoint",
        "heyi",
        "--name",
        "何一",
        "--organisation",
        OFFICE,
        "--role",
        "procurement_office",
    )
    assert result.exit_code == 0
    password = result.stdout.rpartition("password, shown this once: ")[2].strip()
    assert Account.objects.get(username="heyi").check_password(password)
    assert "heyi" in run("list").stdout


def test_who_lost_the_password_gets_another_and_is_signed_out_elsewhere(office: None) -> None:
    run("appoint", "heyi", "--name", "何一", "--organisation", OFFICE, "--role", "auditor")
    account = Account.objects.get(username="heyi")
    signed_in = account.get_session_auth_hash()
    password = run("password", "heyi").stdout.rpartition(": ")[2].strip()
    account.refresh_from_db()
    assert account.check_password(password)
    assert account.get_session_auth_hash() != signed_in
    refused = run("password", "nobody")
    assert (refused.exit_code, refused.stderr.startswith("honghu: not_found: ")) == (1, True)


def test_a_second_role_prints_no_password(office: None) -> None:
    run("appoint", "heyi", "--name", "何一", "--organisation", OFFICE, "--role", "auditor")
    again = run("appoint", "heyi", "--organisation", OFFICE, "--role", "treasury")
    assert again.exit_code == 0
    assert "password" not in again.stdout


def test_a_dismissal_ends_the_role_once(office: None) -> None:
    run("appoint", "heyi", "--name", "何一", "--organisation", OFFICE, "--role", "auditor")
    words = ("dismiss", "heyi", "--organisation", OFFICE, "--role", "auditor")
    assert run(*words).exit_code == 0
    assert run(*words).exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("organisation", OFFICE, "--kind", "office"), "entered already"),
        (("organisation", "新机构", "--kind", "circus"), "is no kind"),
        (("organisation", "新机构", "--kind", "office", "--uscc", "123"), "18 characters"),
        (("appoint", "x", "--organisation", OFFICE, "--role", "auditor"), "give --name"),
        (("appoint", "x", "--organisation", "无", "--role", "auditor"), "no organisation"),
        (("appoint", "x", "--organisation", OFFICE, "--role", "king"), "no register has"),
        (("appoint", "x", "--organisation", BANK, "--role", "auditor"), "held in: office"),
    ],
)
def test_refusals_name_what_is_wrong_and_write_nothing(
    office: None, words: tuple[str, ...], said: str
) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert find_account("x") is None
