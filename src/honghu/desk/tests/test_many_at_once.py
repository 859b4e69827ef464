"""Many at once: chosen on the list, one form, a result for each, the refused tried again."""

import io
import json
import re
import uuid
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from honghu.api import batches
from honghu.api.assembly import build_api
from honghu.desk.registers import bulk
from honghu.desk.tests.cast import Cast
from honghu.kernel.cases.batches import actions_for_many
from honghu.kernel.cases.models import Case, Step
from honghu.kernel.registers.queries import get_register

WEEDS = "ditch-weeds"


def boxes(client: Client) -> list[str]:
    """The values of the boxes on the list."""
    page = client.get(reverse("many", args=[WEEDS])).content.decode()
    return re.findall(r'name="case" value="([^"]+)"', page)


def begin(client: Client, **data: object) -> str:
    """Choose cases; the address of the form."""
    response = client.post(reverse("many", args=[WEEDS]), {"action": "issue"} | data)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_one_form_moves_many_cases_and_says_what_was_refused(cast: Cast) -> None:
    ids = [cast.weeds(ditch=f"Ditch {number}").case_id for number in range(3)]
    client = cast.client("lan")
    url = begin(client, case=boxes(client))
    # Somebody else acts on one of them in between.
    cast.do(ids[0], "issue", "bo", form={"responsible": str(cast.organisations["south"])})
    wrong = client.post(url, {"responsible": ""})
    assert wrong.status_code == 422
    assert Case.objects.filter(state="issued").count() == 1
    done = client.post(url, {"responsible": str(cast.organisations["north"])})
    assert done["Location"] == url + "/result"
    page = client.get(url + "/result").content.decode()
    assert "2 done, 1 refused, of 3" in page
    assert "has changed since you opened it" in page
    assert set(Case.objects.values_list("id", "state")) == {(each, "issued") for each in ids}
    assert Step.objects.filter(action="issue").count() == 3
    # The form is gone with the first sending: nothing is done twice.
    assert client.post(url, {"responsible": str(cast.organisations["south"])}).status_code == 302
    assert Step.objects.filter(action="issue").count() == 3
    again = client.post(url + "/go-on", {"again": "true"}, follow=True).content.decode()
    assert "2 done, 1 refused" in again
    assert "not possible in the state" in again


def test_all_that_match_and_slices_that_go_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    for number in range(4):
        cast.weeds(ditch=f"Ditch {number}")
    client = cast.client("lan")
    settings.HONGHU_BATCH_MAX = 3
    refused = client.post(reverse("many", args=[WEEDS]), {"action": "issue", "all": "true"})
    assert refused.status_code == 422
    assert "At most 3 cases at once" in refused.content.decode()
    settings.HONGHU_BATCH_MAX = 4
    monkeypatch.setattr(bulk, "_SLICE_SECONDS", 0.0)
    url = begin(client, all="true")
    client.post(url, {"responsible": str(cast.organisations["north"])})
    assert Case.objects.filter(state="issued").count() == 1
    page = client.get(url + "/result").content.decode()
    assert "1 done, 0 refused, of 4" in page
    assert "hx-get" in page
    client.post(url + "/go-on")
    for _slice in range(2):
        client.get(url + "/result", headers={"hx-request": "true"})
    assert "4 done, 0 refused" in client.get(url + "/result").content.decode()
    assert Case.objects.filter(state="issued").count() == 4


def test_what_needs_a_look_at_each_case_is_not_offered(cast: Cast) -> None:
    register = get_register(WEEDS)
    offered = {
        who: [action.code for action in actions_for_many(register, cast.actor(who))]
        for who in ("lan", "wei", "nobody")
    }
    assert offered == {"lan": ["issue"], "wei": [], "nobody": []}


def test_a_batch_is_of_its_own_session(cast: Cast) -> None:
    cast.weeds()
    client = cast.client("lan")
    url = begin(client, case=boxes(client))
    assert cast.client("bo").get(url).status_code == 404
    missing = client.post(reverse("many", args=[WEEDS]), {"action": "verify", "case": "x"})
    assert missing.status_code == 422


def test_a_machine_gets_a_result_for_each_case(cast: Cast) -> None:
    ids = [cast.weeds(ditch=f"Ditch {number}").case_id for number in range(2)]
    strange = uuid.uuid4()
    caller = type("Caller", (), {"actor": cast.actor("lan"), "now": cast.now})()
    request = type("Request", (), {"auth": caller})()
    form = {"responsible": str(cast.organisations["north"])}

    def send(expected: int, key: str = "k1") -> dict[str, object]:
        chosen = [{"id": str(each), "expected_version": expected} for each in (*ids, strange)]
        body = batches.BatchBody.model_validate_json(json.dumps({"cases": chosen, "form": form}))
        reply = batches.perform_register_action(request, WEEDS, "issue", body, key)
        return dict(reply.model_dump())

    first = send(1)
    assert (first["done"], first["refused"]) == (2, 1)
    results = first["results"]
    assert isinstance(results, list)
    assert [each["case_id"] for each in results] == [*ids, strange]
    assert results[2]["refused"]["code"] == "not_found"
    # The same key again: the same answer, and nothing twice.
    assert send(1) == first
    assert Step.objects.filter(action="issue").count() == 2
    later = send(1, key="k2")
    assert (later["done"], later["refused"]) == (0, 3)
    document = build_api(
        clock=lambda: cast.now, routers=[batches.router], description="x"
    ).get_openapi_schema()  # fmt: skip
    assert any(path.endswith("/registers/{code}/actions/{action}") for path in document["paths"])


def test_the_chosen_cases_alone_go_into_the_file(cast: Cast) -> None:
    for number in range(3):
        cast.weeds(ditch=f"Ditch {number}")
    client = cast.client("lan")
    values = boxes(client)
    page = client.get(reverse("many", args=[WEEDS])).content.decode()
    assert "Export to Excel" in page
    answer = client.post(reverse("many", args=[WEEDS]), {"action": "-excel", "case": values[:2]})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    numbers = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    found = [value.split(".", 2)[2] in numbers for value in values]
    assert found == [True, True, False]
    assert client.post(reverse("many", args=[WEEDS]), {"action": "-excel"}).status_code == 422
