"""GeoReport's two formats: XML with its lists of elements, and JSON; refusals in its own shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

Item: TypeAlias = Mapping[str, Any]
FORMATS: Final = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


def answer(
    kind: str, root: str, name: str, items: Sequence[Item], status: int = 200
) -> HttpResponse:
    """The list of items: in XML `<root><name>…`, in JSON an array. Null is an empty element."""
    if kind == "json":
        return _json(list(items), status)
    tree = Element(root)
    for item in items:
        _fill(SubElement(tree, name), item)
    return _xml(tree, status)


def answer_one(kind: str, root: str, item: Item) -> HttpResponse:
    """One thing that is no list: a service's definition, the discovery."""
    if kind == "json":
        return _json(item, 200)
    tree = Element(root)
    _fill(tree, item)
    return _xml(tree, 200)


def refuse(kind: str, status: int, descriptions: Sequence[str]) -> HttpResponse:
    """A refusal as GeoReport has it: code and description of each error, and the HTTP status."""
    errors = [{"code": str(status), "description": text} for text in descriptions]
    response = answer(kind, "errors", "error", errors, status)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _json(value: Any, status: int) -> HttpResponse:
    return HttpResponse(
        json.dumps(value, ensure_ascii=False), status=status, content_type=FORMATS["json"]
    )


def _xml(tree: Element, status: int) -> HttpResponse:
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(tree, encoding="utf-8")
    # ElementTree declares the encoding itself where it is asked for one.
    body = body[body.rindex(b"<?xml") :]
    return HttpResponse(body, status=status, content_type=FORMATS["xml"])


_ITEMS: Final = {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What the elements of a list inside an item are called."""


def _fill(element: Element, item: Item) -> None:
    for name, value in item.items():
        child = SubElement(element, name)
        if isinstance(value, list):
            for each in value:
                one = SubElement(child, _ITEMS[name])
                if isinstance(each, Mapping):
                    _fill(one, each)
                else:
                    one.text = _text(each)
        elif value is not None:
            child.text = _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # What XML 1.0 cannot hold is left out; nothing of ours holds it.
    return "".join(each for each in str(value) if each in "\t\n\r" or ord(each) >= ord(" "))
