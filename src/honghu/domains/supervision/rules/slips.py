"""Coloured slips and cards: how hard a task is pressed, and when.

Blue, orange, red, one step at a time; only what is urgent may begin higher (Sanming's slips). A
card is read from data, never set: yellow while little overdue or returned twice, red beyond that.
"""

from dataclasses import dataclass
from typing import Final, Literal

Colour = Literal["blue", "orange", "red"]
Card = Literal["yellow", "red"]
COLOURS: Final[tuple[Colour, ...]] = ("blue", "orange", "red")


@dataclass(frozen=True, slots=True)
class CardBounds:
    """Overdue by more than `red_after` working days is red; so many returns are yellow, or red."""

    red_after: int
    yellow_returns: int
    red_returns: int


def card_of(overdue_working_days: int, returns: int, bounds: CardBounds) -> Card | None:
    """The card of a task that is overdue by so many working days (0: not) and was returned."""
    if overdue_working_days > bounds.red_after or returns >= bounds.red_returns:
        return "red"
    if overdue_working_days > 0 or returns >= bounds.yellow_returns:
        return "yellow"
    return None


def is_step_up(before: Colour | None, wanted: Colour, *, urgent: bool) -> bool:
    """Whether a slip of this colour may follow: one step up, or more if the task is urgent."""
    step = _rank(wanted) - _rank(before)
    return step == 1 or (urgent and step > 0)


def wanted_slip(card: Card | None, *, is_near_due: bool) -> Colour | None:
    """The colour that the state of a task calls for: red card red, yellow card orange, near blue."""
    if card == "red":
        return "red"
    if card == "yellow":
        return "orange"
    return "blue" if is_near_due else None


def next_slip(before: Colour | None, wanted: Colour | None, *, urgent: bool) -> Colour | None:
    """The slip to send today on the way to the wanted colour; null if none is due."""
    if wanted is None or _rank(wanted) <= _rank(before):
        return None
    return wanted if urgent else COLOURS[_rank(before) + 1]


def _rank(colour: Colour | None) -> int:
    return -1 if colour is None else COLOURS.index(colour)
