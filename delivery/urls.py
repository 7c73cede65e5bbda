"""Addresses of deposits. The gateway's own addresses, under /d/, are not Django's."""

from django.urls import path

from delivery import api as views

api = [
    path("deposits/<str:version_id>", views.DepositOf.as_view(), name="deposit"),
    path(
        "deposits/<str:version_id>/content", views.DepositContent.as_view(), name="deposit-content"
    ),
]
pages: list = []
