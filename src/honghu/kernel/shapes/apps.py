"""Django's handle on the shapes."""

from django.apps import AppConfig


class ShapesConfig(AppConfig):
    """Lines and areas of maps, by layer."""

    name = "honghu.kernel.shapes"
    label = "shapes"
