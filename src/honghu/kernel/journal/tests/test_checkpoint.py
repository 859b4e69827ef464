"""Signed notes and checkpoints: the vectors of other implementations, strictness, mutations."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honghu.kernel.journal import note
from honghu.kernel.journal.checkpoint import (
    CheckpointError,
    Signer,
    Verifier,
    parse_checkpoint,
    sign,
    verify_checkpoint,
)

# The key, text and signature that Go's golang.org/x/mod/sumdb/note documents and tests.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# A key of other implementations whose base64 contains a plus.
PLUS_VKEY = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"
# The example of c2sp.org/tlog-checkpoint.
C2SP_EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)

SIGNER = Signer("honghu.local/journal", bytes(range(32)))
OTHER = Signer("honghu.local/journal", bytes(range(1, 33)))
WITNESS = Signer("witness.example/1", bytes(range(2, 34)))
ROOT = bytes(range(100, 132))


def test_the_published_note_is_reproduced_to_the_byte():
    signer = Signer.parse(GO_SKEY)
    assert signer.verifier.vkey == GO_VKEY
    assert signer.skey == GO_SKEY
    made = note.format_note(GO_TEXT, [signer.sign(GO_TEXT)])
    assert made == GO_TEXT + "\n" + GO_SIGNATURE


def test_the_published_note_is_verified():
    text, signatures = note.parse_note(GO_TEXT + "\n" + GO_SIGNATURE)
    assert text == GO_TEXT
    accepted = note.check_signatures(text, signatures, [Verifier.parse(GO_VKEY)])
    assert accepted.name == "PeterNeumann"


def test_a_public_key_with_a_plus_in_its_base64_is_read():
    assert Verifier.parse(PLUS_VKEY).vkey == PLUS_VKEY


def test_the_published_checkpoint_is_read():
    checkpoint = parse_checkpoint(C2SP_EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert base64.b64encode(checkpoint.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert checkpoint.signatures[0].key_id.hex() == "033de0ae"
    assert checkpoint.note == C2SP_EXAMPLE


@settings(max_examples=80)
@given(
    size=st.integers(0, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(st.text(st.characters(min_codepoint=32, codec="utf-8"), min_size=1)),
)
def test_what_is_signed_can_be_verified(size, root, extensions):
    checkpoint = sign(size, root, SIGNER, extensions=extensions)
    assert (checkpoint.size, checkpoint.root) == (size, root)
    assert checkpoint.extensions == tuple(extensions)
    assert verify_checkpoint(checkpoint.note, SIGNER.verifier.vkey) == checkpoint
    assert verify_checkpoint(checkpoint.note.encode(), SIGNER.verifier.vkey) == checkpoint


def test_every_single_bit_change_of_a_checkpoint_is_refused():
    raw = sign(5, ROOT, SIGNER, extensions=["signed-at 2026-06-01"]).note.encode()
    vkey = SIGNER.verifier.vkey
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(CheckpointError):
            verify_checkpoint(bytes(changed), vkey)


def test_every_other_character_in_a_public_key_is_refused():
    vkey = SIGNER.verifier.vkey
    for place, character in enumerate(vkey):
        other = vkey[:place] + chr(ord(character) ^ 1) + vkey[place + 1 :]
        with pytest.raises(CheckpointError):
            Verifier.parse(other)
    for length in range(len(vkey)):
        with pytest.raises(CheckpointError):
            Verifier.parse(vkey[:length])


def test_signatures_of_strangers_are_ignored_and_false_ones_of_known_keys_are_not():
    checkpoint = sign(5, ROOT, SIGNER)
    text, mine = checkpoint.text, checkpoint.signatures[0]
    witness = WITNESS.sign(text)
    with_witness = note.format_note(text, [witness, mine])
    assert verify_checkpoint(with_witness, SIGNER.verifier.vkey).size == 5
    with pytest.raises(CheckpointError, match="no signature by the key"):
        verify_checkpoint(checkpoint.note, OTHER.verifier.vkey)
    assert verify_checkpoint(checkpoint.note, OTHER.verifier.vkey, SIGNER.verifier.vkey).size == 5
    false = note.Signature(mine.name, mine.key_id, WITNESS.sign(text).value)
    with pytest.raises(CheckpointError, match="is false"):
        verify_checkpoint(note.format_note(text, [mine, false]), SIGNER.verifier.vkey)


def test_a_key_speaks_for_the_log_of_its_name_only():
    text = sign(5, ROOT, SIGNER).text
    forged = note.format_note(text, [WITNESS.sign(text)])
    with pytest.raises(CheckpointError, match="the key of"):
        verify_checkpoint(forged, WITNESS.verifier.vkey)


GOOD = sign(5, ROOT, SIGNER)
GOOD_ROOT = base64.b64encode(ROOT).decode()
SIGNATURE_LINE = str(GOOD.signatures[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        GOOD.text,
        GOOD.text + "\n",
        GOOD.note[:-1],
        GOOD.note + "\n",
        GOOD.note + "more\n",
        GOOD.note.replace("\n", "\r\n"),
        GOOD.note.replace("journal\n5", "journal\n05"),
        GOOD.note.replace("journal\n5", "journal\n+5"),
        GOOD.note.replace("journal\n5", "journal\n\N{ARABIC-INDIC DIGIT FIVE}"),
        GOOD.note.replace("journal\n5", "journal\n5 "),
        GOOD.note.replace("journal\n5", "journal\n9223372036854775808"),
        GOOD.note.replace("journal\n5", "journal\n" + "9" * 5000),
        GOOD.note.replace("=\n\n", "\n\n"),
        GOOD.note.replace("=\n\n", "=\n\n\n"),
        GOOD.note.replace("\n5\n", "\n\n5\n"),
        GOOD.note.replace("— ", "- "),
        GOOD.note.replace("— ", "—  "),
        GOOD.note.replace("— honghu", "— hong+hu"),
        GOOD.note.replace("— honghu", "— hong\u3000hu"),
        GOOD.note.replace("— honghu", "— hong\x00hu"),
        GOOD.note.replace(GOOD_ROOT, base64.b64encode(ROOT[:31]).decode()),
        GOOD.note.replace(GOOD_ROOT, GOOD_ROOT.replace("=", "")),
        GOOD.text + "\n— honghu.local/journal AAAA\n",
        GOOD.text + "\n" + SIGNATURE_LINE * 101,
        GOOD.text + "x" * 300_000 + "\n\n" + SIGNATURE_LINE,
        GOOD.text + "\ud800\n\n" + SIGNATURE_LINE,
    ],
)
def test_whatever_is_not_a_checkpoint_to_the_letter_is_refused(text):
    with pytest.raises(CheckpointError) as caught:
        verify_checkpoint(text, SIGNER.verifier.vkey)
    assert caught.value.code == "checkpoint"


def test_root_with_loose_last_bits_is_refused():
    # 32 bytes leave four unused bits in the last character of their base64.
    loose = GOOD_ROOT[:-2] + chr(ord(GOOD_ROOT[-2]) + 1) + "="
    assert base64.b64decode(loose) == ROOT
    with pytest.raises(CheckpointError, match="canonical"):
        parse_checkpoint(GOOD.note.replace(GOOD_ROOT, loose))


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_arbitrary_text_raises_nothing_else(text):
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["PRIVATE", "+", "KEY", "a", "c74f20a3", GO_SKEY[33:], "\n"])))
def test_arbitrary_keys_raise_nothing_else(parts):
    for parse in (Verifier.parse, Signer.parse):
        with pytest.raises(CheckpointError):
            parse("".join(parts))


@pytest.mark.parametrize(
    ("size", "root", "extensions"),
    [
        (-1, ROOT, []),
        (2**63, ROOT, []),
        (1, ROOT[:31], []),
        (1, ROOT, [""]),
        (1, ROOT, ["two\nlines"]),
        (1, ROOT, ["end\n"]),
        (1, ROOT, ["tab\t"]),
    ],
)
def test_nothing_unreadable_is_signed(size, root, extensions):
    with pytest.raises(CheckpointError):
        sign(size, root, SIGNER, extensions=extensions)


def test_the_secret_is_in_no_text_but_its_own():
    signer = Signer.generate("honghu.local/journal")
    secret = base64.b64encode(signer.seed).decode()[:20]
    assert secret not in repr(signer)
    assert repr(signer.seed) not in repr(signer)
    assert Signer.parse(signer.skey) == signer
    with pytest.raises(CheckpointError) as caught:
        Signer.parse(signer.skey[:-4] + "AAA=")
    assert secret not in str(caught.value)
    for name in ("", "two words", "a+b"):
        with pytest.raises(CheckpointError):
            Signer.generate(name)
