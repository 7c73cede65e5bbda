"""Who may deposit a file, and which files can be served as rows. Pure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.rules import is_qualified, role_denied, sees_everything
from accounts.states import Role
from core.actors import Actor
from core.verdicts import ALLOWED, Denied, Verdict, first_denied, hidden
from registry.models import AssetVersion

DEPOSITORS = (Role.TRADER, Role.ADMINISTRATOR)
MAX_ROWS_BYTES = 64 * 2**20
"""The gateway keeps rows in memory, so the file behind them is limited."""


def may_deposit(actor: Actor, version: AssetVersion, *, registered: bool) -> Verdict:
    """The holder's traders and administrators, once a certificate on this version is in force."""
    holder = version.asset.holder
    if not actor.acts_for(holder.id):
        return hidden()
    role: Verdict = ALLOWED
    if not any(actor.has(name) for name in DEPOSITORS):
        role = role_denied(Role.TRADER)
    return first_denied(is_qualified(holder), role, is_registered(registered=registered))


def is_registered(*, registered: bool) -> Verdict:
    """Only what has a certificate in force is deposited for delivery."""
    if registered:
        return ALLOWED
    return Denied(
        "not-registered",
        _("No certificate on this version is in force."),
        remedy=_("Register the version first, or deposit the certified one."),
    )


def may_see_deposit(actor: Actor, version: AssetVersion) -> Verdict:
    """The holder, the exchange's staff and regulators."""
    if actor.acts_for(version.asset.holder_id) or sees_everything(actor):
        return ALLOWED
    return hidden()


def may_serve_rows(version: AssetVersion) -> Verdict:
    """A registered table of 64 MiB at most."""
    if not columns_of(version):
        return Denied(
            "rows-need-a-table",
            _("Rows can be served from a registered table only; this version is another file."),
            remedy=_("Offer the file instead, or register it as a table."),
        )
    if version.size_bytes > MAX_ROWS_BYTES:
        return Denied(
            "rows-too-large",
            _("Rows are served from memory; this file is larger than %(limit)s MiB.")
            % {"limit": MAX_ROWS_BYTES // 2**20},
            remedy=_("Offer the file instead, or register a part of it."),
            data={"size_bytes": version.size_bytes, "limit_bytes": MAX_ROWS_BYTES},
        )
    return ALLOWED


def columns_of(version: AssetVersion) -> list[str]:
    """The registered columns; empty for a file that is no table."""
    table: dict[str, Any] = version.manifest.get("table") or {}
    return [column["name"] for column in table.get("columns", [])]
