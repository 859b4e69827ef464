"""The close of a business day: its steps, over chunks, by several workers, from where it stopped.

reprice -> serve (chunks of loans) -> post -> nonaccrual -> classify (chunks of borrowers) -> provide
-> remind (chunks of loans) -> report. Each step of each chunk is one transaction with its mark in
`lending_closingstep`, so that a run that was killed anywhere is taken up by the next one.
"""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection, connections, transaction

from honghu.domains.lending.closing import classifying, serving
from honghu.domains.lending.closing.models import Closing, ClosingSkip, ClosingStep
from honghu.domains.lending.closing.nonaccrual import turn_nonaccrual
from honghu.domains.lending.closing.problems import UnableToClose
from honghu.domains.lending.closing.progress import Counts, do_once, only_one
from honghu.domains.lending.closing.provisioning import provide
from honghu.domains.lending.closing.reminding import remind_span
from honghu.domains.lending.closing.report import build_report, earned_by_books
from honghu.domains.lending.closing.repricing import reprice_due
from honghu.domains.lending.closing.sql import LOAN_BOUNDS
from honghu.domains.lending.commands.accruals import open_batch, post_batch
from honghu.domains.lending.rules.provision import read_provision_rules
from honghu.kernel.rulesets.queries import find_rule, get_rule, list_rules, reading_one_edition

LOANS_A_CHUNK: Final = 10_000
BORROWERS_A_CHUNK: Final = 2_000
WORKERS: Final = 2


class Progress(NamedTuple):
    """How far a day is: chunks done of a step's chunks."""

    business_date: dt.date
    step: str
    done: int
    chunks: int


Report = Mapping[str, Any]
OnProgress = Callable[[Progress], None]


def close_day(
    business_date: dt.date,
    *,
    now: dt.datetime,
    today: dt.date,
    workers: int = WORKERS,
    wait: bool = False,
    on_progress: OnProgress | None = None,
    loans_a_chunk: int = LOANS_A_CHUNK,
    borrowers_a_chunk: int = BORROWERS_A_CHUNK,
) -> Report:
    """Close a business day, or finish closing it; gives its report.

    On a day that is closed only the loans that it skipped are tried again. Raises UnableToClose for
    a day after `today`, before the last one closed, or while an earlier one is unfinished;
    ClosingRuns while another close runs, unless it may `wait`.
    """
    if business_date > today:
        raise UnableToClose(
            f"{business_date} is not over: today is {today}", remedy="close it when it has come"
        )
    with only_one(wait=wait), reading_one_edition():
        closing = _begin(business_date, now, loans_a_chunk)
        run = _Run(
            closing, now, workers, borrowers_a_chunk, on_progress or (lambda _progress: None)
        )
        if closing.finished_at is None:
            run.all_steps()
        return run.finish()


def days_to_close(
    *, first: dt.date | None, through: dt.date | None, today: dt.date
) -> list[dt.date]:
    """The days from `first` to `through`; without a first, from the one not finished or the next.

    Without `through` it is one day where a first is given, and else all up to today. Interest runs
    on every day of the calendar, so every day of it is closed. Raises UnableToClose if the last is
    before the first, or for a day that has not come.
    """
    start = first
    if start is None:
        last = Closing.objects.order_by("-business_date").first()
        start = today
        if last is not None:
            start = last.business_date + dt.timedelta(days=last.finished_at is not None)
    end = through or (start if first else today)
    if end > today:
        raise UnableToClose(
            f"{end} is not over: today is {today}", remedy="close it when it has come"
        )
    if end < start and (first or through):
        raise UnableToClose(
            f"the days from {start} to {end} run backwards", remedy="give the earlier day first"
        )
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def _begin(day: dt.date, now: dt.datetime, loans_a_chunk: int) -> Closing:
    """The day's close, made if it is new: its chunks and batch stay the same however often it runs."""
    found = Closing.objects.filter(pk=day).first()
    if found is not None:
        return found
    last = Closing.objects.order_by("-business_date").first()
    if last is not None and last.finished_at is None:
        raise UnableToClose(
            f"{last.business_date} is not finished", remedy=f"close {last.business_date} first"
        )
    if last is not None and last.business_date > day:
        raise UnableToClose(
            f"{last.business_date} is closed, {day} is before it",
            remedy="an event of an earlier day is replayed, not closed again",
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOAN_BOUNDS, {"size": loans_a_chunk})
        bounds = [str(row[0]) for row in cursor.fetchall()]
        return Closing.objects.create(
            business_date=day,
            batch_id=open_batch(business_date=day, now=now),
            started_at=now,
            loan_bounds=bounds,
            rules=[rule.cite() for rule in list_rules(on=day, domain="lending", region=_region())],
        )


def _region() -> str | None:
    region: str | None = settings.HONGHU_REGION
    return region


