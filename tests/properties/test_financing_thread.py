"""One stateful test over the credit thread's commands (see `machine`).

`HONGHU_THOROUGH=1` looks much longer, from a new seed each time.
"""

import datetime as dt
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from honghu.site.county import Member
from tests.properties.machine import CreditThread

THOROUGH = os.environ.get("HONGHU_THOROUGH") == "1"
SETTINGS = settings(
    max_examples=100 if THOROUGH else 10,
    stateful_step_count=60 if THOROUGH else 30,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Shrinking takes minutes; the example as it was found tells enough.
    phases=[Phase.generate],
)


@pytest.mark.slow
def test_the_thread_holds_under_random_hands(county: dict[str, Member], now: dt.datetime) -> None:
    CreditThread.county, CreditThread.start = county, now
    run_state_machine_as_test(CreditThread, settings=SETTINGS)
