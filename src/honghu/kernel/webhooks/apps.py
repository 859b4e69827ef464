"""The Django app of this package."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Subscriptions, their secrets, deliveries and attempts."""

    name = "honghu.kernel.webhooks"
    label = "webhooks"
