"""Where a form names another case it is chosen by its name; nobody types an identifier."""

import datetime as dt
import re

from django.test import Client
from django.urls import reverse

from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.models import Account
from honghu.site.county import ensure_organisation, settle


def test_a_campaign_is_chosen_by_its_name(shipped: None, now: dt.datetime) -> None:
    office = ensure_organisation("洪湖市应急管理局", "office", now=now)
    roles = ("safety_inspector", "safety_committee")
    inspector = settle("inspector", "涂安查", office, roles, now=now).actor(now.date())
    form = {
        "name": "2023行动", "kind": "major_hazards", "starts_on": "2026-04-27",
        "ends_on": "2026-12-31", "stage": "mobilise",
    }  # fmt: skip
    campaign = open_case(
        "safety-campaign", action="open", actor=inspector, now=now, idempotency_key="c", form=form
    )
    client = Client()
    account = Account.objects.get(username="inspector")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("open-case", args=["safety-hazard", "open"])).content.decode()
    box = re.search(r'<select[^>]*name="campaign".*?</select>', page, re.DOTALL)
    assert box is not None
    assert f'value="{campaign.case_id}"' in box[0]
    assert Case.objects.get(pk=campaign.case_id).title in box[0]
