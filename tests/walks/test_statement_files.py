"""Files of banks that are wrong in every way: refused with their place, and nothing is kept."""

import contextlib
import datetime as dt
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from honghu.base.problems import HonghuError
from honghu.domains.statements.commands.importing import preview_statements, take_statements
from honghu.domains.statements.models import Entry, Statement
from honghu.domains.statements.readers import read_statements
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.domains.statements.readers.values import Foot, Head, UnreadableStatementError
from honghu.site.county import Member
from tests.statements import ACCOUNT, Line, camt, csv
from tests.thread import Thread, begin

TERMS = CsvTerms(account_no=ACCOUNT)
VALID = camt([Line("1000.00", payment_no="GK-1"), Line("-5.50", text="手续费"), Line("3.00")])
XXE = b"""<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&x;</Document>"""
LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<Document a="&d;">&d;</Document>"""


def read(content: bytes, terms: CsvTerms = TERMS) -> list[object]:
    return list(read_statements(io.BytesIO(content), terms))


def fault(content: bytes, terms: CsvTerms = TERMS) -> UnreadableStatementError:
    with pytest.raises(UnreadableStatementError) as refusal:
        read(content, terms)
    assert refusal.value.remedy
    return refusal.value


@pytest.mark.parametrize("version", [f"{each:02}" for each in range(2, 15)])
def test_every_version_is_read_and_checked_against_its_schema(version: str) -> None:
    lines = [Line("1000.00", payer="甲方", payment_no="GK-1"), Line("-5.50")]
    head, first, second, foot = read(camt(lines, version=version))
    assert isinstance(head, Head)
    assert isinstance(foot, Foot)
    assert (head.account_no, head.sequence, foot.closing_fen) == (ACCOUNT, 1, 99_450)
    assert (first.payer, first.payment_no, first.amount_fen) == ("甲方", "GK-1", 100_000)  # type: ignore[attr-defined]
    assert second.direction == "debit"  # type: ignore[attr-defined]
    wrong = camt(lines, version=version).replace(b"<MsgId>M-1</MsgId>", b"<MsgId/><Wrong/>")
    assert fault(wrong).line is not None


def test_a_later_version_than_the_schemas_is_read_too() -> None:
    assert len(read(camt([Line("1.00")], version="99"))) == 3


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (XXE, "document-type", None),
        (LAUGHS, "document-type", None),
        (LAUGHS.decode().encode("utf-16"), "document-type", None),
        (b"<?xml version='1.0'?>", "malformed", 1),
        (VALID[:-40], "malformed", 10),
        (VALID[:1500], "malformed", 10),
        (b"<html><body>no statement</body></html>", "not-camt", 1),
        (VALID.replace(b"camt.053.001.08", b"pain.001.001.03"), "not-camt", 2),
        (camt([Line("1.00")], closing="2.00"), "sums", 4),
        (VALID.replace(b"CLBD", b"CLAV"), "balance", 4),
        (VALID.replace(b"CLBD", b"OPBD"), "balance", 7),
        (VALID.replace(b">1000.00<", b">1000.001<", 1), "amount", 8),
        (VALID.replace(b'<Ntry><Amt Ccy="CNY">', b'<Ntry><Amt Ccy="USD">', 1), "currency", 8),
        (VALID.replace(b"2026-06-01</Dt></BookgDt>", b"2026-06-02</Dt></BookgDt>", 1), "period", 4),
        (VALID.replace(b"2026-06-01</Dt></BookgDt>", b"2026-13-01</Dt></BookgDt>", 1), "date", 8),
        (b"", "empty", None),
        (b"\x00\x01\x02\xff\xfe" * 50, "encoding", 1),
        (csv([]), "balance", None),
        (b"a,b\r\n1,2\r\n", "heads", 1),
        (csv(["20260631,x,1.00,,1.00,y,1"]), "cell", 4),
        (csv(["20260601,x,1.00,,1.00,y,1", "6/1/26,x,1.00,,2.00,y,1"]), "cell", 5),
        (csv(['20260601,x,"1,00.00",,1.00,y,1']), "cell", 4),
        (csv(["20260601,x,1.005,,1.00,y,1"]), "cell", 4),
        (csv(["20260601,x,1.00,2.00,1.00,y,1"]), "cell", 4),
        (csv(["20260601,x,1.00,,1.00,y"]), "row", 4),
        (csv(["20260601,x,1.00,,1.00,y,1", "20260601,x,1.00,,3.00,y,1"]), "balance-chain", 5),
        (csv(['20260601,x,"1.00,,1.00,y,1']), "row", 5),
    ],
)
def test_what_is_wrong_is_named_with_its_line(content: bytes, code: str, line: int | None) -> None:
    found = fault(content)
    assert (found.code, found.line) == (code, line), str(found)


def test_a_csv_says_what_it_does_not_hold() -> None:
    heads = "交易日期,对方户名,金额,借贷标志\n".encode()
    rows = "20260601,甲,5.00,贷\n20260601,乙,2.00,借\n".encode()
    assert fault(heads + rows).code == "balance"
    beside = CsvTerms(account_no=ACCOUNT, opening_fen=100, closing_fen=400)
    *_rest, foot = read(heads + rows, beside)
    assert isinstance(foot, Foot)
    assert fault(heads + rows, CsvTerms(opening_fen=0, closing_fen=300)).code == "account"
    newest = csv(["20260601,x,,2.00,3.00,y,2", "20260531,x,5.00,,5.00,y,1"])
    assert fault(newest).code == "balance-chain"
    *_rest, foot = read(newest, CsvTerms(account_no=ACCOUNT, newest_first=True))
    assert isinstance(foot, Foot)
    assert (foot.opening_fen, foot.closing_fen) == (0, 300)
    named = CsvTerms(
        account_no=ACCOUNT, columns={"date": "日", "amount": "数"}, opening_fen=0, closing_fen=100
    )
    assert len(read("日,数\n2026/6/1,1.00\n".encode("gb18030"), named)) == 3


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    begun = begin(county, now)
    begun.locked()
    return begun


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, len(VALID) - 1),
        st.sampled_from(["cut", "flip", "drop", "twice", "text"]),
        st.binary(max_size=12),
    ),
    min_size=1,
    max_size=3,
)


def mutated(changes: list[tuple[int, str, bytes]], content: bytes) -> bytes:
    for at, kind, extra in changes:
        place = min(at, max(len(content) - 1, 0))
        match kind:
            case "cut":
                content = content[:place]
            case "flip":
                content = content[:place] + extra + content[place + len(extra) :]
            case "drop":
                content = content[:place] + content[place + 20 :]
            case "twice":
                content = content[:place] + content[place : place + 200] + content[place:]
            case _:
                content = content[:place] + extra + content[place:]
    return content


def test_a_thousand_spoilt_files_never_break_the_reader(thread: Thread) -> None:
    """Whatever becomes of a valid file: it is kept whole, or refused with a code, and nothing kept."""
    actor = thread.cast["lianhu-manager"].actor(thread.now.date())
    tried = 0

    @settings(max_examples=1000, suppress_health_check=list(HealthCheck), database=None)
    @given(MUTATIONS)
    @example([(0, "text", b"")])
    def spoil(changes: list[tuple[int, str, bytes]]) -> None:
        nonlocal tried
        tried += 1
        content = mutated(changes, VALID)
        with contextlib.suppress(HonghuError):
            preview_statements(
                io.BytesIO(content), filename="s.xml", actor=actor, now=thread.now, terms=TERMS
            )
            return
        if tried % 20 == 0:
            with pytest.raises(HonghuError):
                take_statements(io.BytesIO(content), filename="s", actor=actor, now=thread.now)
            assert not Statement.objects.exists()
            assert not Entry.objects.exists()

    spoil()
    assert tried >= 1000
