"""How well the reader does on notices with hand-typed truth: precision, recall, wrong amounts."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from honghu.domains.procurement.readers.page import UnreadableNoticeError
from honghu.domains.procurement.readers.reader import read_notice
from honghu.domains.procurement.readers.values import LotReading, Notice, Reading

FIELDS = {
    "kind": "notice_type",
    "project_no": "project_no",
    "plan_no": "plan_no",
    "project_name": "project_name",
    "buyer": "buyer",
    "agency": "agency",
    "publish_date": "publish_date",
    "total": "total",
    "first_notice_date": "first_notice_date",
    "correction_date": "correction_date",
    "effect": "effect",
    "contract_no": "contract_no",
    "contract_name": "contract_name",
    "performance_from": "performance_from",
    "performance_to": "performance_to",
}
_LOT_PARTS = ("supplier", "amount", "rate", "rate_kind", "status")
_BLANK = re.compile(r"\s+")


@dataclass(slots=True)
class Score:
    """Counts of one field. ``stated``: given with state value; ``truths``: not null in truth."""

    truths: int = 0
    stated: int = 0
    correct: int = 0
    review: int = 0
    review_correct: int = 0

    @property
    def precision(self) -> float | None:
        """Correct among stated; None when nothing was stated."""
        return self.correct / self.stated if self.stated else None

    @property
    def recall(self) -> float | None:
        """Correct and stated among those in the truth; None when the truth has none."""
        return self.correct / self.truths if self.truths else None

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "truths": self.truths,
            "stated": self.stated,
            "correct": self.correct,
            "review": self.review,
            "review_correct": self.review_correct,
            "precision": self.precision,
            "recall": self.recall,
        }


@dataclass(slots=True)
class Evaluation:
    """Scores over a folder."""

    notices: int = 0
    fields: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in FIELDS})
    lots: Score = field(default_factory=Score)
    lot_labels: Score = field(default_factory=Score)
    wrong_amounts: list[dict[str, Any]] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "notices": self.notices,
            "wrong_amounts_stated": len(self.wrong_amounts),
            "wrong_amounts": self.wrong_amounts,
            "fields": {name: score.record() for name, score in self.fields.items()},
            "lots": self.lots.record(),
            "lot_labels": self.lot_labels.record(),
            "misses": self.misses,
            "unreadable": self.unreadable,
        }


def cases(folder: Path) -> list[tuple[Path, Path]]:
    """Pairs of notice and truth: ``NNN.txt`` or ``NNN.html`` with ``NNN.json``."""
    pairs = []
    for truth in sorted(folder.glob("*.json")):
        for suffix in (".txt", ".html", ".htm"):
            notice = truth.with_suffix(suffix)
            if notice.is_file():
                pairs.append((notice, truth))
                break
    return pairs


def evaluate(pairs: list[tuple[Path, Path]]) -> Iterator[Evaluation]:
    """Read one pair after the other; yields the same, growing evaluation after each."""
    evaluation = Evaluation()
    for notice_path, truth_path in pairs:
        truth: dict[str, Any] = json.loads(truth_path.read_text(encoding="utf-8"))
        try:
            notice = read_notice(notice_path.read_bytes(), name=notice_path.name)
        except UnreadableNoticeError as error:
            evaluation.unreadable.append(str(error))
        else:
            score_notice(evaluation, notice, truth)
        evaluation.notices += 1
        yield evaluation


def _plain(value: str | None) -> str | None:
    return None if value is None else _BLANK.sub("", value)


def score_notice(evaluation: Evaluation, notice: Notice, truth: dict[str, Any]) -> None:
    """Add one read notice to the scores; `truth` has the keys of a truth file."""
    for name, key in FIELDS.items():
        reading: Reading = getattr(notice, name)
        _count(evaluation, notice.file, name, reading, truth.get(key))
    _score_lots(evaluation, notice, truth.get("lots", []))
    total = notice.total.certain
    if total is not None and total != truth.get("total"):
        _wrong(evaluation, notice.file, "total", total, truth.get("total"))


def _count(
    evaluation: Evaluation, file: str, name: str, reading: Reading, expected: str | None
) -> None:
    score = evaluation.fields[name]
    equal = _plain(reading.value) == _plain(expected)
    score.truths += expected is not None
    if reading.state == "value":
        score.stated += 1
        score.correct += equal
    elif reading.state == "review":
        score.review += 1
        score.review_correct += equal and expected is not None
    if (reading.value is not None or expected is not None) and not equal:
        evaluation.misses.append(
            {"file": file, "field": name, "read": reading.value, "truth": expected}
        )


def _wrong(evaluation: Evaluation, file: str, name: str, read: str, truth: str | None) -> None:
    evaluation.wrong_amounts.append({"file": file, "field": name, "read": read, "truth": truth})


def _key(values: dict[str, str | None]) -> tuple[str | None, ...]:
    return tuple(_plain(values.get(part)) for part in _LOT_PARTS)


def _read_values(lot: LotReading) -> dict[str, str | None]:
    return {part: getattr(lot, part).value for part in (*_LOT_PARTS, "lot")}


def _score_lots(evaluation: Evaluation, notice: Notice, truths: list[dict[str, Any]]) -> None:
    evaluation.lots.truths += len(truths)
    left = Counter(_key(truth) for truth in truths)
    for lot in notice.lots:
        key = _key(_read_values(lot))
        found = left[key] > 0
        left[key] -= found
        doubtful = any(getattr(lot, part).state == "review" for part in _LOT_PARTS)
        if doubtful:
            evaluation.lots.review += 1
            evaluation.lots.review_correct += found
        else:
            evaluation.lots.stated += 1
            evaluation.lots.correct += found
        if not found:
            evaluation.misses.append({"file": notice.file, "field": "lot", "read": list(key)})
    evaluation.misses.extend(
        {"file": notice.file, "field": "lot", "truth": list(key)}
        for key, count in left.items()
        for _ in range(count)
    )
    for lot, truth in _paired(list(notice.lots), truths):
        _score_label(evaluation, lot, truth)
        _check_amount(evaluation, notice.file, lot, truth)


def _score_label(evaluation: Evaluation, lot: LotReading, truth: dict[str, Any] | None) -> None:
    expected = truth.get("lot") if truth is not None else None
    score = evaluation.lot_labels
    score.truths += expected is not None
    score.stated += lot.lot.state == "value"
    score.correct += lot.lot.state == "value" and lot.lot.value == expected
    score.review += lot.lot.state == "review"
    score.review_correct += lot.lot.state == "review" and lot.lot.value == expected


def _check_amount(
    evaluation: Evaluation, file: str, lot: LotReading, truth: dict[str, Any] | None
) -> None:
    for name in ("amount", "before_amount"):
        stated = getattr(lot, name).certain
        expected = truth.get(name) if truth is not None else None
        if stated is not None and stated != expected:
            _wrong(evaluation, file, name, stated, expected)


def _paired(
    lots: list[LotReading], truths: list[dict[str, Any]]
) -> Iterator[tuple[LotReading, dict[str, Any] | None]]:
    """Each read lot with its truth: the same in all, else the same supplier and label, else in order."""
    left = list(truths)
    rest: list[LotReading] = []
    for lot in lots:
        values = _read_values(lot)
        exact = [truth for truth in left if _key(truth) == _key(values)]
        same = next(
            (t for t in exact if t.get("lot") == values["lot"]), exact[0] if exact else None
        )
        if same is None:
            rest.append(lot)
        else:
            left.remove(same)
            yield lot, same
    for lot in rest:
        named = [t for t in left if _plain(t.get("supplier")) == _plain(lot.supplier.value)]
        truth = named[0] if named else left[0] if left else None
        if truth is not None:
            left.remove(truth)
        yield lot, truth
