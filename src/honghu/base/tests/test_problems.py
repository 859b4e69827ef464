import pytest

from honghu.base.problems import Conflict, HonghuError, Invalid, NotAllowed, NotFound


@pytest.mark.parametrize(
    ("kind", "status"), [(Invalid, 422), (NotAllowed, 403), (NotFound, 404), (Conflict, 409)]
)
def test_each_outcome_has_its_status(kind, status):
    assert issubclass(kind, HonghuError)
    assert kind("no").status == status


def test_codes_differ():
    kinds = [HonghuError, Invalid, NotAllowed, NotFound, Conflict]
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_text_names_problem_and_remedy():
    error = Invalid("row 3: no amount", remedy="fill in column 金额")
    assert str(error) == "row 3: no amount (fill in column 金额)"
    assert str(NotFound("no such case")) == "no such case"


def test_reported_fields_do_not_change_with_the_callers_dictionary():
    faults = {"amount_fen": "missing"}
    error = Invalid("two fields are wrong", fields=faults)
    faults["amount_fen"] = "changed"
    assert error.fields == {"amount_fen": "missing"}
