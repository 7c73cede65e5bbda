"""How allauth's forms reach the exchange: signing up goes through the action.

Anybody may sign up as an ordinary user without an organisation; no form makes an
administrator.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.models import User
from core.actors import ANYBODY


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter; only what a form stores is ours."""

    def save_user(
        self,
        request: HttpRequest,
        user: User,
        form: Any,
        commit: bool = True,
    ) -> User:
        from accounts import actions

        data = form.cleaned_data
        return actions.register_user(
            email=data["email"], name="", password=data["password1"], by=ANYBODY
        )
