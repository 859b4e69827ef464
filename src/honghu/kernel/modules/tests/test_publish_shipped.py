"""What the modules ship is judged like any register file, against the commands that exist."""

import datetime as dt

import pytest

from honghu.kernel.modules import commands
from honghu.kernel.registers.faults import RegisterFaults


@pytest.mark.django_db
def test_a_shipped_register_that_calls_an_unknown_command_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "known_effects", lambda: frozenset({"of.another"}))
    with pytest.raises(RegisterFaults, match="unknown-command"):
        commands.publish_shipped(now=dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC))
