"""Loads every installed module's declaration when Django is ready."""

from django.apps import AppConfig


class ModulesConfig(AppConfig):
    """The registry of modules."""

    name = "honghu.kernel.modules"
    label = "modules"

    def ready(self) -> None:
        """Read each module's MODULE and seal the registry."""
        from honghu.kernel.modules.registry import load_modules

        load_modules()
