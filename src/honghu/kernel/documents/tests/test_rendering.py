"""Word files from templates: the built-in layout, a county's own, and what goes wrong."""

import datetime as dt
import io
import zipfile

import docx
import pytest

from honghu.kernel.documents.layouts import default_template
from honghu.kernel.documents.queries import read_template, template_exists
from honghu.kernel.documents.rendering import Letterhead, TemplateError, render
from honghu.kernel.documents.tests.conftest import NOTICE

HEAD = Letterhead(
    organ_name="洪湖市河湖长制办公室",
    number="洪河办函〔2026〕7号",
    signed_date=dt.date(2026, 5, 6),
    printed_date=dt.date(2026, 5, 7),
    signed_by="丁一",
)


def template(*paragraphs):
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


@pytest.fixture
def own_templates(settings, tmp_path):
    """The installation's folder of templates; give it files."""
    settings.HONGHU_HOME = tmp_path
    folder = tmp_path / "templates" / "documents"
    folder.mkdir(parents=True)

    def _add(name, content):
        (folder / name).write_bytes(content)

    return _add


def texts(content):
    document = docx.Document(io.BytesIO(content))
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def test_the_built_in_template_prints_everything_in_order():
    content = render("default.docx", NOTICE, HEAD)
    assert texts(content) == [
        "洪湖市河湖长制办公室",
        "洪河办函〔2026〕7号",
        "关于限期清理水葫芦的通知",
        "新堤街道办事处、滨湖街道办事处：",
        "经巡查，发现 <约300㎡> 水葫芦 & 垃圾。",
        "请于5个自然日内完成清理。",
        "洪湖市河湖长制办公室",
        "2026年5月6日",
        "抄送：市水利和湖泊局。",
        "洪湖市河湖长制办公室\t2026年5月7日印发",
    ]
    (table,) = docx.Document(io.BytesIO(content)).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["问题编号", "2026-0001"]]


def test_what_is_not_there_leaves_no_line():
    bare = type(NOTICE)(title="会议纪要")
    content = render("default.docx", bare, HEAD)
    assert not any("抄送" in text or "：" in text for text in texts(content))
    assert docx.Document(io.BytesIO(content)).tables == []


def test_each_line_of_the_body_is_a_paragraph():
    shown = texts(
        render("default.docx", type(NOTICE)(title="通知", body=("一、\n二、\n\n", "三、")), HEAD)
    )
    assert shown[3:6] == ["一、", "二、", "三、"]


def test_the_page_is_that_of_the_standard():
    section = docx.Document(io.BytesIO(default_template())).sections[0]
    lengths = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    # What is left on the page is the text area of 156 × 225 mm.
    assert [round(length.mm) for length in lengths if length] == [210, 297, 37, 35, 28, 26]


def test_a_countys_own_template_replaces_the_built_in(own_templates):
    own_templates("default.docx", template("{{ number }} {{ data.section }} {{ signed_by }}"))
    assert texts(render("default.docx", NOTICE, HEAD)) == ["洪河办函〔2026〕7号 新堤段 丁一"]


def test_the_built_in_template_can_be_taken_out_changed_and_put_back(own_templates):
    taken = docx.Document(io.BytesIO(read_template("default.docx")))
    taken.paragraphs[0].insert_paragraph_before("★ {{ data.section }}")
    target = io.BytesIO()
    taken.save(target)
    own_templates("notice.docx", target.getvalue())
    assert template_exists("notice.docx")
    assert texts(render("notice.docx", NOTICE, HEAD))[0] == "★ 新堤段"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (template("{{ data.river }}"), "asks for what the document does not have.*river"),
        (template("{{ nothing }}"), "'nothing' is undefined"),
        (template("{{ number"), "cannot be filled"),
        (template("{% for x in body %}"), "cannot be filled"),
        (template("{{ ''.__class__.__mro__ }}"), "cannot be filled|does not have"),
        (
            template("{{ body.append('x') }}{{ cycler.__init__.__globals__ }}"),
            "unsafe|does not have",
        ),
        (b"no Word file", "is no Word file"),
    ],
)
def test_a_faulty_template_names_itself_and_the_fault(own_templates, content, said):
    own_templates("own.docx", content)
    with pytest.raises(TemplateError, match=said) as refused:
        render("own.docx", NOTICE, HEAD)
    assert "own.docx" in refused.value.message


def test_values_are_never_read_as_tags():
    sly = type(NOTICE)(title="{{ number }}{% if %}", body=("<w:p/>&amp;",))
    shown = texts(render("default.docx", sly, HEAD))
    assert "{{ number }}{% if %}" in shown
    assert "<w:p/>&amp;" in shown


@pytest.mark.parametrize("name", ["../secret.docx", "a/b.docx", "x.txt", "", "default.docx\0"])
def test_a_template_is_a_plain_file_name(name):
    assert not template_exists(name)
    with pytest.raises(TemplateError):
        read_template(name)


def test_a_template_that_is_not_there_says_where_to_put_it():
    assert not template_exists("unheard-of.docx")
    with pytest.raises(TemplateError, match="templates/documents/"):
        read_template("unheard-of.docx")


def test_the_file_names_nobody():
    with zipfile.ZipFile(io.BytesIO(default_template())) as archive:
        assert b"python-docx" not in archive.read("docProps/core.xml")
