"""The picture is well-formed, tells everything, and no text covers another."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.lifecycles.diagram import draw
from honghu.kernel.lifecycles.layout import Item, Line, lay_out
from honghu.kernel.lifecycles.model import START, Action, Clock, Lifecycle, State, Text

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("&")</script>'


def action(code: str, origins: str, target: str, **attributes: object) -> Action:
    values = {
        "title": Text(f"动作{code}", f"Action {code}"),
        "targets": {None: target},
        "roles": frozenset({"office"}),
    } | attributes
    return Action(code=code, origins=frozenset(origins.split()), **values)  # type: ignore[arg-type]


STATES = {
    "a": State(code="a", title=Text("待办", "To do"), clock=Clock(code="a", rule="x.y")),
    "b": State(code="b", title=Text(HOSTILE, HOSTILE)),
    "c": State(code="c", title=Text("挂账", "Parked"), suspended=True),
    "z": State(code="z", title=Text("销号", "Closed"), end="closed"),
    "x": State(code="x", title=Text("作废", "Void"), end="cancelled"),
}
ACTIONS = {
    "open": action("open", START, "a"),
    "work": action("work", "a", "b"),
    "check": action("check", "b", "z", kind="verification", targets={"passed": "z", "failed": "a"}),
    "park": action("park", "a", "c"),
    "resume": action("resume", "c", "a"),
    "void": action("void", "a b c", "x"),
    "note": action("note", "a b", "", targets={}),
}
LIFECYCLE = Lifecycle(states=STATES, actions=ACTIONS)


@pytest.mark.parametrize("language", ["zh", "zh-hans", "en"])
def test_the_picture_is_well_formed_and_tells_everything(language: str) -> None:
    text = draw(LIFECYCLE, title=Text("流程", "Flow"), language=language, key="k", current="b")
    root = ET.fromstring(text)  # noqa: S314 our own output
    texts = "".join(root.itertext())
    for state in STATES.values():
        assert state.title.in_language(language) in texts
    for each in ACTIONS.values():
        assert each.title.in_language(language) in texts
    assert root.get("role") == "img"
    ids = {element.get("id") for element in root.iter()}
    assert set((root.get("aria-labelledby") or "").split()) <= ids
    assert root.findtext(f"{SVG}title") == {"en": "Lifecycle: Flow"}.get(language, "流程流程图")
    classes = [set((group.get("class") or "").split()) for group in root.iter(f"{SVG}g")]
    assert sum("verification" in each for each in classes) == 1
    assert sum("current" in each for each in classes) == 1
    assert sum("from-many" in each for each in classes) == 1
    assert sum("return" in each for each in classes) == 2
    assert sum("suspended" in each for each in classes) == 1


def test_nothing_that_a_content_security_policy_refuses() -> None:
    root = ET.fromstring(draw(LIFECYCLE, title=Text(HOSTILE, HOSTILE), language="en", key="k"))  # noqa: S314
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "title", "desc", "g", "path", "polygon", "circle", "rect", "text", "tspan")
    }
    assert all("style" not in element.attrib for element in root.iter())


def test_ends_are_ringed_twice() -> None:
    root = ET.fromstring(draw(LIFECYCLE, title=Text("流程", "Flow"), language="en", key="k"))  # noqa: S314
    rings = {
        group.get("class"): len(group.findall(f"{SVG}rect"))
        for group in root.findall(f"{SVG}g")
        if (group.get("class") or "").startswith("state")
    }
    assert rings == {
        "state open": 1,
        "state open suspended": 1,
        "state end closed": 2,
        "state end cancelled": 2,
    }


NAMES = st.sampled_from("abcdefghij")


@given(st.sets(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=18))
def test_no_two_things_of_a_picture_overlap(pairs: set[tuple[str, str]]) -> None:
    sizes = {name: (60.0 + 9 * index, 30.0) for index, name in enumerate("abcdefghij")}
    lines = [Line(one, two, 80.0, 20.0) for one, two in sorted(pairs)]
    layout = lay_out(sizes, lines)
    things: list[Item] = [*layout.boxes.values(), *(route.label for route in layout.routes)]
    for index, one in enumerate(things):
        assert one.x - one.width / 2 >= -1e-6
        assert one.x + one.width / 2 <= layout.width + 1e-6
        for two in things[index + 1 :]:
            apart_x = abs(one.x - two.x) - (one.width + two.width) / 2
            apart_y = abs(one.y - two.y) - (one.height + two.height) / 2
            assert apart_x > -1e-6 or apart_y > -1e-6
    assert len(layout.routes) == len(lines)
    for route in layout.routes:
        start, end = layout.boxes[route.line.origin], layout.boxes[route.line.target]
        assert abs(route.points[0][0] - start.x) <= start.width / 2
        assert abs(route.points[-1][0] - end.x) <= end.width / 2
        assert (route.points[0][1] > route.points[-1][1]) == route.returns
