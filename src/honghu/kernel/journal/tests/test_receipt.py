"""Receipts are verified offline; whatever is changed in one is noticed."""

import base64
import datetime as dt
import json
import subprocess
import sys
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.journal import leaves, merkle, receipt, verifier
from honghu.kernel.journal.checkpoint import Signer, sign

SIGNER = Signer("honghu.local/journal", bytes(range(32)))
VKEY = SIGNER.verifier.vkey
AT = dt.datetime(2026, 6, 1, 1, 0, 0, 250, tzinfo=dt.UTC)
PAYLOADS = [json.dumps({"step": number, "状态": "已办结"}).encode() for number in range(11)]
IDS = [uuid.UUID(int=number + 1) for number in range(11)]


def leaf_hashes():
    pairs = zip(IDS, PAYLOADS, strict=True)
    return [leaves.leaf_hash("step", leaf_id, AT, payload) for leaf_id, payload in pairs]


def make(index=6, *, withheld=False):
    hashes = leaf_hashes()
    leaf = receipt.Leaf(
        "step", IDS[index], AT, hashes[index], None if withheld else PAYLOADS[index]
    )
    checkpoint = sign(11, merkle.root(hashes), SIGNER, extensions=["signed-at x"])
    return receipt.make_receipt(leaf, index, merkle.inclusion_proof(hashes, index), checkpoint.note)


def test_a_receipt_proves_its_content_place_and_time():
    verdict = receipt.verify_receipt(make(), VKEY)
    assert verdict.valid
    assert verdict.code == "ok"
    assert (verdict.kind, verdict.leaf_id, verdict.written_at) == ("step", IDS[6], AT)
    assert verdict.payload == PAYLOADS[6]
    assert verdict.index == 6
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.size == 11


@pytest.mark.parametrize("index", range(11))
def test_a_receipt_survives_its_journey_as_json(index):
    text = json.dumps(make(index), ensure_ascii=False)
    for form in (text, text.encode(), json.dumps(make(index), indent=2).encode("utf-16")):
        assert receipt.verify_receipt(form, VKEY).payload == PAYLOADS[index]


def test_a_withheld_content_proves_the_hash_and_no_more():
    verdict = receipt.verify_receipt(make(withheld=True), VKEY)
    assert verdict.valid
    assert verdict.leaf_hash == leaf_hashes()[6]
    assert (verdict.kind, verdict.leaf_id, verdict.written_at, verdict.payload) == (None,) * 4


def refused(changed, vkey=VKEY):
    verdict = receipt.verify_receipt(changed, vkey)
    assert not verdict.valid
    assert verdict.message
    # Nothing unproved is handed on.
    unproved = (verdict.payload, verdict.index, verdict.checkpoint, verdict.kind)
    assert unproved == (None,) * 4
    return verdict.code


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("kind", "transfer", "receipt_leaf_mismatch"),
        ("kind", "No Kind", "journal_leaf"),
        ("id", str(IDS[5]), "receipt_leaf_mismatch"),
        ("id", str(IDS[6]).upper().replace("-", ""), "receipt_malformed"),
        ("written_at", "2026-06-01T01:00:00.000251Z", "receipt_leaf_mismatch"),
        ("written_at", "2026-06-01T01:00:00.00025Z", "receipt_malformed"),
        ("written_at", "2026-06-01", "receipt_malformed"),
        ("payload", PAYLOADS[5].decode(), "receipt_leaf_mismatch"),
        ("payload", "", "receipt_leaf_mismatch"),
        ("payload", "\ud800", "receipt_malformed"),
        ("payload", 5, "receipt_malformed"),
        ("index", 5, "receipt_not_included"),
        ("index", -1, "receipt_not_included"),
        ("index", 11, "receipt_not_included"),
        ("index", 6.0, "receipt_malformed"),
        ("index", True, "receipt_malformed"),
        ("index", "6", "receipt_malformed"),
        ("proof", [], "receipt_not_included"),
        ("proof", None, "receipt_malformed"),
        ("proof", ["AAAA"], "receipt_not_included"),
        ("proof", ["not base64"], "checkpoint"),
        ("proof", [None], "receipt_malformed"),
        ("leaf_hash", base64.b64encode(bytes(32)).decode(), "receipt_leaf_mismatch"),
        ("checkpoint", "", "checkpoint"),
        ("checkpoint", None, "receipt_malformed"),
        ("format", "honghu/receipt/2", "receipt_malformed"),
        ("more", "", "receipt_malformed"),
    ],
)
def test_a_changed_member_is_refused_and_named(member, value, code):
    assert refused(make() | {member: value}) == code


