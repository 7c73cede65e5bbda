"""Addresses of money: reading only; what moves money is another room's verb."""

from django.urls import path

from money import api as views

api = [
    path("money-accounts", views.Accounts.as_view(), name="money-accounts"),
    path("money-accounts/<str:account_id>", views.OneAccount.as_view(), name="money-account"),
    path(
        "money-accounts/<str:account_id>/transfers",
        views.Transfers.as_view(),
        name="money-transfers",
    ),
]
pages: list = []
