"""The admin site and the base of its pages: a room to read in.

It stands apart from `core.admin`, whose import registers pages on the very site that is
made here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Base of every admin page: look, search, filter, and nothing else."""

    show_full_result_count = False
    acts_at = ""

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The page whose forms act on the thing, through the same actions as everywhere;
        `acts_at` names it, with the thing's id where it takes one."""
        if obj is None or not self.acts_at:
            return None
        try:
            return reverse(self.acts_at, args=[obj.pk])
        except NoReverseMatch:
            return reverse(self.acts_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadingRoom(admin.AdminSite):
    """The admin site: signing in and passwords are the site's own, and every page is read-only."""

    site_header = _("Tallystick reading room")
    site_title = _("Tallystick reading room")
    index_title = _("Everything that is stored, to look at")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Let a page in if it is read-only; those that packages bring along stay out."""
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """To the site's own sign-in. Raises NotAllowed for who is signed in and may not enter."""
        if request.user.is_authenticated:
            raise NotAllowed(
                "administrators-only",
                _("The reading room is for administrators of the exchange."),
                remedy=_("Sign in as an administrator, or ask one."),
            )
        wanted = request.GET.get("next", reverse("admin:index"))
        return redirect_to_login(wanted, reverse("account_login"))

    def password_change(  # type: ignore[override]  # no template, a redirect
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """To the site's own page for it."""
        return redirect("account_change_password")
