"""How many queries a page costs, whatever the number of rows (docs: the design's budgets).

Savepoints are left out: outside of tests they are parts of the one transaction.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from honghu.desk.tests.cast import Cast, picture
from honghu.kernel.evidence.commands import store_evidence

LIST_QUERIES_MAX = 6
CASE_QUERIES_MAX = 12
ACTION_QUERIES_MAX = 14


def _queries(call: Callable[[], Any], status: int = 200) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = call()
    assert response.status_code == status
    return [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]


def test_a_list_of_100_costs_no_more_than_one_of_10(cast: Cast) -> None:
    for number in range(10):
        cast.issued(ditch=f"Ditch {number}", town="north" if number % 2 else "south")
    client = cast.client("lan")
    url = reverse("register", args=["ditch-weeds"])
    client.get(url)
    few = _queries(lambda: client.get(url))
    for number in range(90):
        cast.issued(ditch=f"More {number}", town="north" if number % 2 else "south")
    many = _queries(lambda: client.get(url))
    # A list that ends on its first page needs no count.
    assert len(many) <= len(few) + 1
    assert len(many) <= LIST_QUERIES_MAX, many


def test_a_case_page_with_history_and_pictures(cast: Cast) -> None:
    done = cast.issued()
    after = store_evidence(
        content=picture(7), filename="a.png", actor=cast.actor("wei"), now=cast.now, kind="photo"
    )
    cast.do(
        done.case_id,
        "submit",
        "wei",
        form={"cleared": "120.5", "checklist": ["banks"]},
        evidence={"after": [after.sha256]},
    )
    client = cast.client("lan")
    url = reverse("case", args=[done.case_id])
    client.get(url)
    queries = _queries(lambda: client.get(url))
    assert len(queries) <= CASE_QUERIES_MAX, queries


def test_performing_an_action(cast: Cast) -> None:
    client = cast.client("lan")
    done = cast.weeds()
    url = reverse("case-action", args=[done.case_id, "issue"])
    client.get(url)
    body = {
        "_key": str(uuid.uuid4()),
        "_version": "1",
        "responsible": str(cast.organisations["north"]),
    }
    queries = _queries(lambda: client.post(url, body), status=302)
    assert len(queries) <= ACTION_QUERIES_MAX, queries


def test_my_work_is_one_query_for_all_registers(cast: Cast) -> None:
    for number in range(12):
        cast.issued(ditch=f"Ditch {number}")
    client = cast.client("wei")
    client.get(reverse("my-work"))
    queries = _queries(lambda: client.get(reverse("my-work")))
    assert len(queries) <= LIST_QUERIES_MAX, queries
