"""A lifecycle as an SVG picture, for a page of either colour scheme.

All colours come from `currentColor` and from presentation attributes that a style sheet may
override by class; there is no style element or attribute, which a content security policy would
refuse. The description tells in words what the picture shows.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.layout import Item, Layout, Line, Route, lay_out
from honghu.kernel.lifecycles.model import START, Edge, Lifecycle, State, Text
from honghu.kernel.lifecycles.svg import (
    GREEN,
    LEADING,
    add,
    curve,
    draw_box,
    draw_check,
    draw_clock,
    number,
    numbers,
    width_of,
    wrapped,
    write,
)

TITLE_SIZE: Final = 14
LABEL_SIZE: Final = 12
TITLE_WIDTH: Final = 128.0
LABEL_WIDTH: Final = 126.0
MARGIN: Final = 14.0
BOX_PADDING: Final = 14.0
START_SIZE: Final = 16.0
HUB_WIDTH: Final = 176.0
HUB_SIZE: Final = 3
"""From so many states on, one line stands for the same action from all of them."""
MAIN_WEIGHT: Final = 12.0
LEGEND_STEP: Final = 24.0
ResultTitles = Mapping[tuple[str, str], Text]

_WORDS: Final[Mapping[str, Text]] = {
    "start": Text("开始", "start"),
    "colon": Text("：", ": "),
    "comma": Text("、", ", "),
    "any": Text("任何在办状态", "any open state"),
    "clock": Text("有时限", "a clock runs"),
    "end": Text("结束", "an end"),
    "suspended": Text("中止计时", "clocks stand still"),
    "verified": Text("核验通过", "passed a verification by somebody else"),
    "leads": Text("{origin}：{label} → {target}", "{origin}: {label} → {target}"),
    "lifecycle": Text("{title}流程图", "Lifecycle: {title}"),
}


def draw(
    lifecycle: Lifecycle,
    *,
    title: Text,
    language: str,
    key: str,
    current: str | None = None,
    result_titles: ResultTitles | None = None,
) -> str:
    """Return the lifecycle as an SVG element.

    `key` makes the ids unique within a page; `current` marks the state of a case; `result_titles`
    names the results of actions, by action and result code.
    """
    picture = _Picture(lifecycle, language, result_titles or {})
    return picture.svg(title, key, current)


class _Picture:
    """One drawing: gathers edges that join the same states and writes the elements."""

    def __init__(self, lifecycle: Lifecycle, language: str, results: ResultTitles) -> None:
        self.lifecycle = lifecycle
        self.language = language
        self.results = results
        self.hubs: dict[str, list[str]] = {}
        self.groups = self._grouped()
        self.main = self._main_way()
        self.labels = {pair: self._label_lines(edges) for pair, edges in self.groups.items()}
        self.titles = {
            code: wrapped(self.say(state.title), TITLE_WIDTH, TITLE_SIZE)
            for code, state in lifecycle.states.items()
        }
        self.hub_titles = {
            hub: wrapped(self._hub_title(origins), HUB_WIDTH, LABEL_SIZE)
            for hub, origins in self.hubs.items()
        }

    def _grouped(self) -> dict[tuple[str, str], list[Edge]]:
        """Gather the edges between the same two states.

        What may be done from many states to one end in a single line, from a box that names them.
        """
        moves: dict[tuple[str, str | None, str], list[Edge]] = {}
        for edge in self.lifecycle.edges():
            if not edge.action.stays and edge.origin != edge.target:
                move = edge.action.code, edge.result, edge.target
                moves.setdefault(move, []).append(edge)
        groups: dict[tuple[str, str], list[Edge]] = {}
        for (_code, _result, target), edges in moves.items():
            if len(edges) < HUB_SIZE:
                for edge in edges:
                    groups.setdefault((edge.origin, target), []).append(edge)
                continue
            origins = [code for code in self.lifecycle.states if code in edges[0].action.origins]
            hub = " ".join([*origins, target])
            self.hubs[hub] = origins
            groups.setdefault((hub, target), []).append(edges[0])
        return groups

    def _main_way(self) -> frozenset[tuple[str, str]]:
        """Return the pairs of states on the shortest way to success, which is drawn straight."""
        edges = [edge for edges in self.groups.values() for edge in edges]
        closed = [state.code for state in self.lifecycle.ends if state.closes]
        ends = closed or [state.code for state in self.lifecycle.ends]
        way = graph.find_way(edges, [START], ends) or ()
        return frozenset((edge.origin, edge.target) for edge in way)

    def say(self, text: Text) -> str:
        """Return a text in the language of the picture."""
        return text.in_language(self.language)

    def _label(self, edge: Edge) -> tuple[str, str]:
        """Return the title of the action, and of its result if it has several."""
        label = self.say(edge.action.title)
        if edge.result is None or len(edge.action.targets) == 1:
            return label, ""
        result = self.results.get((edge.action.code, edge.result))
        return label + self.say(_WORDS["colon"]), self.say(result) if result else edge.result

    def _label_lines(self, edges: Sequence[Edge]) -> list[str]:
        lines: list[str] = []
        for edge in edges:
            label, result = self._label(edge)
            fits = width_of(label + result, LABEL_SIZE) <= LABEL_WIDTH
            for text in [label + result] if fits else [label, result]:
                lines += wrapped(text.strip(), LABEL_WIDTH, LABEL_SIZE)
        return [line for line in lines if line]

    def _layout(self) -> Layout:
        sizes = {START: (START_SIZE, START_SIZE)}
        for code, lines in self.titles.items():
            width = max(width_of(line, TITLE_SIZE) for line in lines)
            height = len(lines) * TITLE_SIZE * LEADING
            sizes[code] = (max(width, 72) + 2 * BOX_PADDING, height + BOX_PADDING + 6)
        for hub, texts in self.hub_titles.items():
            width = max(width_of(text, LABEL_SIZE) for text in texts)
            sizes[hub] = (width + 2 * BOX_PADDING, len(texts) * LABEL_SIZE * LEADING + 10)
        # A box that names many states stands below the first of them, not above the start.
        hints = [(origins[0], hub) for hub, origins in self.hubs.items()]
        return lay_out(sizes, [self._line(*pair) for pair in self.groups], hints)

    def _line(self, origin: str, target: str) -> Line:
        texts = self.labels[origin, target]
        width = max(width_of(text, LABEL_SIZE) for text in texts) + 16
        width += 16 if self._verified(origin, target) else 0
        weight = MAIN_WEIGHT if (origin, target) in self.main else 1.0
        return Line(origin, target, width, len(texts) * LABEL_SIZE * LEADING, weight)

    def _hub_title(self, origins: Sequence[str]) -> str:
        """Name many states: each, or the first and the last of a long run in declared order."""
        states = self.lifecycle.states
        if set(origins) == {state.code for state in states.values() if state.end is None}:
            return self.say(_WORDS["any"])
        order = list(states)
        runs: list[list[str]] = []
        for code in origins:
            if runs and order.index(runs[-1][-1]) + 1 == order.index(code):
                runs[-1].append(code)
            else:
                runs.append([code])
        names: list[str] = []
        for run in runs:
            titles = [self.say(states[code].title) for code in run]
            names += [f"{titles[0]} … {titles[-1]}"] if len(run) > HUB_SIZE else titles
        return self.say(_WORDS["comma"]).join(names)

    def _verified(self, origin: str, target: str) -> bool:
        return any(
            edge.action.kind == "verification" and edge.action.passes_with(edge.result)
            for edge in self.groups[origin, target]
        )

    def svg(self, title: Text, key: str, current: str | None) -> str:
        """Write the whole picture."""
        layout = self._layout()
        legend = self._legend_words()
        width = max(layout.width, *(width_of(text, LABEL_SIZE) + 40 for _, text in legend))
        height = layout.height + LEGEND_STEP * (len(legend) + 0.6)
        root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "lifecycle",
                "role": "img",
                "aria-labelledby": f"{key}-title {key}-desc",
                "viewBox": numbers(-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN),
                "width": number(width + 2 * MARGIN),
                "height": number(height + 2 * MARGIN),
                "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', sans-serif",
                "font-size": str(TITLE_SIZE),
                "fill": "currentColor",
            },
        )
        add(root, "title", id=f"{key}-title").text = self._words("lifecycle", self.say(title))
        add(root, "desc", id=f"{key}-desc").text = self._description()
        for route in layout.routes:
            self._draw_route(root, route)
        self._draw_start(root, layout.boxes[START])
        for code, state in self.lifecycle.states.items():
            self._draw_state(root, state, layout.boxes[code], marked=code == current)
        for hub in self.hubs:
            self._draw_hub(root, hub, layout.boxes[hub])
        self._draw_legend(root, legend, layout.height + LEGEND_STEP)
        return ET.tostring(root, encoding="unicode")

    def _words(self, name: str, title: str) -> str:
        return self.say(_WORDS[name]).format(title=title)

    def _description(self) -> str:
        """Tell each way in words, in the order of the file."""
        names = {START: self.say(_WORDS["start"])}
        names |= {code: self.say(state.title) for code, state in self.lifecycle.states.items()}
        leads = self.say(_WORDS["leads"])
        return "; ".join(
            leads.format(
                origin=names[edge.origin],
                label="".join(self._label(edge)),
                target=names[edge.target],
            )
            for edge in self.lifecycle.edges()
        )

    def _draw_route(self, root: ET.Element, route: Route) -> None:
        origin, target = route.line.origin, route.line.target
        verified = self._verified(origin, target)
        kind = "verification" if verified else ("return" if route.returns else "way")
        group = add(root, "g", **{"class": f"edge {kind}"})
        colour = GREEN if verified else "currentColor"
        pen = {"fill": "none", "stroke": colour, "stroke-width": "2.4" if verified else "1.3"}
        if route.returns:
            pen["stroke-dasharray"] = "5 4"
        tip_x, tip_y = route.points[-1]
        side = 7 if route.points[-1][1] < route.points[-2][1] else -7
        points = [*route.points[:-1], (tip_x, tip_y + side)]
        add(group, "path", d=curve(points), **pen)
        corners = [
            (tip_x, tip_y),
            (tip_x - 4.5, tip_y + side * 1.3),
            (tip_x + 4.5, tip_y + side * 1.3),
        ]
        add(group, "polygon", points=" ".join(numbers(x, y) for x, y in corners), fill=colour)
        left = route.label.x - route.label.width / 2 + 16
        if verified:
            draw_check(group, left + 5, route.label.y)
            left += 16
        write(group, self.labels[origin, target], left, route.label.y, LABEL_SIZE, anchor="start")

    def _draw_start(self, root: ET.Element, box: Item) -> None:
        add(
            root,
            "circle",
            **{"class": "start"},
            cx=number(box.x),
            cy=number(box.y),
            r=number(START_SIZE / 2),
        )

    def _draw_state(self, root: ET.Element, state: State, box: Item, *, marked: bool) -> None:
        classes = ["state", f"end {state.end}" if state.end else "open"]
        classes += ["suspended"] * state.suspended + ["current"] * marked
        group = add(root, "g", **{"class": " ".join(classes)})
        pen = {
            "stroke": GREEN if state.closes else "currentColor",
            "stroke-width": "2.4" if marked else "1.4",
        }
        fill = {"fill": "currentColor", "fill-opacity": "0.16" if marked else "0.05"}
        dashes = {"stroke-dasharray": "6 4"} if state.suspended else {}
        draw_box(group, box, 0, 10, pen | fill | dashes)
        if state.end is not None:
            draw_box(group, box, 4, 7, pen | {"fill": "none"})
        write(group, self.titles[state.code], box.x, box.y, TITLE_SIZE, anchor="middle")
        if state.clock is not None:
            clock = draw_clock(group, box.x + box.width / 2 - 2, box.y - box.height / 2 + 2)
            add(clock, "title").text = state.clock.duration or state.clock.rule or state.clock.due

    def _draw_hub(self, root: ET.Element, hub: str, box: Item) -> None:
        group = add(root, "g", **{"class": "from-many"})
        titles = [self.say(self.lifecycle.states[code].title) for code in self.hubs[hub]]
        add(group, "title").text = self.say(_WORDS["comma"]).join(titles)
        pen = {"stroke": "currentColor", "stroke-width": "1", "stroke-opacity": "0.45"}
        draw_box(group, box, 0, 4, pen | {"fill": "none"})
        write(group, self.hub_titles[hub], box.x, box.y, LABEL_SIZE, anchor="middle")

    def _legend_words(self) -> list[tuple[str, str]]:
        states = self.lifecycle.states.values()
        used = {
            "clock": any(state.clock for state in states),
            "end": bool(self.lifecycle.ends),
            "suspended": any(state.suspended for state in states),
            "verified": any(self._verified(*pair) for pair in self.groups),
        }
        return [(name, self.say(_WORDS[name])) for name, shown in used.items() if shown]

    def _draw_legend(self, root: ET.Element, legend: Sequence[tuple[str, str]], top: float) -> None:
        group = add(root, "g", **{"class": "legend", "fill-opacity": "0.8"})
        for index, (name, text) in enumerate(legend):
            y = top + index * LEGEND_STEP
            swatch = Item(24, 15, 0, 12, y)
            pen = {"fill": "none", "stroke": "currentColor", "stroke-width": "1.3"}
            if name == "clock":
                draw_clock(group, 12, y)
            elif name == "verified":
                draw_check(group, 12, y)
            else:
                draw_box(
                    group,
                    swatch,
                    0,
                    5,
                    pen | ({"stroke-dasharray": "4 3"} if name == "suspended" else {}),
                )
                if name == "end":
                    draw_box(group, swatch, 3, 3, pen)
            write(group, [text], 34, y, LABEL_SIZE, anchor="start")
