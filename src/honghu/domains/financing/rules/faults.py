"""What a rule has against a value: an English sentence with places for figures."""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """`text` is a template; `values` fills it. Doors translate the one and fill in the other."""

    text: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


def plain(number: Decimal) -> str:
    """A decimal without trailing zeros or exponent: 2.92, 70."""
    return f"{number.normalize():f}"
