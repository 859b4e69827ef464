"""Evidence, receipts and public verification through the pages."""

import json
import uuid

from django.test import Client
from django.urls import reverse

from honghu.desk.tests.cast import Cast, picture
from honghu.kernel.cases.writing import Done
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer


def _submitted(cast: Cast) -> tuple[Done, str]:
    done = cast.issued()
    after = store_evidence(
        content=picture(9),
        filename="after.png",
        actor=cast.actor("wei"),
        now=cast.now,
        kind="photo",
    )
    step = cast.do(
        done.case_id,
        "submit",
        "wei",
        form={"cleared": "1", "checklist": ["banks"]},
        evidence={"after": [after.sha256]},
    )
    return step, after.sha256


def test_evidence_is_for_those_who_see_a_case_that_uses_it(cast: Cast) -> None:
    _step, sha = _submitted(cast)
    url = reverse("evidence", args=[sha])
    for who in ("wei", "lan"):
        response = cast.client(who).get(url)
        assert response.status_code == 200
        assert response["Content-Type"] == "image/png"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"].startswith("private")
        assert response.getvalue() == picture(9)
    assert cast.client("min").get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_an_upload_without_a_case_is_its_uploaders_alone(cast: Cast) -> None:
    stored = store_evidence(
        content=picture(11), filename="x.png", actor=cast.actor("wei"), now=cast.now, kind="photo"
    )
    url = reverse("evidence", args=[stored.sha256])
    wei = cast.client("wei").get(url)
    assert wei.status_code == 200
    assert wei.getvalue() == picture(11)
    assert cast.client("lan").get(url).status_code == 404
    assert cast.client("lan").get(reverse("evidence", args=["0" * 64])).status_code == 404


def test_a_known_content_is_not_sent_again(cast: Cast) -> None:
    _step, sha = _submitted(cast)
    client = cast.client("wei")
    response = client.get(reverse("evidence", args=[sha]), headers={"If-None-Match": f'"{sha}"'})
    assert response.status_code == 304


def _signed(cast: Cast) -> None:
    sequence(now=cast.now)
    sign_checkpoint(now=cast.now, signer=load_signer())


def test_a_receipt_is_downloaded_by_whoever_sees_the_case_and_verified_by_anybody(
    cast: Cast,
) -> None:
    step, _sha = _submitted(cast)
    url = reverse("receipt", args=[step.step_id])
    assert cast.client("lan").get(url).status_code == 409
    _signed(cast)
    answer = cast.client("lan").get(url)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert cast.client("min").get(url).status_code == 404
    stranger = Client()
    stranger.cookies["django_language"] = "en"
    receipt = answer.content.decode()
    valid = stranger.post(reverse("verify"), {"receipt": receipt}).content.decode()
    assert "desk-verdict--valid" in valid
    assert str(step.step_id) in valid
    forged = json.loads(receipt)
    forged["payload"] = forged["payload"].replace('"submit"', '"verify"')
    wrong = stranger.post(reverse("verify"), {"receipt": json.dumps(forged)}).content.decode()
    assert "desk-verdict--wrong" in wrong
    assert "it was altered" in wrong


def test_nonsense_and_nothing_get_a_verdict_too(cast: Cast) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    assert "not a whole receipt" in client.post("/verify", {"receipt": "{}"}).content.decode()
    assert "Paste a receipt" in client.post("/verify", {}).content.decode()


def test_the_journal_is_public_and_shows_the_signed_head(cast: Cast) -> None:
    client = Client()
    assert client.get(reverse("journal")).status_code == 200
    _submitted(cast)
    _signed(cast)
    page = client.get(reverse("journal")).content.decode()
    assert load_signer().verifier.vkey in page.replace("&#x2B;", "+")


def test_the_proof_of_a_step_waits_for_the_head_then_shows_its_place(cast: Cast) -> None:
    step, _sha = _submitted(cast)
    url = reverse("step-proof", args=[step.case_id, step.step_id])
    client = cast.client("lan")
    assert "the next signed head" in client.get(url).content.decode()
    _signed(cast)
    assert reverse("receipt", args=[step.step_id]) in client.get(url).content.decode()
    other = reverse("step-proof", args=[step.case_id, uuid.uuid4()])
    assert client.get(other).status_code == 404
