"""Addresses of field work. The worker's own address bounds what it may answer."""

from django.urls import path

from honghu.desk.field import pages

urlpatterns = [
    path("field/", pages.field, name="field"),
    path("field/tasks.json", pages.what_to_do, name="field-tasks"),
    path("field/worker.js", pages.worker, name="field-worker"),
]
