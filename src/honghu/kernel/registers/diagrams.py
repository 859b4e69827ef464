"""The diagram of a register: its lifecycle, with the results of actions in words."""

from honghu.kernel.lifecycles.diagram import draw
from honghu.kernel.registers.actions import RESULT
from honghu.kernel.registers.model import Register


def draw_register(register: Register, *, language: str, current: str | None = None) -> str:
    """Return the register's lifecycle as an SVG element; `current` marks the state of a case."""
    results = {
        (action.code, code): title
        for action in register.actions.values()
        if RESULT in action.form
        for code, title in action.form[RESULT].options.items()
    }
    return draw(
        register.lifecycle,
        title=register.title,
        language=language,
        key=f"lifecycle-{register.code}",
        current=current,
        result_titles=results,
    )
