"""How those who asked for it judge what was done: satisfied, or not.

A register says by `satisfaction:` which action keeps the judgement. A report that was passed on is
judged as what came of it: the judgement counts for the case that was opened from it.
"""

from typing import Any, Final

from honghu.kernel.registers.queries import latest_registers

JUDGED: Final = """
SELECT DISTINCT ON (coalesce(c.id, r.id)) coalesce(c.id, r.id) AS case_id,
  coalesce(c.register, r.register) AS register, coalesce(c.parties, r.parties) AS parties,
  f.form->>j.field = ANY(string_to_array(j.content, ' ')) AS is_content
FROM unnest(%(judged_registers)s::text[], %(judged_actions)s::text[], %(judged_fields)s::text[],
  %(judged_contents)s::text[]) j(register, action, field, content)
JOIN cases_step s ON s.register = j.register AND s.action = j.action
  AND s.at >= %(since)s AND s.at < %(now)s
JOIN cases_stepform f ON f.step_id = s.id AND f.form->>j.field IS NOT NULL
JOIN cases_case r ON r.id = s.case_id
LEFT JOIN LATERAL (
  SELECT id, register, parties FROM cases_case
  WHERE parent_id = r.id AND register = ANY(%(judged_takers)s::text[])
  ORDER BY opened_at, id LIMIT 1) c ON true
ORDER BY coalesce(c.id, r.id), s.at DESC
"""
"""The cases judged from `since` to `now`, each by its last judgement; see `judged_values`."""


def judged_values() -> dict[str, list[str]]:
    """The values of JUDGED, besides `since` and `now`: which actions judge, and who takes reports."""
    registers = latest_registers()
    judging = [(each, each.satisfaction) for each in registers if each.satisfaction is not None]
    values: dict[str, Any] = {
        "judged_registers": [register.code for register, _said in judging],
        "judged_actions": [said.action for _register, said in judging],
        "judged_fields": [said.field for _register, said in judging],
        "judged_contents": [" ".join(said.content) for _register, said in judging],
        "judged_takers": [each.code for each in registers if each.public_reports is not None],
    }
    return values
