"""What a document may say: nothing classified, nothing that Word cannot hold."""

import dataclasses

import pytest

from honghu.kernel.documents.content import (
    ClassifiedDocumentError,
    Content,
    DocumentContentError,
    check_content,
    content_from_json,
)
from honghu.kernel.documents.tests.conftest import NOTICE


@pytest.mark.parametrize("classification", ["秘密", "机密", "绝密", "内部"])
def test_a_classified_document_is_refused(classification):
    with pytest.raises(ClassifiedDocumentError):
        check_content(NOTICE, classification=classification)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "秘密★1年 关于某事的通知"},
        {"body": ("正文", "机密 ★ 长期")},
        {"data": {"密级": "秘密"}},
        {"data": {"head": {"密级": "绝密"}}},
        {"facts": (("标记", "绝密★30年"),)},
    ],
)
def test_a_secrecy_mark_in_the_text_is_found(change):
    with pytest.raises(ClassifiedDocumentError) as refused:
        check_content(dataclasses.replace(NOTICE, **change), classification=None)
    assert refused.value.fields


def test_ordinary_words_are_no_marks():
    text = ("商业秘密由签约各方保守。", "密级：无")
    check_content(dataclasses.replace(NOTICE, body=text, data={"密级": ""}), classification="")


@pytest.mark.parametrize(
    "change", [{"title": " "}, {"body": ("a\x07b",)}, {"data": {"x": ["\x00"]}}]
)
def test_what_word_cannot_hold_is_refused(change):
    with pytest.raises(DocumentContentError):
        check_content(dataclasses.replace(NOTICE, **change), classification=None)


def test_the_digest_is_of_the_content_and_of_nothing_else():
    assert content_from_json(NOTICE.as_json()).digest() == NOTICE.digest()
    assert (
        Content(title="甲", data={"a": 1, "b": 2}).digest()
        == Content(title="甲", data={"b": 2, "a": 1}).digest()
    )
    assert dataclasses.replace(NOTICE, title="别的").digest() != NOTICE.digest()