def test_a_missing_member_is_refused():
    for member in make():
        shortened = make()
        del shortened[member]
        assert refused(shortened) == "receipt_malformed"


def test_every_character_of_a_receipt_counts():
    text = json.dumps(make(), ensure_ascii=False)
    structure = set('{}[]:,"')
    for place, character in enumerate(text):
        if character in structure or character == " ":
            continue
        other = text[:place] + chr(ord(character) ^ 1) + text[place + 1 :]
        assert refused(other)


def test_a_receipt_of_another_log_is_refused():
    stranger = Signer("honghu.local/journal", bytes(32))
    assert refused(make(), stranger.verifier.vkey) == "checkpoint"
    assert refused(make(), "no key") == "checkpoint"
    older = sign(10, merkle.root(leaf_hashes()[:10]), SIGNER)
    assert refused(make() | {"checkpoint": older.note}) == "receipt_not_included"


def test_doubled_members_and_what_is_no_json_are_refused():
    doubled = json.dumps(make())[:-1] + ', "payload": null}'
    for text in (doubled, "", "null", "[]", "{", "[" * 100_000, b"\xff\xfe\x00", "9" * 10_000):
        assert refused(text) == "receipt_malformed"
    assert refused(b" " * (receipt.RECEIPT_SIZE_MAX_BYTES + 1)) == "receipt_malformed"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)


@given(member=st.sampled_from(sorted(make())), value=JSON)
def test_no_value_in_any_member_is_an_exception(member, value):
    changed = make() | {member: value}
    shown = make()
    valid = receipt.verify_receipt(changed, VKEY).valid
    # Withholding the content is the one change that leaves a receipt valid.
    assert valid == (
        json.dumps(changed) == json.dumps(shown) or (member == "payload" and value is None)
    )


def test_a_payload_that_is_no_text_has_no_receipt():
    leaf = receipt.Leaf("step", IDS[0], AT, bytes(32), b"\xff")
    with pytest.raises(receipt.ReceiptError):
        receipt.make_receipt(leaf, 0, [], "")


def test_the_leaf_hash_covers_kind_id_time_and_payload():
    first = leaves.leaf_hash("step", IDS[0], AT, b"{}")
    later = AT + dt.timedelta(microseconds=1)
    others = {
        leaves.leaf_hash("transfer", IDS[0], AT, b"{}"),
        leaves.leaf_hash("step", IDS[1], AT, b"{}"),
        leaves.leaf_hash("step", IDS[0], later, b"{}"),
        leaves.leaf_hash("step", IDS[0], AT, b"{} "),
    }
    assert len(others | {first}) == 5
    shanghai = AT.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert leaves.leaf_hash("step", IDS[0], shanghai, b"{}") == first
    with pytest.raises(leaves.LeafError):
        leaves.leaf_hash("step", IDS[0], AT.replace(tzinfo=None), b"{}")
    for kind in ("", "Step", "a\nb", "9a", "x" * 41):
        with pytest.raises(leaves.LeafError):
            leaves.leaf_hash(kind, IDS[0], AT, b"{}")


def test_the_small_command_needs_no_framework(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(make()), encoding="utf-8")
    bad.write_text(json.dumps(make() | {"index": 2}), encoding="utf-8")
    script = (
        "import sys; from honghu.kernel.journal import verifier; "
        "code = verifier.main(sys.argv[1:]); assert 'django' not in sys.modules; sys.exit(code)"
    )
    for file, code, word in ((good, 0, "VALID: "), (bad, 1, "NOT VALID (receipt_not_included)")):
        done = subprocess.run(  # noqa: S603  our own interpreter and script
            [sys.executable, "-c", script, str(file), "--key", VKEY],
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
        )
        assert done.returncode == code, done.stderr
        assert done.stdout.startswith(word)


def test_the_small_command_tells_what_is_proved(tmp_path, capsys):
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(make()), encoding="utf-8")
    assert verifier.main([str(file), "--key", VKEY]) == 0
    shown = capsys.readouterr().out
    assert f"step {IDS[6]}" in shown
    assert "position   6 of 11" in shown
    assert PAYLOADS[6].decode() in shown
    file.write_text(json.dumps(make(withheld=True)), encoding="utf-8")
    assert verifier.main([str(file), "--key", VKEY]) == 0
    assert "withheld" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        verifier.main([str(tmp_path / "none.json"), "--key", VKEY])
    assert caught.value.code == 2
