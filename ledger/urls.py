"""Addresses of the ledger."""

from django.urls import path

from ledger.views import Log

api: list = []
pages = [path("log", Log.as_view(), name="log")]
