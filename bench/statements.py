"""Benchmark of bank statements: python -m bench.statements [--entries 100000] [--contracts 2000].

A camt.053 of one day is read, checked against its schema, matched with the locked contracts and
kept; the limit is COPY of the same rows, in the same run. Then the filing: entries that are certain
become payments on a loan, each in a transaction of its own. Memory is the process's highest.
"""

import argparse
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, say

if TYPE_CHECKING:
    from bench.locked import Planted

NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 6, 1)
KINDS = ("contract", "contract", "project", "other", "out")


def write(path: Path, planted: "Planted", entries: int, day: dt.date) -> None:
    """A statement of so many entries: three of five name a contract, one is another's, one goes out."""
    from bench.locked import ACCOUNT

    namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
    each = entries // len(KINDS)
    closing = 3 * each + each - each
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><BkToCstmrStmt>'
            f"<GrpHdr><MsgId>{day}</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>\n"
            f"<Stmt><Id>{day}</Id><CreDtTm>{day}T20:00:00</CreDtTm>"
            f"<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n"
        )
        for code, yuan in (("OPBD", 0), ("CLBD", closing)):
            file.write(
                f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
                f'<Amt Ccy="CNY">{yuan}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
                f"<Dt><Dt>{day}</Dt></Dt></Bal>\n"
            )
        file.writelines(_entries(planted, each, day))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def _entries(planted: "Planted", each: int, day: dt.date) -> Iterator[str]:
    contracts = planted.contracts
    for number in range(each * len(KINDS)):
        kind, contract = KINDS[number % len(KINDS)], contracts[number % len(contracts)]
        side, party = ("DBIT", "Cdtr") if kind == "out" else ("CRDT", "Dbtr")
        payer = planted.buyer if kind in {"contract", "project"} else "洪湖市某某商贸有限公司"
        named = contract if kind == "contract" else contract.removesuffix("-HT")
        text = f"录播教室设备采购 {named} 第{number}笔" if kind != "other" else "往来款"
        yield (
            f'<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>{side}</CdtDbtInd>'
            f"<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
            f"<AcctSvcrRef>{day:%m%d}R{number:07}</AcctSvcrRef><BkTxCd><Prtry><Cd>N</Cd></Prtry>"
            f"</BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{day:%m%d}E{number:07}</EndToEndId></Refs>"
            f"<RltdPties><{party}><Nm>{payer}</Nm></{party}></RltdPties>"
            f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        )


def copy_again() -> float:
    """Seconds that COPY takes for the same rows, into a table with the same columns and indexes."""
    import io

    from django.db import connection

    columns = (
        "statement_id, number, line, direction, amount_fen, booked_date, value_date, reference, "
        "payment_no, payer, payer_account, text, is_reversal, parts, outcome, reason, loan_id, "
        "candidates"
    )
    held = io.BytesIO()
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY statements_entry ({columns}) TO STDOUT") as source:
            for block in source:
                held.write(block)
        cursor.execute("CREATE TEMP TABLE again (LIKE statements_entry INCLUDING ALL)")
        held.seek(0)
        began = time.perf_counter()
        with cursor.copy(f"COPY again ({columns}) FROM STDIN") as target:
            while block := held.read(1 << 20):
                target.write(block)
        return time.perf_counter() - began


def peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Take a statement in, copy its rows again, file the first of another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--contracts", type=int, default=2_000)
    parser.add_argument("--filed", type=int, default=200, help="entries that are filed as payments")
    given = parser.parse_args()
    with installation(), tempfile.TemporaryDirectory() as folder:
        from bench.locked import Planted, plant

        from honghu.domains.statements.commands.filing import continue_filing
        from honghu.domains.statements.commands.importing import take_statements

        planted = plant(given.contracts, NOW)
        path = Path(folder) / "statement.xml"
        write(path, planted, given.entries, DAY)
        before = peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as file:
            (taken,) = take_statements(file, filename=path.name, actor=planted.bank, now=NOW)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        again = copy_again()
        say(
            f"{taken.entries:,} entries against {len(planted.contracts):,} contracts"
            f" ({path.stat().st_size / 1e6:.0f} MB): {took:.1f} s, {cpu:.1f} s of processor here,"
            f" {taken.entries / took:,.0f}/s; {dict(taken.outcomes)}"
        )
        say(f"memory: {before:.0f} MB before, {peak_mb():.0f} MB at its highest")
        say(f"COPY of the same rows: {again:.2f} s; taking in is {took / again:.1f} times that")
        one = Planted(planted.bank, planted.buyer, planted.contracts[:1])
        write(path, one, given.filed * len(KINDS) // 3, DAY - dt.timedelta(days=1))
        with path.open("rb") as file:
            (small,) = take_statements(file, filename=path.name, actor=planted.bank, now=NOW)
        began = time.perf_counter()
        filed = continue_filing(now=NOW, statement_id=small.id)
        took = time.perf_counter() - began
        say(f"filed {filed} certain entries as payments: {filed / took:.0f}/s")


if __name__ == "__main__":
    main()
