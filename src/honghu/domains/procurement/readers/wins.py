"""Wins as they are printed, before they become lots."""

from dataclasses import dataclass, field
from decimal import Decimal

from honghu.domains.procurement.readers.amounts import Money
from honghu.domains.procurement.readers.names import SupplierName, read_supplier
from honghu.domains.procurement.readers.packs import read_pack
from honghu.domains.procurement.readers.page import Piece


@dataclass(slots=True)
class Cell:
    """A money cell: what it was printed under, what it says, whether its digits are glued."""

    source: str
    word: str
    money: Money
    glued: bool = False


@dataclass(slots=True)
class Entry:
    """One printed win (or failed lot), before it becomes a lot."""

    place: int
    supplier: Piece | None = None
    name: SupplierName | None = None
    pack: str | None = None
    pack_piece: Piece | None = None
    lot_name: Piece | None = None
    address: Piece | None = None
    uscc: Piece | None = None
    cells: list[Cell] = field(default_factory=list)
    failed: bool = False
    reason: Piece | None = None
    rank: int | None = None
    award_type: str = ""
    members: list[str] = field(default_factory=list)
    score: Decimal | None = None
    scanned: bool = False
    form: tuple[str, ...] = ()

    def take_supplier(self, piece: Piece) -> None:
        """Set the supplier from its cell."""
        self.supplier = piece
        self.name = read_supplier(piece.text)
        if self.name.pack is not None and self.pack is None:
            self.pack = read_pack(Piece(self.name.pack.strip(" ：:、."), 0, 0))[0]
            self.pack_piece = piece


@dataclass(slots=True)
class Zone:
    """What one stretch of a notice says about winners."""

    entries: list[Entry] = field(default_factory=list)
    totals: list[Money] = field(default_factory=list)
    capitals: list[Piece] = field(default_factory=list)
    losers_cut: int = 0
    incomplete: bool = False
    stretches: list[tuple[int, int]] = field(default_factory=list)
