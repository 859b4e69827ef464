"""What is wrong with a register file: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from honghu.base.problems import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. `line` counts from 1; `code` is stable, the message is for people."""

    file: str
    line: int
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {self.message}; {self.remedy}"


class RegisterFaults(Invalid):
    """A register is not sound; `faults` lists every reason in the order of the file."""

    code = "register_unsound"

    def __init__(self, faults: Iterable[Fault]) -> None:
        # A part that is read for two purposes has its fault found twice.
        self.faults = tuple(sorted(set(faults)))
        super().__init__(
            f"the register has {len(self.faults)} faults, the first: {self.faults[0]}",
            remedy="mend them and run `honghu registers check FILE` again",
        )