class _Run:
    """One run over a day."""

    def __init__(
        self,
        closing: Closing,
        now: dt.datetime,
        workers: int,
        borrowers_a_chunk: int,
        on_progress: OnProgress,
    ) -> None:
        self.closing = closing
        self.day = closing.business_date
        self.now = now
        self.workers = workers
        self.borrowers_a_chunk = borrowers_a_chunk
        self.on_progress = on_progress

    def all_steps(self) -> None:
        """Every step in its order; each waits for all chunks of the one before it."""
        self.over("reprice", [self._reprice])
        self.over("serve", [partial(self._serve, *span) for span in self.loan_spans()])
        self.over("post", [self._post])
        self.over("nonaccrual", [self._nonaccrual])
        rules = classifying.classification_rules(self.day)
        self.over(
            "classify",
            [
                partial(classifying.classify_borrowers, bounds, rules, self.day, self.now)
                for bounds in self.borrower_bounds()
            ],
        )
        ratios = read_provision_rules(partial(find_rule, on=self.day, region=_region()))
        self.over("provide", [partial(provide, ratios, self.day, self.now)])
        before, after = (
            get_rule(f"lending.{code}", on=self.day, region=_region()).as_int()
            for code in ("remind_before_due", "remind_overdue")
        )
        self.over(
            "remind",
            [
                partial(remind_span, *span, self.day, self.now, before=before, after=after)
                for span in self.loan_spans()
            ],
        )

    def over(self, step: str, works: Sequence[Callable[[], Counts]]) -> None:
        """Do a step for each chunk, by the workers at once; the first failure ends the run."""
        lock, done = threading.Lock(), 0

        def one(chunk: int) -> None:
            nonlocal done
            do_once(self.day, step, chunk, self.now, works[chunk])
            with lock:
                done += 1
                self.on_progress(Progress(self.day, step, done, len(works)))

        self.on_progress(Progress(self.day, step, 0, len(works)))
        chunks = [partial(one, chunk) for chunk in range(len(works))]
        if self.workers == 1 or len(works) == 1:
            for chunk in chunks:
                chunk()
        else:
            _in_parallel(chunks, min(self.workers, len(works)))

    def loan_spans(self) -> list[tuple[uuid.UUID, uuid.UUID | None]]:
        """First id of each chunk of loans and that of the next; the last is open to the end.

        The first begins with the lowest id, so that no loan lies before it.
        """
        bounds = [uuid.UUID(text) for text in self.closing.loan_bounds]
        starts = [uuid.UUID(int=0), *bounds[1:]]
        return list(zip(starts, [*starts[1:], None], strict=True))

    def borrower_bounds(self) -> list[classifying.Bounds]:
        """Chunks of borrowers, fixed at the first asking: a run that resumes has the same."""
        if self.closing.borrower_bounds is None:
            found = classifying.borrower_bounds(self.day, self.borrowers_a_chunk)
            self.closing.borrower_bounds = [[str(first), str(last)] for first, last in found]
            self.closing.save(update_fields=["borrower_bounds"])
        return [(uuid.UUID(first), uuid.UUID(last)) for first, last in self.closing.borrower_bounds]

    def finish(self) -> Report:
        """Try again what was skipped, write the report and end the day."""
        is_first = self.closing.finished_at is None
        retried = 0 if is_first else self._retry()
        if is_first or retried:
            with transaction.atomic():
                self.closing.report = build_report(self.closing)
                self.closing.finished_at = self.closing.finished_at or self.now
                self.closing.save(update_fields=["report", "finished_at"])
        return dict(self.closing.report or {})

    def _reprice(self) -> Counts:
        counts, skips = reprice_due(self.day, self.now)
        serving.record_skips(skips, self.day, self.now)
        return counts

    def _nonaccrual(self) -> Counts:
        counts, skips = turn_nonaccrual(self.day, self.now)
        serving.record_skips(skips, self.day, self.now)
        return counts

    def _serve(self, first: uuid.UUID, last: uuid.UUID | None) -> Counts:
        return serving.serve_span(
            serving.Span(first, last, self.day, self.now, self.closing.batch_id)
        )

    def _post(self) -> Counts:
        posted = post_batch(batch_id=self.closing.batch_id, now=self.now)
        # Served by now, by this close or by a payment: earlier days' skips are settled.
        return {**earned_by_books(posted), "resolved": serving.resolve_skips(self.now)}

    def _retry(self) -> int:
        """Try again what this day skipped, in a batch of its own.

        Gives how many are done since its report, by this or by a later day's close.
        """
        open_skips = ClosingSkip.objects.filter(business_date=self.day, resolved_at__isnull=True)
        ids = list(open_skips.values_list("loan_id", flat=True))

        def again() -> Counts:
            batch_id = open_batch(business_date=self.day, now=self.now)
            span = serving.Span(uuid.UUID(int=0), None, self.day, self.now, batch_id)
            self._reprice()
            serving.retry(ids, span)
            posted = post_batch(batch_id=batch_id, now=self.now)
            return {**earned_by_books(posted), "resolved": serving.resolve_skips(self.now)}

        if ids:
            done = ClosingStep.objects.filter(business_date=self.day, step="post").count()
            do_once(self.day, "post", done, self.now, again)
        told: int = (self.closing.report or {})["skipped"]["count"]
        return told - open_skips.count()


def _in_parallel(works: Sequence[Callable[[], None]], workers: int) -> None:
    """Do all works by so many threads, each with a connection of its own; raise the first failure.

    The work itself is done by the database: threads wait for it at the same time.
    """
    left = iter(works)
    lock = threading.Lock()
    failures: list[BaseException] = []

    def take() -> Callable[[], None] | None:
        with lock:
            return None if failures else next(left, None)

    def labour() -> None:
        try:
            while (work := take()) is not None:
                work()
        except BaseException as failure:  # noqa: BLE001 raised again in the thread that waits
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=labour, name=f"closing-{n}") for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
