"""What the work pages of an organisation's own people share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.models import Membership, Organisation, User
from core.pages import Page


class OwnPage(Page):
    """A page on the organisation acted for. Who acts for none is led to apply, or to choose."""

    @property
    def membership(self) -> Membership:
        """The membership acted through."""
        found: Membership = self.request.membership  # type: ignore[attr-defined]  # set by the middleware
        return found

    @property
    def organisation(self) -> Organisation:
        """The organisation acted for."""
        return self.membership.organisation

    @property
    def person(self) -> User:
        """Who looks."""
        user: User = self.request.user  # type: ignore[assignment]  # signed in, says dispatch
        return user

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.membership:  # type: ignore[attr-defined]  # set by the middleware
            return redirect("acting")
        return super().dispatch(request, *args, **kwargs)
