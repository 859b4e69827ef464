"""Excel at the desk: the list as it is shown goes out, a filled-in template comes in."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from honghu.desk.tests.cast import Cast
from honghu.kernel.cases.models import Case

URL = "/registers/ditch-weeds/"


def _book(response):
    content = b"".join(response.streaming_content)
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def _filled(client, *rows):
    """The template of the register with rows in it, as an upload."""
    response = client.get(reverse("import-template", args=["ditch-weeds"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    for row in rows:
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("沟渠.xlsx", target.getvalue())


def test_the_list_goes_out_as_it_is_filtered_and_never_personal(cast: Cast) -> None:
    cast.weeds("=1+1 渠", caller="13812340000")
    cast.issued(ditch="North ditch")
    client = cast.client("lan")
    assert f'href="{URL}export.xlsx?q=north"' in client.get(f"{URL}?q=north").content.decode()
    page = _book(client.get(f"{URL}export.xlsx?sort=number"))
    assert [cell.value for cell in page[3]][:4] == ["Number", "Ditch", "Area(m²)", "Budget(yuan)"]
    assert [cell.value for cell in page[4]][1:4] == ["=1+1 渠", 120.5, 12345]
    assert page["B4"].data_type == "s"
    assert "Organisation north" in {cell.value for cell in page[5]}
    assert "13812340000" not in {cell.value for row in page.iter_rows() for cell in row}
    assert _book(client.get(f"{URL}export.xlsx?q=north")).max_row == 4
    # A town gets what it sees, and nothing of others.
    assert _book(cast.client("min").get(f"{URL}export.xlsx")).max_row == 3


def test_a_list_is_checked_then_accepted_and_opens_its_cases(cast: Cast) -> None:
    client = cast.client("lan")
    file = _filled(client, ["四湖渠", 12.5, 100, "是", None], ["中府渠", "x", None, "否", "1"])
    report = client.post(f"{URL}import", {"file": file}, follow=True)
    text = report.content.decode()
    assert "沟渠.xlsx" in text
    assert {"B6", "E6"} <= set(text.replace("<", ">").split(">"))
    assert Case.objects.count() == 0
    marked = _book(client.get(f"{report.redirect_chain[-1][0]}/faults.xlsx"))
    assert marked["A5"].value == "中府渠"
    accept = f"{report.redirect_chain[-1][0]}/accept"
    assert client.post(accept).status_code == 409
    done = client.post(accept, {"partial": "true"}, follow=True).content.decode()
    assert "Opening cases" in done
    assert "1 / 1" in client.get(accept.replace("accept", "progress")).content.decode()
    assert Case.objects.get().facts["cost"] == 10_000
    file.seek(0)
    again = client.post(f"{URL}import", {"file": file}, follow=True).content.decode()
    assert Case.objects.get().number in again
    assert "left out" in again


def test_what_is_no_workbook_comes_back_with_the_remedy(cast: Cast) -> None:
    client = cast.client("lan")
    bad = SimpleUploadedFile("list.xlsx", "沟渠,面积\n".encode("gbk"))
    response = client.post(f"{URL}import", {"file": bad})
    assert response.status_code == 422
    assert "save it as .xlsx" in response.content.decode()
    assert client.post(f"{URL}import").status_code == 422


def test_only_those_who_may_open_bring_lists_and_only_they_see_them(cast: Cast) -> None:
    lan = cast.client("lan")
    sent = lan.post(f"{URL}import", {"file": _filled(lan, ["渠", None, None, "是", None])})
    assert lan.get(sent["Location"]).status_code == 200
    assert cast.client("bo").get(sent["Location"]).status_code == 404
    assert cast.client("wei").get(f"{URL}import").status_code == 403
    assert "import" not in cast.client("wei").get(URL).content.decode().split("<main")[1]
