"""What a document says, before it has a number: checked, and refused where it is classified."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from honghu.base.hashing import canonical_json, sha256, to_jsonable
from honghu.base.problems import Invalid

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# 密级 with its star and term, as GB/T 9704 prints it: 秘密★1年.
_SECRET: Final = re.compile(r"(?:绝密|机密|秘密)\s*[★☆*]")
_SECRET_KEYS: Final = frozenset({"密级", "classification", "secrecy"})


class DocumentContentError(Invalid):
    """A content that cannot become a document; `fields` names what is wrong."""

    code = "document_content"


class ClassifiedDocumentError(DocumentContentError):
    """A document that is marked as a state secret: it must not enter this system at all."""

    code = "document_classified"


@dataclass(frozen=True, slots=True)
class Content:
    """The draft: title, addressees and text, facts as (label, value), and a template's own fields.

    `main_recipients` is 主送, `copied_to` 抄送. `data` must be JSON with text keys.
    """

    title: str
    main_recipients: Sequence[str] = ()
    copied_to: Sequence[str] = ()
    body: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The content as it is kept and hashed."""
        return {
            "title": self.title,
            "main_recipients": list(self.main_recipients),
            "copied_to": list(self.copied_to),
            "body": list(self.body),
            "facts": [list(fact) for fact in self.facts],
            "data": to_jsonable(dict(self.data)),
        }

    def digest(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785), in hex: what a step keeps of the content."""
        return sha256(canonical_json(self.as_json())).hex()


def content_from_json(kept: Mapping[str, Any]) -> Content:
    """The content of what `as_json` gave."""
    return Content(
        title=kept["title"],
        main_recipients=tuple(kept["main_recipients"]),
        copied_to=tuple(kept["copied_to"]),
        body=tuple(kept["body"]),
        facts=tuple((label, value) for label, value in kept["facts"]),
        data=kept["data"],
    )


def check_content(content: Content, *, classification: str | None) -> None:
    """Refuse what cannot be a document of this system.

    Raises ClassifiedDocumentError for a secrecy mark, given or printed in the text (state secrets
    must not be kept on a system that is not rated for them), DocumentContentError for a missing
    title or characters that no Word file can hold.
    """
    if classification and classification.strip():
        raise _classified("classification")
    if not content.title.strip():
        raise DocumentContentError(
            _("The document has no title."),
            remedy=_("Give it one."),
            fields={"title": _("is empty")},
        )
    for name, text in _texts(content.as_json(), ""):
        if name.rpartition(".")[2] in _SECRET_KEYS and text.strip():
            raise _classified(name)
        if _SECRET.search(text):
            raise _classified(name)
        if _CONTROL.search(text):
            raise DocumentContentError(
                _("%(field)s holds a control character.") % {"field": name},
                remedy=_("Type the text anew."),
                fields={name: _("holds a control character")},
            )


def _classified(name: str) -> ClassifiedDocumentError:
    return ClassifiedDocumentError(
        _("The document is marked as classified (at %(field)s).") % {"field": name},
        remedy=_("Handle it outside this system, which is not rated for state secrets."),
        fields={name: _("is a secrecy mark")},
    )


def _texts(value: object, name: str) -> list[tuple[str, str]]:
    """All texts in a JSON value, with their paths."""
    match value:
        case str():
            return [(name, value)]
        case dict():
            return [
                found
                for key, item in value.items()
                for found in _texts(item, f"{name}.{key}".lstrip("."))
            ]
        case list():
            return [
                found
                for index, item in enumerate(value)
                for found in _texts(item, f"{name}.{index}")
            ]
        case _:
            return []
