"""What every page shows around its content: the menu, the day, the state of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Organisation
from accounts.states import OrganisationKind
from config.menus import menu_of
from core.time import CHINA
from core.workdays import Workday, judge, overrides_between
from ledger.models import AnchorProof, Head


@dataclass(frozen=True)
class LogStatus:
    """`anchored_at` is None while no head has reached a block; `demo` marks an example exchange."""

    size: int
    anchored_at: datetime | None
    local: bool
    demo: bool


def log_status() -> LogStatus:
    """The log as of now; one query."""
    newest = AnchorProof.objects.order_by("-size")
    exchange = Organisation.objects.filter(kind=OrganisationKind.EXCHANGE)
    row = Head.objects.annotate(
        anchored_at=Subquery(newest.values("recorded_at")[:1]),
        local=Subquery(newest.values("chain__is_local")[:1]),
        demo=Subquery(exchange.values("is_demo")[:1]),
    ).get(pk=1)
    return LogStatus(row.size, row.anchored_at, bool(row.local), bool(row.demo))


def today() -> Workday:
    """This day in China, and whether it is a working day; one query."""
    day = timezone.now().astimezone(CHINA).date()
    return judge(day, overrides_between(day, day))


def site(request: HttpRequest) -> dict[str, Any]:
    """`log`, `menu` and `today`, each read only when a template asks for it."""
    return {
        "log": SimpleLazyObject(log_status),
        "menu": SimpleLazyObject(lambda: menu_of(request)),
        "today": SimpleLazyObject(today),
    }
