"""The shipped rules of lending without a database: `rules_on(day)` finds rows as the rule book does."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from honghu.domains.lending.rules.classification import FindRule
from honghu.kernel.rulesets.edition import build_index
from honghu.kernel.rulesets.reader import read_rule_file
from honghu.kernel.rulesets.values import RuleValue

_FILE = Path(__file__).resolve().parents[1] / "rulesets" / "lending.yaml"


@functools.cache
def _rows() -> Mapping[str, Mapping[str | None, Sequence[RuleValue]]]:
    return build_index(row.rule for row in read_rule_file(_FILE))


def rules_on(day: dt.date) -> FindRule:
    """What `find_rule` would answer for a day, from the shipped file."""

    def find(code: str) -> RuleValue | None:
        for row in _rows().get(code, {}).get(None, ()):
            if row.effective_from <= day and (row.effective_to is None or day <= row.effective_to):
                return row
        return None

    return find
