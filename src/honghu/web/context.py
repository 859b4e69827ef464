"""What every page's frame needs."""

from django.http import HttpRequest


def chrome(request: HttpRequest) -> dict[str, object]:
    """Variables of the frame around every page."""
    return {}
