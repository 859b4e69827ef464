"""Forms of actions: what is asked, what is refused and where it is said, and nothing lost."""

import json
import re
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from honghu.desk.tests.cast import Cast, picture
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.evidence.queries import uses_of_case
from honghu.kernel.parties.actor import SYSTEM

KEY = "0b9f3ad7-5d0f-4f0b-9d55-3a3a3a3a3a3a"


def _row(cast: Cast, case_id: uuid.UUID) -> CaseRow:
    return find_case(case_id, actor=SYSTEM, now=cast.now)


def _act(client: Client, case_id: uuid.UUID, action: str, **body: Any) -> Any:
    url = reverse("case-action", args=[case_id, action])
    return client.post(url, {"_key": KEY, "_version": "1", **body})


def _text(response: Any) -> str:
    return str(response.content.decode())


def _hidden(text: str, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', text)


def _photo(shade: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{shade}.png", picture(shade), "image/png")


def test_the_form_brings_a_key_and_the_version_that_was_seen(cast: Cast) -> None:
    done = cast.weeds()
    page = _text(cast.client("lan").get(reverse("case-action", args=[done.case_id, "issue"])))
    (key,) = _hidden(page, "_key")
    assert str(uuid.UUID(key)) == key
    assert _hidden(page, "_version") == ["1"]
    assert "Organisation north" in page


def test_an_action_is_performed_and_the_case_says_so(cast: Cast) -> None:
    done = cast.weeds()
    client = cast.client("lan")
    answer = _act(client, done.case_id, "issue", responsible=str(cast.organisations["north"]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("case", args=[done.case_id])
    assert _row(cast, done.case_id).state == "issued"
    assert "Issue: done." in _text(client.get(answer["Location"]))


def test_a_double_submit_does_it_once(cast: Cast) -> None:
    done = cast.weeds()
    client = cast.client("lan")
    body = {"responsible": str(cast.organisations["north"])}
    first, second = (_act(client, done.case_id, "issue", **body) for _turn in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert _row(cast, done.case_id).version == 2
    assert "nothing was done twice" in _text(client.get(second["Location"]))


def test_a_stale_form_shows_what_changed_and_can_be_sent_again(cast: Cast) -> None:
    done = cast.weeds()
    form = {"responsible": str(cast.organisations["south"])}
    cast.do(done.case_id, "issue", "bo", form=form)
    client = cast.client("lan")
    answer = _act(client, done.case_id, "drop", reason="built over", _confirm=done.number)
    page = _text(answer)
    assert answer.status_code == 409
    assert "Somebody acted while you were writing" in page
    assert "Luo Bo" in page
    assert 'value="built over"' in page
    assert _hidden(page, "_version") == ["2"]
    (key,) = _hidden(page, "_key")
    assert key != KEY
    url = reverse("case-action", args=[done.case_id, "drop"])
    again = client.post(
        url, {"_key": key, "_version": "2", "reason": "built over", "_confirm": done.number}
    )
    assert again.status_code == 302
    assert _row(cast, done.case_id).state == "dropped"


def test_a_key_used_for_something_else_is_renewed(cast: Cast) -> None:
    one, other = cast.weeds("One"), cast.weeds("Other")
    client = cast.client("lan")
    body = {"responsible": str(cast.organisations["north"])}
    _act(client, one.case_id, "issue", **body)
    answer = _act(client, other.case_id, "issue", **body)
    assert answer.status_code == 409
    assert _hidden(_text(answer), "_key") != [KEY]
    assert _row(cast, other.case_id).state == "registered"


def test_faults_stand_beside_their_fields_and_nothing_is_lost(cast: Cast) -> None:
    done = cast.issued()
    client = cast.client("wei")
    answer = _act(
        client,
        done.case_id,
        "submit",
        _version="2",
        cleared="many",
        remark="two boats",
        checklist="banks",
        **{"evidence.after": _photo()},
    )
    page = _text(answer)
    assert answer.status_code == 422
    error = page.partition('id="field-cleared-error"')[2].partition("</p>")[0]
    assert "Write a number in digits" in error
    assert 'value="many"' in page
    assert "two boats" in page
    assert re.search(r'value="banks" checked', page)
    (held,) = _hidden(page, "held.evidence.after")
    assert re.fullmatch("[0-9a-f]{64}", held)
    assert _row(cast, done.case_id).state == "issued"


def test_a_file_is_kept_while_the_form_is_corrected(cast: Cast) -> None:
    done = cast.issued()
    client = cast.client("wei")
    wrong = _act(
        client, done.case_id, "submit", _version="2", cleared="", **{"evidence.after": _photo()}
    )
    (held,) = _hidden(_text(wrong), "held.evidence.after")
    right = _act(
        client,
        done.case_id,
        "submit",
        _version="2",
        cleared="120.5",
        checklist="banks",
        **{"held.evidence.after": held},
    )
    assert right.status_code == 302
    assert [use.sha256 for use in uses_of_case(done.case_id)] == [held]


def test_a_file_received_by_mistake_can_be_left_out(cast: Cast) -> None:
    done = cast.issued()
    client = cast.client("wei")
    wrong = _act(
        client, done.case_id, "submit", _version="2", cleared="", **{"evidence.after": _photo(2)}
    )
    (held,) = _hidden(_text(wrong), "held.evidence.after")
    answer = _act(
        client,
        done.case_id,
        "submit",
        _version="2",
        cleared="1",
        checklist="banks",
        drop=held,
        **{"held.evidence.after": held},
    )
    assert answer.status_code == 422
    assert _hidden(_text(answer), "held.evidence.after") == []


def test_a_stored_file_of_somebody_else_is_not_taken_by_its_hash(cast: Cast) -> None:
    north, south = cast.issued(), cast.issued(town="south")
    wei, min_ = cast.client("wei"), cast.client("min")
    kept = _act(
        wei, north.case_id, "submit", _version="2", cleared="", **{"evidence.after": _photo(3)}
    )
    (held,) = _hidden(_text(kept), "held.evidence.after")
    answer = _act(
        min_,
        south.case_id,
        "submit",
        _version="2",
        cleared="1",
        checklist="banks",
        **{"held.evidence.after": held},
    )
    assert answer.status_code == 403
    assert _row(cast, south.case_id).state == "issued"


def test_a_file_of_no_kept_type_is_a_fault_of_its_field(cast: Cast) -> None:
    done = cast.issued()
    bad = SimpleUploadedFile("run.exe", b"MZ\x90\x00" + bytes(200), "image/png")
    answer = _act(
        cast.client("wei"),
        done.case_id,
        "submit",
        _version="2",
        cleared="1",
        checklist="banks",
        **{"evidence.after": bad},
    )
    page = _text(answer)
    assert answer.status_code == 422
    error = page.partition('id="field-evidence-after-error"')[2].partition("</p>")[0]
    assert "run.exe" in error


def test_every_point_of_the_checklist_must_be_ticked(cast: Cast) -> None:
    done = cast.issued()
    answer = _act(
        cast.client("wei"),
        done.case_id,
        "submit",
        _version="2",
        cleared="1",
        **{"evidence.after": _photo(4)},
    )
    page = _text(answer)
    assert answer.status_code == 422
    error = page.partition('id="field-checklist-error"')[2].partition("</p>")[0]
    assert "The banks are clear" in error


def test_a_grave_action_wants_the_case_number(cast: Cast) -> None:
    done = cast.weeds()
    client = cast.client("lan")
    answer = _act(client, done.case_id, "drop", reason="built over", _confirm="something")
    page = _text(answer)
    assert answer.status_code == 422
    error = page.partition('id="confirm-_confirm-error"')[2].partition("</p>")[0]
    assert done.number in error
    assert 'value="built over"' in page
    right = _act(client, done.case_id, "drop", reason="built over", _confirm=done.number)
    assert right.status_code == 302


def test_who_did_the_work_cannot_verify_it_and_reads_why(cast: Cast) -> None:
    done = cast.issued()
    client = cast.client("wei")
    page = client.get(reverse("case-action", args=[done.case_id, "verify"]))
    assert page.status_code == 409
    sent = _act(
        client,
        done.case_id,
        "submit",
        _version="2",
        cleared="1",
        checklist="banks",
        **{"evidence.after": _photo(5)},
    )
    assert sent.status_code == 302
    shut = client.get(reverse("case-action", args=[done.case_id, "verify"]))
    assert shut.status_code == 403
    assert "This is for: River office" in _text(shut)


def test_opening_a_case_with_money_yes_no_and_a_masked_caller(cast: Cast) -> None:
    client = cast.client("lan")
    url = reverse("open-case", args=["ditch-weeds", "open"])
    assert client.get(url).status_code == 200
    answer = client.post(
        url,
        {
            "_key": KEY,
            "ditch": "Long ditch",
            "area": "12.5",
            "cost": "1,234.50",
            "urgent": "false",
            "caller": "13812340000",
        },
    )
    assert answer.status_code == 302
    case_id = uuid.UUID(answer["Location"].split("/")[2])
    facts = _row(cast, case_id).facts
    assert facts["cost"] == 123_450
    assert facts["urgent"] is False
    page = _text(client.get(answer["Location"]))
    assert "138****0000" in page
    assert "13812340000" not in page


def test_an_opening_that_comes_back_keeps_what_was_typed(cast: Cast) -> None:
    client = cast.client("lan")
    url = reverse("open-case", args=["ditch-weeds", "open"])
    answer = client.post(url, {"_key": KEY, "ditch": "", "area": "12.5", "urgent": "true"})
    page = _text(answer)
    assert answer.status_code == 422
    assert 'value="12.5"' in page
    assert re.search(r'value="true" checked', page)
    assert 'aria-invalid="true"' in page


def test_a_receipt_of_the_form_is_the_kernels_own(cast: Cast) -> None:
    """A step made through the page carries exactly what was typed, read by the kernel."""
    done = cast.weeds()
    client = cast.client("lan")
    _act(client, done.case_id, "issue", responsible=str(cast.organisations["north"]))
    facts = json.loads(json.dumps(dict(_row(cast, done.case_id).facts)))
    assert facts["responsible"] == str(cast.organisations["north"])
    assert facts["area"] == "120.5"
