"""Django's handle on the registers."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Published versions of registers."""

    name = "honghu.kernel.registers"
    label = "registers"
