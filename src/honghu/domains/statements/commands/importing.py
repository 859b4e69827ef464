"""Taking a bank's file in: each statement whole or not at all, the same one twice is once."""

import dataclasses
import datetime as dt
import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import IO, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.masking import mask_account
from honghu.domains.statements.commands.chaining import Newcomer, place
from honghu.domains.statements.commands.gaps import find_gaps
from honghu.domains.statements.commands.problems import (
    AccountUnknown,
    CurrencyNotKept,
    StatementTooLarge,
    bank_of,
    differs,
    unreadable,
)
from honghu.domains.statements.models import Statement, Waiting
from honghu.domains.statements.queries.desk import MatchingDesk, known_account
from honghu.domains.statements.readers import format_of, read_statements
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.domains.statements.readers.values import (
    Entry,
    Foot,
    Head,
    Item,
    Sums,
    UnreadableStatementError,
)
from honghu.domains.statements.rules.matching import Match
from honghu.kernel.evidence.commands import clean_filename, store_evidence
from honghu.kernel.parties.actor import Actor
from honghu.kernel.webhooks.sealing import seal

CURRENCY: Final = "CNY"
SHOWN: Final = 20
"""Entries that a dry run shows of each statement."""
FILED: Final = ("matched", "exception")
_TOLD_EVERY: Final = 1_000
_COPY: Final = (
    "COPY statements_entry (statement_id, number, line, direction, amount_fen, booked_date, "
    "value_date, reference, payment_no, payer, payer_account, text, is_reversal, parts, outcome, "
    "reason, loan_id, candidates) FROM STDIN"
)
_STATED: Final = attrgetter(
    *(each.name for each in dataclasses.fields(Entry) if each.name not in {"number", "line"})
)
"""What an entry says: neither its number nor its line, which another file may count otherwise."""
Progress = Callable[[int], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """What became of one statement. `is_new` is false for one that was kept before.

    `outcomes` counts entries by what they are; `gaps` are cases of balances that do not meet.
    """

    id: uuid.UUID
    entries: int
    outcomes: Mapping[str, int]
    gaps: tuple[uuid.UUID, ...] = ()
    is_new: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """A statement as a dry run read it, with its first entries. `is_known`: it is kept already."""

    account_masked: str
    foot: Foot
    credit_fen: int
    debit_fen: int
    entries: int
    outcomes: Mapping[str, int]
    first: Sequence[tuple[Entry, Match]]
    statement_no: str | None = None
    sequence: int | None = None
    is_known: bool = False


def take_statements(
    file: IO[bytes],
    *,
    filename: str,
    actor: Actor,
    now: dt.datetime,
    terms: CsvTerms | None = None,
    progress: Progress | None = None,
) -> list[Taken]:
    """Keep the statements of a file; their entries are filed afterwards (`continue_filing`).

    All in one transaction; `progress` hears how many entries were read. Raises NotTheBank,
    UnableToReadStatement, AccountUnknown, CurrencyNotKept, StatementDiffers, StatementOverlaps,
    StatementGap, and what `store_evidence` raises; then nothing at all is kept.
    """
    bank_id, name = bank_of(actor), clean_filename(filename)
    _check_size(file)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a file
    if known := list(Statement.objects.filter(bank_id=bank_id, file_sha256=sha256)):
        return [_known(each) for each in known]
    kept = _Kept(bank_id, name, sha256, format_of(file), actor, now, progress)
    desk = MatchingDesk(now=now)
    try:
        with transaction.atomic():
            items = read_statements(file, terms)
            taken = [kept.keep(head, items, desk) for head in _heads(items)]
            if any(each.is_new for each in taken):
                file.seek(0)
                store_evidence(content=file, filename=name, actor=actor, now=now, kind="document")
    except UnreadableStatementError as error:
        raise unreadable(error, name) from error
    return taken


def preview_statements(
    file: IO[bytes],
    *,
    filename: str,
    actor: Actor,
    now: dt.datetime,
    terms: CsvTerms | None = None,
) -> list[Preview]:
    """Read a file to its end as `take_statements` would, and keep nothing. Raises as it does."""
    bank_id, desk = bank_of(actor), MatchingDesk(now=now)
    _check_size(file)
    try:
        return list(_previews(read_statements(file, terms), desk, bank_id))
    except UnreadableStatementError as error:
        raise unreadable(error, clean_filename(filename)) from error


def _previews(items: Iterator[Item], desk: MatchingDesk, bank_id: uuid.UUID) -> Iterator[Preview]:
    """The statements one by one. A later one of the file may follow an earlier one of its account,
    which is not kept yet: only the first is compared with those that are."""
    seen: set[str] = set()
    for head in _heads(items):
        index = _index(head, bank_id)
        others = Statement.objects.filter(bank_id=bank_id, account_index=index)
        yield _preview(head, items, desk, index, None if index in seen else others)
        seen.add(index)


def _check_size(file: IO[bytes]) -> None:
    """Refuse at once what could not be kept as evidence. Raises StatementTooLarge."""
    most = settings.HONGHU_EVIDENCE_MAX_BYTES
    if file.seek(0, 2) > most:
        message = _("The file is larger than {most} bytes.").format(most=most)
        raise StatementTooLarge(message, remedy=_("Bring the days in one by one."))
    file.seek(0)


def _heads(items: Iterator[Item]) -> Iterator[Head]:
    """The heads one by one: whoever takes one reads its entries up to the foot before the next."""
    while isinstance(item := next(items, None), Head):
        yield item


def _index(head: Head, bank_id: uuid.UUID) -> str:
    """The index of the account. Raises AccountUnknown, CurrencyNotKept."""
    if head.currency != CURRENCY:
        message = _("The statement is in {currency}; accounts are kept in {kept}.").format(
            currency=head.currency, kept=CURRENCY
        )
        raise CurrencyNotKept(message, remedy=_("Bring in the statement of the yuan account."))
    index = known_account(bank_id, head)
    if index is None:
        message = _("The account {account} was never locked for a loan of your bank.").format(
            account=mask_account(head.account_no)
        )
        remedy = _("Check the account number, or propose the account at its loan first.")
        raise AccountUnknown(message, remedy=remedy)
    return index


def _preview(
    head: Head,
    items: Iterator[Item],
    desk: MatchingDesk,
    index: str,
    others: QuerySet[Statement] | None,
) -> Preview:
    first: list[tuple[Entry, Match]] = []
    outcomes: Counter[str] = Counter()
    sums, digest = Sums(), _digest(head)
    for item in items:
        if not isinstance(item, Entry):
            break
        match = desk.match(item, index)
        digest.update(repr(_STATED(item)).encode())
        sums.add(item)
        outcomes[match.outcome] += 1
        if len(first) < SHOWN:
            first.append((item, match))
    assert isinstance(item, Foot)  # noqa: S101 readers end every statement with a foot
    digest.update(repr(item).encode())
    known = None
    if others is not None:
        known = _same(head, digest.hexdigest(), others)
        if known is None:
            place(Newcomer(new_id(), head, item), others)
    return Preview(
        mask_account(head.account_no),
        item,
        sums.credit_fen,
        sums.debit_fen,
        sums.entries,
        outcomes,
        first,
        head.statement_no,
        head.sequence,
        is_known=known is not None,
    )


def _digest(head: Head) -> "hashlib._Hash":
    """What says that two statements state the same: begun with the head, ended with the foot."""
    return hashlib.sha256(repr(head).encode())


def _same(head: Head, digest: str, others: QuerySet[Statement]) -> Statement | None:
    """The same statement, if it is kept. Raises StatementDiffers."""
    same = others.filter(digest=digest).first()
    if same is not None or head.statement_no is None:
        return same
    named = others.filter(statement_no=head.statement_no).first()
    if named is None:
        return None
    raise differs(named)


@dataclasses.dataclass(slots=True)
class _Kept:
    """One file being kept."""

    bank_id: uuid.UUID
    filename: str
    sha256: str
    format: str
    actor: Actor
    now: dt.datetime
    progress: Progress | None
    read: int = 0

    def keep(self, head: Head, items: Iterator[Item], desk: MatchingDesk) -> Taken:
        """Keep one statement, or find that it is kept."""
        index = _index(head, self.bank_id)
        with connection.cursor() as cursor:
            # Two files of one account wait for each other.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [index])
        statement_id = new_id()
        with transaction.atomic():
            copied = self._copy(statement_id, index, items, desk, head)
            others = Statement.objects.filter(bank_id=self.bank_id, account_index=index)
            standing = _same(head, copied.digest, others)
            if standing is not None:
                transaction.set_rollback(True)
                return _known(standing)
            new = Newcomer(statement_id, head, copied.foot)
            at = place(new, others)
            statement = self._write(new, copied, index, at)
        gaps = find_gaps(statement, now=self.now)
        if any(copied.outcomes[each] for each in FILED):
            Waiting.objects.create(statement=statement)
        return Taken(statement.id, statement.entries, copied.outcomes, gaps, is_new=True)

    def _copy(
        self,
        statement_id: uuid.UUID,
        index: str,
        items: Iterator[Item],
        desk: MatchingDesk,
        head: Head,
    ) -> "_Copied":
        digest = _digest(head)
        sums, outcomes = Sums(), Counter[str]()
        item: Item | None = None
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for item in items:
                if not isinstance(item, Entry):
                    break
                match = desk.match(item, index)
                copy.write_row(_row(statement_id, item, match))
                digest.update(repr(_STATED(item)).encode())
                sums.add(item)
                outcomes[match.outcome] += 1
                self.read += 1
                if self.progress is not None and self.read % _TOLD_EVERY == 0:
                    self.progress(self.read)
        assert isinstance(item, Foot)  # noqa: S101 readers end every statement with a foot
        digest.update(repr(item).encode())
        return _Copied(item, sums, outcomes, digest.hexdigest())

    def _write(self, new: Newcomer, copied: "_Copied", index: str, at: int) -> Statement:
        head, foot = new.head, new.foot
        return Statement.objects.create(
            id=new.id,
            bank_id=self.bank_id,
            account_index=index,
            account_masked=mask_account(head.account_no),
            account_sealed=seal(head.account_no),
            currency=head.currency,
            statement_no=head.statement_no,
            sequence=head.sequence,
            from_date=foot.from_date,
            to_date=foot.to_date,
            place=at,
            opening_fen=foot.opening_fen,
            closing_fen=foot.closing_fen,
            credit_fen=copied.sums.credit_fen,
            debit_fen=copied.sums.debit_fen,
            entries=copied.sums.entries,
            pending=foot.pending,
            format=self.format,
            filename=self.filename,
            file_sha256=self.sha256,
            digest=copied.digest,
            person_id=self.actor.person_id,
            imported_at=self.now,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _Copied:
    foot: Foot
    sums: Sums
    outcomes: Counter[str]
    digest: str


def _known(statement: Statement) -> Taken:
    return Taken(statement.id, statement.entries, {})


def _row(statement_id: uuid.UUID, entry: Entry, match: Match) -> tuple[Any, ...]:
    candidates = [
        {"loan": str(each.loan_id), "number": each.loan_number, "grounds": each.grounds}
        for each in match.candidates
    ]
    return (
        statement_id,
        entry.number,
        entry.line,
        entry.direction,
        entry.amount_fen,
        entry.booked_date,
        entry.value_date,
        _text(entry.reference),
        _text(entry.payment_no),
        _text(entry.payer),
        mask_account(entry.payer_account) if entry.payer_account else None,
        _text(entry.text) or "",
        entry.is_reversal,
        entry.parts,
        match.outcome,
        match.reason,
        match.loan_id,
        json.dumps(candidates, ensure_ascii=False) if candidates else None,
    )


def _text(text: str | None) -> str | None:
    # PostgreSQL's text holds no NUL.
    return None if text is None else text.replace("\x00", "\ufffd")
