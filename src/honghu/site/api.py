"""The API of all modules, assembled."""

from ninja import NinjaAPI

api = NinjaAPI(title="Honghu", version="1", urls_namespace="api")
