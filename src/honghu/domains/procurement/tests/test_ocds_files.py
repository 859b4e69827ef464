"""OCDS files as they come: every form of package, and everything that is no package."""

import contextlib
import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.procurement.readers.found import Fault, Part, UnreadableSourceError
from honghu.domains.procurement.readers.ocds import streams
from honghu.domains.procurement.readers.ocds.checks import check_release, parse_date_time
from honghu.domains.procurement.readers.ocds.merging import compile_releases
from honghu.domains.procurement.readers.sources.ocds import SOURCE
from honghu.domains.procurement.tests.ocds import contract, release

ONE = json.dumps(release(), ensure_ascii=False)


def _write(folder: Path, text: str | bytes, name: str = "file.json") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _read(path: Path) -> tuple[list[Part], list[Fault]]:
    found = list(SOURCE.read(path))
    return (
        [each for each in found if isinstance(each, Part)],
        [each for each in found if isinstance(each, Fault)],
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", ONE),
        ("a.json", f"[{ONE}]"),
        ("a.json", f'{{"uri": "x", "releases": [ {ONE} ], "version": "1.1"}}'),
        ("a.json", f'{{"records": [{{"ocid": "x", "releases": [{ONE}]}}]}}'),
        ("a.json", f'{{"records": [{{"ocid": "x", "compiledRelease": {ONE}}}]}}'),
        ("a.json", "\ufeff" + ONE),
        ("a.json", ONE + "\n\n"),
        ("a.jsonl", ONE),
        ("a.jsonl", f'\n{ONE}\r\n\n{{"releases": []}}\n'),
        ("a.ndjson", f'{{"releases": [{ONE}]}}'),
        ("a.json", f'{ONE}\n{{"records": []}}\n'),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_form_gives_the_release(tmp_path: Path, name: str, text: str, packed: bool) -> None:
    content = gzip.compress(text.encode()) if packed else text.encode()
    path = _write(tmp_path, content, name + (".gz" if packed else ""))
    assert SOURCE.recognises(path)
    parts, faults = _read(path)
    assert [json.loads(part.body) for part in parts] == [release()]
    assert faults == []


def test_a_linked_record_says_where_to_go(tmp_path: Path) -> None:
    links = {"ocid": "x", "releases": [{"url": "https://example.org/1"}]}
    parts, faults = _read(_write(tmp_path, json.dumps({"records": [links]})))
    assert parts == []
    assert [(fault.code, fault.process) for fault in faults] == [("linked", "x")]


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", b"", "not_json"),
        ("a.json", b"\x89PNG\r\n\x1a\n\xff", "not_json"),
        ("a.json", b"just text", "not_json"),
        ("a.json", b"{}", "not_ocds"),
        ("a.json", b'{"uri": "x"}', "not_ocds"),
        ("a.json", f'{{"releases": [{ONE}'.encode(), "not_json"),
        ("a.json", f'{{"releases": [{ONE[:-9]}'.encode(), "not_json"),
        ("a.json", f'{{"releases": [{ONE}]}} x'.encode(), "not_json"),
        ("a.json", f'{{"releases": [{ONE} {ONE}]}}'.encode(), "not_json"),
        ("a.json", f'{{"releases": [{ONE}], "releases": []}}'.encode(), "twins"),
        ("a.json", b'{"releases": [{"ocid": "a", "ocid": "b"}]}', "twins"),
        ("a.json", b'{"releases": [{"a": NaN}]}', "not_json"),
        ("a.json", b'{"releases": [{"a": 1e999}]}', "not_json"),
        ("a.json", b'{"releases": [{"a": ' + b"9" * 5000 + b"}]}", "not_json"),
        ("a.json", f'{{"releases": [{DEEP}'.encode(), "too_deep"),
        ("a.json", ONE.encode("utf-16"), "not_json"),
        ("a.json", ONE.encode("gb18030"), "not_json"),
        ("a.jsonl", f"{ONE}\n{ONE[:-5]}".encode(), "not_json"),
        ("a.jsonl", ONE.encode("gb18030"), "not_json"),
        ("a.json.gz", gzip.compress(ONE.encode())[:-20], "not_json"),
        ("a.jsonl.gz", gzip.compress(f"{ONE}\n".encode())[:-20], "not_json"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(UnreadableSourceError) as refused:
        _read(_write(tmp_path, content, name))
    assert refused.value.code == code
    assert refused.value.place
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("line", "code"),
    [("{", "not_json"), ('{"ocid": 1, "ocid": 2}', "twins"), (DEEP, "too_deep"), ("5", "type")],
)
def test_a_broken_line_leaves_the_others(tmp_path: Path, line: str, code: str) -> None:
    parts, faults = _read(_write(tmp_path, f"{ONE}\n{line}\n{ONE}\n", "a.jsonl"))
    assert len(parts) == 2
    assert [(fault.code, fault.place, fault.refused) for fault in faults] == [
        (code, "line 2", True)
    ]


def test_a_line_without_end_is_passed_over_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "RELEASE_BYTES_MAX", 1 << 20)
    path = tmp_path / "long.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(ONE.encode() + b'\n{"a": "')
        for _each in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + ONE.encode())
    tracemalloc.start()
    parts, faults = _read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(parts) == 2
    assert [(fault.code, fault.place) for fault in faults] == [("too_long", "line 2")]
    assert peak < 12 << 20
    package = _write(tmp_path, '{"releases": [{"a": "' + "x" * (4 << 20), "p.json")
    with pytest.raises(UnreadableSourceError) as refused:
        _read(package)
    assert refused.value.code == "too_long"


