"""All commands of the ledger in random order beside a model (see `ledger_machine`).

`HONGHU_THOROUGH=1` looks much longer, from a new seed each time.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from honghu.kernel.ledger import commands, writing
from honghu.kernel.ledger.records import Draft
from tests.properties.ledger_machine import LedgerMachine

THOROUGH = os.environ.get("HONGHU_THOROUGH") == "1"
SETTINGS = settings(
    max_examples=400 if THOROUGH else 15,
    stateful_step_count=50 if THOROUGH else 25,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
def test_random_histories_agree_with_the_model(db: None) -> None:
    run_state_machine_as_test(LedgerMachine, settings=SETTINGS)


def _forgetting(**changes: Any) -> Callable[..., Any]:
    """The honest `write`, but for some facts of each transfer."""
    honest = writing.write

    def write(drafts: list[Draft], **options: Any) -> Any:
        return honest([each._replace(**changes) for each in drafts], **options)

    return write


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"link_id": None, "link_size": None}, {"expires_at": None}])
def test_the_machine_finds_what_is_forgotten(
    db: None, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """Links that are not kept; reservations without an end."""
    monkeypatch.setattr(commands, "write", _forgetting(**changes))
    quick = settings(
        SETTINGS, max_examples=200, report_multiple_bugs=False, phases=[Phase.generate]
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(LedgerMachine, settings=quick)
