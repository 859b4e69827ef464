"""Addresses of the inbox."""

from django.urls import path

from honghu.desk.inbox import pages

urlpatterns = [
    path("inbox", pages.inbox_page, name="inbox"),
    path("inbox/read", pages.read_all, name="inbox-read"),
    path("inbox/count", pages.unread_count, name="inbox-count"),
    path("inbox/preferences", pages.preferences, name="mail-preferences"),
    path("inbox/preferences/link", pages.link_again, name="mail-link"),
    path("confirm-mail/<str:token>", pages.confirm_mail, name="confirm-mail"),
    path("inbox/<uuid:notification_id>", pages.open_notification, name="notification"),
]
