"""Addresses of bulletins."""

from django.urls import path

from honghu.desk.bulletins import pages

urlpatterns = [
    path("bulletins", pages.bulletins, name="bulletins"),
    path("bulletins/build", pages.build, name="bulletin-build"),
    path("bulletins/<uuid:bulletin_id>", pages.bulletin, name="bulletin"),
    path("bulletins/<uuid:bulletin_id>/publish", pages.publish, name="bulletin-publish"),
    path("bulletins/<uuid:bulletin_id>.docx", pages.word, name="bulletin-word"),
    path("bulletins/<uuid:bulletin_id>.pdf", pages.pdf, name="bulletin-pdf"),
    path("bulletins/<uuid:bulletin_id>.json", pages.proof, name="bulletin-proof"),
]
