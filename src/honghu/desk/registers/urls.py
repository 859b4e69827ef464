"""Addresses of registers."""

from django.urls import path

from honghu.desk.registers import pages

urlpatterns = [
    path("registers/<slug:register>/", pages.register_list, name="register"),
    path("registers/<slug:register>/counts", pages.register_counts, name="register-counts"),
    path("registers/<slug:register>/lifecycle", pages.lifecycle, name="lifecycle"),
]
