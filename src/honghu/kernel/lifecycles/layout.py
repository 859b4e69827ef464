"""Where the boxes, lines and labels of a diagram stand: a layered layout after Sugiyama.

States stand in rows by their distance from the start, labels in rows of their own between them,
so no text can cover another. Within a row, order is found by barycentres (fewest crossings seen),
and places by least squares under the condition that neighbours keep their distance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

SWEEPS: Final = 24
GAP_X: Final = 26.0
GAP_Y: Final = 20.0
PORT_STEP: Final = 22.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be drawn from one box to another, with the size of its label.

    The heavier a line, the straighter it runs; the heaviest of a box leaves it in the middle.
    """

    origin: str
    target: str
    label_width: float
    label_height: float
    weight: float = 1.0


@dataclass(slots=True, eq=False)
class Item:
    """A thing in a row: a box, a label, or a bend of a long line (`width` 0).

    `port` is where the line passes, counted from the middle: a label stands right of its line.
    `above` and `below` are its neighbours in the next rows, with the weights of the lines.
    """

    width: float
    height: float
    port: float = 0.0
    x: float = 0.0
    y: float = 0.0
    above: list[tuple["Item", float]] = field(default_factory=list)
    below: list[tuple["Item", float]] = field(default_factory=list)

    @property
    def line_x(self) -> float:
        """Return where the line passes."""
        return self.x + self.port


@dataclass(frozen=True, slots=True)
class Route:
    """A laid-out line: its points from origin to target and its label's place.

    `returns` tells whether it leads back up.
    """

    line: Line
    points: tuple[tuple[float, float], ...]
    label: Item
    returns: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A laid-out diagram."""

    boxes: Mapping[str, Item]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    lines: Sequence[Line],
    hints: Sequence[tuple[str, str]] = (),
) -> Layout:
    """Place boxes of these sizes (width, height), in declared order, and the lines between them.

    The first box is the start. No two lines may join the same two boxes in the same direction,
    and no line a box with itself. `hints` are pairs of boxes of which the second shall stand lower.
    """
    pairs = [*((line.origin, line.target) for line in lines), *hints]
    forward = _forward(list(sizes), pairs)
    ranks = _ranks(list(sizes), forward)
    boxes = {name: Item(*size) for name, size in sizes.items()}
    rows: list[list[Item]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for name, box in boxes.items():
        rows[2 * ranks[name]].append(box)
    chains = [
        _chain(line, boxes, ranks, rows, returns=(line.origin, line.target) not in forward)
        for line in lines
    ]
    rows = _ordered(rows)
    _place(rows)
    width, height = _shift(rows)
    routes = tuple(_route(line, chain, ranks) for line, chain in zip(lines, chains, strict=True))
    return Layout(boxes, routes, width, height)


def _forward(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the pairs of boxes whose line leads on; the others close a loop and lead back."""
    leaving: dict[str, list[str]] = {name: [] for name in names}
    for origin, end in pairs:
        leaving[origin].append(end)
    place = {name: index for index, name in enumerate(names)}
    for targets in leaving.values():
        targets.sort(key=place.__getitem__)
    forward: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in names:
        path = {root: iter(leaving[root])} if root not in done else {}
        while path:
            here = next(reversed(path))
            target = next(path[here], None)
            if target is None:
                done.add(here)
                del path[here]
            elif target not in path:
                forward.add((here, target))
                if target not in done:
                    path[target] = iter(leaving[target])
    return frozenset(forward)


def _ranks(names: Sequence[str], forward: frozenset[tuple[str, str]]) -> dict[str, int]:
    """Return the row of each box: the longest way that leads to it."""
    ranks = dict.fromkeys(names, 0)
    for _ in names:
        for origin, target in forward:
            ranks[target] = max(ranks[target], ranks[origin] + 1)
    return ranks


