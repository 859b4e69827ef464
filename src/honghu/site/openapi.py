"""`honghu openapi`: the API's document, as it is committed in docs/openapi.json."""

import json
from pathlib import Path
from typing import Annotated

import typer
from django.urls import reverse


def document() -> str:
    """The OpenAPI 3.1 document as text, the same for the same routes."""
    from honghu.site.api import api

    # Reversing an address loads the routes, which the document describes.
    root = reverse("api:api-root")
    schema = api.get_openapi_schema(path_prefix=root)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def openapi(
    write: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
) -> None:
    """Print the OpenAPI 3.1 document of the API."""
    if write is None:
        typer.echo(document(), nl=False)
    else:
        write.write_text(document(), encoding="utf-8")
