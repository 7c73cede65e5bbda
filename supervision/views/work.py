"""What the three work pages share: claim, conversation, checklist, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.states import Role
from core.casework import Item, newest_findings
from core.forms import DeedForm
from core.models import Remark
from core.pages import Done, Page
from supervision.forms.decisions import FindingForm, RemarkForm
from supervision.queries import dossiers
from supervision.queries.clocks import Clocks

COMMON = {"claim": DeedForm, "release": DeedForm, "remark": RemarkForm}


@dataclass(frozen=True, slots=True)
class Check:
    """An item of the checklist with its newest finding, None before."""

    item: Item
    found: Remark | None


class WorkPage(Page):
    """One thing under review. `url_name` and `kind` say where it stands on the desk.

    `room` holds the actions of casework on such things: claim, release, remark, check_item.
    """

    url_name: ClassVar[str]
    kind: ClassVar[str]
    room: ClassVar[Any]
    items: ClassVar[tuple[Item, ...]] = ()
    thing: Any

    @property
    def address(self) -> str:
        """This page's own address."""
        return reverse(self.url_name, args=[self.thing.pk])

    def done(self, said: str) -> Done:
        """Back to this page."""
        return Done(self.address, said)

    def load(self, key: str, at: datetime) -> Any:
        """The thing with its annotations. Raises NotFound."""
        raise NotImplementedError

    def prepare(self, **kwargs: str) -> None:
        self.now = timezone.now()
        self.thing = self.load(next(iter(kwargs.values())), self.now)

    @property
    def claimed(self) -> str:
        """Who has taken the thing on; "" for nobody."""
        return self.thing.claimed or ""

    def hindrance(self) -> str:
        """Why this reader may decide nothing here; "" when they may."""
        thing, actor = self.thing, self.actor
        if not self.may_decide_at_all():
            return _("You may read this. Reviewers of the exchange decide it.")
        if thing.member_of or thing.interested:
            return _(
                "You belong to this organisation, did so in the last 24 months, or declared an "
                "interest. Somebody else decides."
            )
        if self.claimed and self.claimed != actor.user_id:
            return _("Another reviewer has taken this on.")
        return ""

    def may_decide_at_all(self) -> bool:
        """Whether the reader's role decides things of this kind."""
        exchange = self.actor.organisation_kind == "exchange"
        return exchange and self.actor.has(Role.REVIEWER)

    def context(self) -> dict[str, Any]:
        self.clocks = Clocks(self.now)
        self.remarks = dossiers.remarks_of(self.thing.pk)
        found = newest_findings(self.remarks)
        self.checks = [Check(item, found.get(item.id)) for item in self.items]
        own = self.claimed == self.actor.user_id
        administrator = self.actor.has(Role.ADMINISTRATOR)
        return {
            "thing": self.thing,
            "kind": self.kind,
            "today": self.clocks.today(),
            "claimed": self.claimed,
            "own_claim": bool(self.claimed) and own,
            "may_release": bool(self.claimed) and (own or administrator),
            "claimant": self.claimant(),
            "hindrance": self.hindrance(),
            "checks": self.checks,
            "checked": sum(check.found is not None for check in self.checks),
            "talk": dossiers.conversation(self.remarks, self.actor.organisation_id),
            "moments": dossiers.history_of(self.thing.pk),
        }

    def do_claim(self, _data: dict[str, Any]) -> Done:
        self.room.claim(self.thing, by=self.actor)
        return self.done(_("The case is yours until you decide it or give it back."))

    def do_release(self, _data: dict[str, Any]) -> Done:
        self.room.release(self.thing, by=self.actor)
        return self.done(_("Given back; anybody may take it on."))

    def do_remark(self, data: dict[str, Any]) -> Done:
        self.room.remark(self.thing, text=data["text"], outward=data["outward"], by=self.actor)
        return self.done(_("Written down."))

    def do_check(self, data: dict[str, Any]) -> Done:
        self.room.check_item(self.thing, by=self.actor, **data)
        return self.done(_("Finding kept."))

    def claimant(self) -> str:
        """Who has taken it on, by name where a remark of theirs tells it."""
        names = {r.user: r.name for r in self.remarks}
        return names.get(self.claimed) or self.claimed[-8:]

    def open_items(self) -> str:
        """What the checklist still lacks for a pass; "" when it lacks nothing."""
        failed = [c for c in self.checks if c.found and c.found.result == Remark.Result.FAIL]
        if failed:
            return _("Not in order: %(item)s") % {"item": failed[0].item.title}
        open_ones = [c for c in self.checks if c.found is None]
        if not open_ones:
            return ""
        return _("Still open: %(item)s") % {"item": open_ones[0].item.title}


__all__ = ["COMMON", "Check", "FindingForm", "WorkPage"]