def _chain(
    line: Line,
    boxes: Mapping[str, Item],
    ranks: Mapping[str, int],
    rows: list[list[Item]],
    *,
    returns: bool,
) -> list[Item]:
    """Put the label and the bends of a line into the rows between its boxes, from top to bottom."""
    upper, lower = (line.target, line.origin) if returns else (line.origin, line.target)
    first, last = 2 * ranks[upper] + 1, 2 * ranks[lower]
    middle = first + 2 * ((last - first) // 4)
    chain = [boxes[upper]]
    for row in range(first, last):
        item = Item(0.0, 0.0)
        if row == middle:
            item = Item(line.label_width, line.label_height, 8 - line.label_width / 2)
        rows[row].append(item)
        chain.append(item)
    chain.append(boxes[lower])
    for above, below in pairwise(chain):
        above.below.append((below, line.weight))
        below.above.append((above, line.weight))
    return chain


def _ordered(rows: list[list[Item]]) -> list[list[Item]]:
    """Return the rows in the order with the fewest crossings that barycentre sweeps come by."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        for row in rows if downward else reversed(rows):
            place = {id(item): index for each in rows for index, item in enumerate(each)}
            row.sort(key=lambda item: _barycentre(item, place, downward=downward))
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _barycentre(item: Item, place: Mapping[int, int], *, downward: bool) -> float:
    neighbours = item.above if downward else item.below
    if not neighbours:
        return place[id(item)]
    return sum(place[id(each)] for each, _weight in neighbours) / len(neighbours)


def _crossings(rows: Sequence[Sequence[Item]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        place = {id(item): index for index, item in enumerate(lower)}
        ends = [place[id(each)] for item in upper for each in _sorted_below(item, place)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _sorted_below(item: Item, place: Mapping[int, int]) -> list[Item]:
    """Return what lies below an item from left to right."""
    return sorted((each for each, _ in item.below), key=lambda each: place[id(each)])


def _place(rows: Sequence[Sequence[Item]]) -> None:
    for row in rows:
        _settle(row, [0.0] * len(row))
    for sweep in range(2 * SWEEPS):
        downward = sweep % 2 == 0
        # In the end both sides count, which straightens what one-sided sweeps leave oblique.
        both = sweep >= SWEEPS
        for row in rows if downward else reversed(rows):
            _settle(row, [_wish(item, downward=downward, both=both) for item in row])
    y = 0.0
    for row in rows:
        height = max((item.height for item in row), default=0.0)
        for item in row:
            item.y = y + height / 2
            if not item.width:
                # A bend runs straight past the boxes of its row.
                item.height = height
        y += height + GAP_Y


def _wish(item: Item, *, downward: bool, both: bool) -> float:
    """Return where an item would stand if its lines were to run straight."""
    near, far = (item.above, item.below) if downward else (item.below, item.above)
    neighbours = near + far if both else near or far
    if not neighbours:
        return item.x
    total = sum(weight for _each, weight in neighbours)
    return sum(each.line_x * weight for each, weight in neighbours) / total - item.port


def _weight(item: Item) -> float:
    return max((weight for _each, weight in item.above + item.below), default=1.0)


def _settle(row: Sequence[Item], wishes: Sequence[float]) -> None:
    """Place a row as near to the wishes as its distances allow: isotonic regression by pooling."""
    offsets: list[float] = []
    for index, item in enumerate(row):
        before = row[index - 1] if index else None
        step = 0.0 if before is None else (before.width + item.width) / 2 + GAP_X
        offsets.append((offsets[-1] if offsets else 0.0) + step)
    pools: list[tuple[float, float, int]] = []
    for item, wish, offset in zip(row, wishes, offsets, strict=True):
        pools.append((wish - offset, _weight(item), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, v, m), (b, w, n) = pools[-2:]
            pools[-2:] = [((a * v + b * w) / (v + w), v + w, m + n)]
    places = [mean for mean, _heft, count in pools for _ in range(count)]
    for item, place, offset in zip(row, places, offsets, strict=True):
        item.x = place + offset


def _shift(rows: Sequence[Sequence[Item]]) -> tuple[float, float]:
    """Move everything to the origin; return the size of the whole."""
    items = [item for row in rows for item in row]
    left = min((item.x - item.width / 2 for item in items), default=0.0)
    for item in items:
        item.x -= left
    width = max((item.x + item.width / 2 for item in items), default=0.0)
    height = max((item.y + item.height / 2 for item in items), default=0.0)
    return width, height


def _route(line: Line, chain: Sequence[Item], ranks: Mapping[str, int]) -> Route:
    top, bottom = chain[0], chain[-1]
    points = [(_port(top, chain[1], top.below), top.y + top.height / 2)]
    for item in chain[1:-1]:
        points += [(item.line_x, item.y - item.height / 2), (item.line_x, item.y + item.height / 2)]
    points.append((_port(bottom, chain[-2], bottom.above), bottom.y - bottom.height / 2))
    returns = ranks[line.origin] > ranks[line.target]
    label = next(item for item in chain[1:-1] if item.width)
    return Route(line, tuple(reversed(points) if returns else points), label, returns)


def _port(box: Item, item: Item, neighbours: Sequence[tuple[Item, float]]) -> float:
    """Return where on a box's edge a line ends: in the order of the lines, the heaviest midway."""
    ordered = sorted(neighbours, key=lambda pair: pair[0].line_x)
    heaviest = max(weight for _each, weight in ordered)
    heavy = [index for index, (_each, weight) in enumerate(ordered) if weight == heaviest]
    middle = heavy[0] if len(heavy) == 1 else (len(ordered) - 1) / 2
    reach = max(middle, len(ordered) - 1 - middle) or 1
    step = min(PORT_STEP, 0.42 * box.width / reach)
    place = next(index for index, (each, _weight) in enumerate(ordered) if each is item)
    return box.x + (place - middle) * step
