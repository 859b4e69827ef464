"""Which column of a CSV says what: by a bank's own mapping, or by the usual heads."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "date": ("交易日期", "记账日期", "入账日期", "交易时间", "日期", "bookingdate", "date"),
        "value_date": ("起息日", "起息日期", "valuedate"),
        "credit": ("贷方发生额", "贷方金额", "收入金额", "收入", "转入金额", "贷方", "credit"),
        "debit": ("借方发生额", "借方金额", "支出金额", "支出", "转出金额", "借方", "debit"),
        "amount": ("交易金额", "发生额", "金额", "amount"),
        "direction": ("借贷标志", "借贷方向", "收支方向", "借贷", "收支", "direction", "dc"),
        "balance": ("账户余额", "本次余额", "余额", "balance"),
        "payer": ("对方户名", "对方名称", "对方账户名称", "交易对手", "counterparty"),
        "payer_account": ("对方账号", "对方账户", "counterpartyaccount"),
        "text": ("摘要", "附言", "用途", "备注", "交易摘要", "remittance", "description"),
        "reference": ("交易流水号", "流水号", "凭证号", "交易参考号", "reference"),
        "payment_no": ("支付凭证号", "支付令号", "客户流水号", "endtoendid"),
        "account": ("账号", "账户", "本方账号", "account"),
        "currency": ("币种", "货币", "currency"),
    }
)
"""The fields of an entry and the heads under which banks write them, the most exact first."""
_LABEL_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class CsvTerms:
    """How a CSV is to be read.

    `columns` maps fields to heads; empty: by the usual heads. The rest is what the file itself may
    not say: the account, its currency, balances (fen) and period where no column holds a balance,
    whether the newest entry stands first.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    account_no: str | None = None
    currency: str = "CNY"
    statement_no: str | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    newest_first: bool = False


def plain(head: str) -> str:
    """A head without width, case, blanks and what stands in brackets: `金额（元）` is 金额."""
    text = unicodedata.normalize("NFKC", head).casefold()
    text = text.partition("(")[0]
    return "".join(text.split()).strip("\ufeff'\"=")[:_LABEL_MAX]


def find_columns(cells: Sequence[str], wanted: Mapping[str, str]) -> dict[str, int] | None:
    """The place of each field in a row of heads; null if the row is none.

    With a mapping, all of its heads must stand there; without, a date and an amount must.
    """
    heads = [plain(each) for each in cells]
    if wanted:
        places = {name: plain(head) for name, head in wanted.items()}
        if not all(heads.count(head) == 1 for head in places.values()):
            return None
        return {name: heads.index(head) for name, head in places.items()}
    found: dict[str, int] = {}
    for name, usual in FIELDS.items():
        place = next((heads.index(each) for each in usual if heads.count(each) == 1), None)
        if place is not None and place not in found.values():
            found[name] = place
    return found if is_complete(found) else None


def is_complete(found: Mapping[str, object]) -> bool:
    """Whether the fields are enough: a day, and an amount with its side."""
    return "date" in found and ({"credit", "debit"} <= found.keys() or "amount" in found)
