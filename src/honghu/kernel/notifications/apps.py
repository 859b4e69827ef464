"""The Django app of this package."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications, reminders, mails, and how each person wants them."""

    name = "honghu.kernel.notifications"
    label = "notifications"
