"""What a later contract notice means for one that is financed, and which awards are financeable."""

from decimal import Decimal
from typing import Literal

Amendment = Literal["same", "decrease", "increase", "beyond"]

_FRAMEWORK = "框架协议"
_SECOND_STAGE = ("第二阶段", "二次竞价", "二次竞争", "直接选定", "顺序轮候", "订单")


def amendment(
    *, original_fen: int, current_fen: int, new_fen: int, share_max: Decimal
) -> Amendment:
    """Rule 16 (政府采购法 art 49): what a new contract amount is against the present one.

    An increase is a supplement only up to `share_max` of the original price, all supplements
    together; beyond that it is no supplement of this contract.
    """
    if new_fen == current_fen:
        return "same"
    if new_fen < current_fen:
        return "decrease"
    most = original_fen + int(original_fen * share_max)
    return "increase" if new_fen <= most else "beyond"


def is_framework_entry(project_name: str) -> bool:
    """Whether an award only admits to a framework agreement: no contract, nothing to finance.

    The second stage (财政部令110号: direct selection, rotation, second competition) has contracts.
    """
    return _FRAMEWORK in project_name and not any(word in project_name for word in _SECOND_STAGE)
