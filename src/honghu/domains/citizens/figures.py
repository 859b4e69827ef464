"""Public figures of what the public reports: how many, how satisfied the reporters are, what reopened."""

from typing import Final

from honghu.analytics.figure import Aggregate, Figure, Unit
from honghu.analytics.relations import steps_done
from honghu.kernel.registers.model import Text

_REPORTS: Final = "public-report"
_AGAIN: Final = "f.form->>'source' = 'dissatisfied'"
_CONTENT: Final = "(f.form->>'satisfaction' IN ('satisfied', 'fair'))::int::numeric"

FIGURES: tuple[Figure, ...] = (
    Figure(
        code="citizens.reports",
        title=Text("收到群众上报", "Reports received"),
        unit=Unit.CASES,
        definition=Text(
            "期间内通过公众网页和开放接口收到的上报；因不满意答复而另立的不计。",
            "Reports received through the public page and Open311 in the period; those that a "
            "dissatisfied answer opened are left out.",
        ),
        relation=lambda scope: steps_done(
            _REPORTS, ["report"], scope, where=f"AND NOT coalesce({_AGAIN}, false)"
        ),
        aggregate=Aggregate.COUNT,
    ),
    Figure(
        code="citizens.satisfaction",
        title=Text("上报人满意率", "Reporters who are satisfied"),
        unit=Unit.RATIO,
        definition=Text(
            "期间内上报人作出的评价中，满意和基本满意所占比例；未评价的不计入分母，分子或分母不足公开人数下限的不公开。",
            "Of the judgements that reporters gave in the period, those satisfied or fairly "
            "satisfied; who gave none is not counted, and what falls below the least number of "
            "persons is withheld.",
        ),
        relation=lambda scope: steps_done(
            _REPORTS, ["rate"], scope, numerator=_CONTENT, denominator="1::numeric"
        ),
        aggregate=Aggregate.SHARE,
        personal=True,
        derived=True,
    ),
    Figure(
        code="citizens.reopened",
        title=Text("不满意重新办理", "Reopened by a dissatisfied reporter"),
        unit=Unit.CASES,
        definition=Text(
            "期间内上报人不满意答复、系统另立关联上报重新办理的件数。",
            "Linked reports that were opened in the period because a reporter was dissatisfied.",
        ),
        relation=lambda scope: steps_done(_REPORTS, ["report"], scope, where=f"AND {_AGAIN}"),
        aggregate=Aggregate.COUNT,
    ),
)
