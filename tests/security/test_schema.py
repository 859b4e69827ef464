"""The API against its own document: generated requests find no 5xx and no undocumented answer.

`HONGHU_SCHEMA_EXAMPLES=300` looks further than the suite does.
"""

import datetime as dt
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from honghu.kernel.cases.detail import get_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from honghu.site.openapi import document
from tests.machine import machine
from tests.thread import begin

EXAMPLES = int(os.environ.get("HONGHU_SCHEMA_EXAMPLES", "20"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# What the WSGI machinery may answer anywhere, before a route is chosen; not of any one operation.
ANYWHERE = {"404", "405", "413", "415"}


@pytest.fixture
def known(committed_county: dict[str, Member], now: dt.datetime) -> dict[str, Any]:
    """Ids that exist, and tokens of three kinds of callers."""
    thread = begin(committed_county, now)
    loan = thread.placed()
    secrets = [
        machine(thread.cast[who].username, now=dt.datetime.now(dt.UTC)).secret  # noqa: TID251
        for who in ("clerk", "lianhu-reviewer", "supplier")
    ]
    return {
        "tokens": secrets,
        "code": "financing-loan",
        "case_id": str(loan),
        "action": "void",
        "step_id": str(get_case(loan, actor=SYSTEM, now=now).steps[0].id),
        "award_id": str(thread.award.id),
        "notice_id": str(thread.award.notice_id),
    }


def _described() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(document())
    for methods in described["paths"].values():
        for operation in methods.values():
            for status in ANYWHERE:
                operation["responses"].setdefault(status, {"description": "anywhere"})
    return described


@pytest.mark.slow
def test_no_generated_request_breaks_the_api(known: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(_described())
    schema.app = WSGIHandler()
    answered: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok() if isinstance(result, Ok) else None
        assert operation is not None, result
        _tester(operation, known, answered)()
    # The callers got in, and reached routes that answer, refuse and do not know.
    assert answered.keys() >= {200, 400, 403, 404, 422}, answered


def _tester(operation: Any, known: dict[str, Any], answered: Counter[int]) -> Callable[[], None]:
    """A property over one operation: real ids and generated ones, each caller."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.booleans(), token=st.sampled_from(known["tokens"]))
    def check(case: Any, real: bool, token: str) -> None:
        if real:
            for name in set(case.path_parameters or {}) & set(known):
                case.path_parameters[name] = known[name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            response = case.call(headers={"Authorization": f"Bearer {token}"})
            answered[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

    return check