def _changed(**more: Any) -> dict[str, Any]:
    return release() | more


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([], ""),
        ("text", ""),
        (_changed(ocid=None), "ocid"),
        (_changed(ocid=["x"]), "ocid"),
        (_changed(id={}), "id"),
        (_changed(date="2026-02-30T00:00:00Z"), "date"),
        (_changed(date="2026-05-11"), "date"),
        (_changed(date="2026-05-11T09:30:00"), "date"),
        (_changed(date=20260511), "date"),
        (_changed(date="9999-12-31T23:59:59-14:00"), "date"),
        (_changed(awards={}), "awards"),
        (_changed(awards=["A1"]), "awards/0"),
        (_changed(awards=[None]), "awards/0"),
        (_changed(awards=[{"id": "1"}, {"id": 1}]), "awards/1/id"),
        (_changed(awards=[{}]), "awards/0/id"),
        (release(amount="12"), "awards/0/value/amount"),
        (release(amount=True), "awards/0/value/amount"),
        (release(amount=10**300), "awards/0/value/amount"),
        (_changed(contracts=[{"id": "C"}]), "contracts/0/awardID"),
        (_changed(buyer="x"), "buyer"),
        (_changed(tender=[]), "tender"),
        (_changed(parties=[{"id": "x", "identifier": "y"}]), "parties/0/identifier"),
    ],
)
def test_a_wrong_type_refuses_the_release_and_names_its_path(value: Any, path: str) -> None:
    refused = [fault for fault in check_release(value) if fault.refused]
    assert path in {fault.path for fault in refused}
    assert all(fault.remedy for fault in refused)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (_changed(tag=None), "tag"),
        (release(status="won"), "awards/0/status"),
        (release(currency="yuan"), "awards/0/value/currency"),
        (_changed(buyer={"id": "nobody"}), "buyer/id"),
        (_changed(tender={"id": "1", "status": "open"}), "tender/status"),
    ],
)
def test_what_is_only_odd_is_noted_and_taken(value: Any, path: str) -> None:
    (fault,) = check_release(value)
    assert (fault.path, fault.refused) == (path, False)


def test_text_that_no_database_keeps_is_refused(tmp_path: Path) -> None:
    texts = [
        ONE.replace("设备", "\\u0000"),
        ONE.replace("设备", "\\ud800"),
        ONE.replace("设备", "\\u8bbe"),
    ]
    parts, faults = _read(_write(tmp_path, "\n".join(texts), "a.jsonl"))
    assert len(parts) == 1
    assert [fault.code for fault in faults] == ["text", "text"]


def test_releases_are_merged_by_instant() -> None:
    early, late = release(date="2026-05-11T09:00:00+08:00", amount=1), contract()
    dated = []
    for each in (late, early):
        moment = parse_date_time(each["date"])
        assert moment is not None
        dated.append((moment, each))
    compiled = compile_releases(dated)
    assert compiled == compile_releases(reversed(dated))
    assert compiled["tag"] == ["compiled"]
    assert [each["id"] for each in compiled["awards"]] == ["A1"]
    assert [each["id"] for each in compiled["contracts"]] == ["C1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(
    ["ocid", "id", "date", "tag", "buyer", "tender", "awards", "contracts", "parties"]
)


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_stands_in_a_release_is_judged_and_mergeable_if_kept(wild: dict[str, Any]) -> None:
    value = release() | wild
    faults = check_release(value)
    if any(fault.refused for fault in faults):
        return
    moment = parse_date_time(value["date"])
    assert moment is not None
    part = Part(value["ocid"], str(value["id"]), moment, json.dumps(value))
    for each in SOURCE.merge(value["ocid"], [part]):
        assert isinstance(each, Fault) or each.notice.lots


@given(st.text(max_size=40), st.sampled_from(["a.json", "a.jsonl"]))
def test_any_text_is_read_or_refused_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    path = _write(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"), name)
    # Nothing but a refusal may leave it.
    with contextlib.suppress(UnreadableSourceError):
        parts, faults = _read(path)
        assert parts == []
        assert all(fault.refused and fault.place for fault in faults)
