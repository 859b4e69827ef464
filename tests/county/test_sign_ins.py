"""Everybody of the sample can sign in, and every role has somebody."""

import datetime as dt
import io

import pytest
from rich.console import Console

from honghu.kernel.parties.models import Account
from honghu.kernel.parties.queries import list_holders
from honghu.site.county import PASSWORD
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.people import add_others, open_sign_ins, table_of

DAY = dt.date(2026, 6, 1)


@pytest.mark.django_db
def test_sign_ins_are_named_after_the_rarest_role_and_made_once() -> None:
    county = SampleCounty()
    town, city = (county.organisation(name, "office") for name in ("甲镇河长办", "市河长办"))
    county.person("洪晓渠", city, ["river_officer", "river_supervisor"])
    for name in ("峰晓渠", "万晓渠"):
        county.person(name, town, ["river_officer"])
    add_others(county)
    made = {each.person: each.username for each in open_sign_ins()}
    assert made["洪晓渠"] == "river-supervisor"
    assert {made["峰晓渠"], made["万晓渠"]} == {"river-officer", "river-officer-2"}
    assert (made["温简明"], made["何付讫"]) == ("bulletin-editor", "treasury")
    assert Account.objects.get(username="river-officer-2").check_password(PASSWORD)
    assert {each.person: each.username for each in open_sign_ins()} == made
    assert all(row.username for row in list_holders(on=DAY))
    console = Console(width=200, record=True, file=io.StringIO())

    console.print(table_of(open_sign_ins(), heads=("a", "b", "c", "d")))
    assert "river-supervisor" in console.export_text()
