"""Public notices: what is in publicity, one notice with its objection, and the decision."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated_with_any
from accounts.rules import sees_everything
from core.casework import claimed_by, may_work
from core.errors import NotFound
from core.forms import DeedForm, ReasonForm
from core.pages import Done, Page
from core.tables import TablePage
from core.time import iso
from core.verdicts import Verdict, first_denied
from registry import actions, queries, rules
from registry.forms.objection import ObjectForm
from registry.grounds import GROUNDS, REFUSALS, RIGHT_TERMS
from registry.models import Objection, RegistrationCase
from registry.states import ObjectionState, RefusalGround, Right, SourceKind


class Notices(TablePage):
    """`/notices`: what is in publicity with its countdown, then what was."""

    template_name = "registry/notice_list.html"
    public = True
    filename = "notices"
    headings: ClassVar[tuple[Any, ...]] = (
        _("Number"),
        _("Applicant"),
        _("Name of the data"),
        _("Overview"),
        _("Restrictions"),
        _("Published"),
        _("State"),
    )

    def rows(self) -> QuerySet[RegistrationCase]:
        return queries.notices()

    def lines(self, rows: list[RegistrationCase]) -> list[Any]:
        return queries.as_notices(rows, timezone.now())

    def cells(self, row: RegistrationCase) -> tuple[Any, ...]:
        asset, begins = row.asset, row.publicised_at
        said = iso(begins) if begins else ""
        stated = (asset.holder.name, asset.name, asset.overview, asset.restrictions)
        return row.pk, *stated, said, row.get_state_display()


class OneNotice(Page):
    """`/notices/<case>`: what is to be registered, until when, and the objection to it."""

    template_name = "registry/notice_show.html"
    public = True
    forms = {"object": ObjectForm, "withdraw": DeedForm}

    def prepare(self, **kwargs: str) -> None:
        """The notice and this reader's own open objection. Raises NotFound."""
        self.notice = queries.notice(kwargs["case_id"], timezone.now())
        self.case = self.notice.case
        known = queries.objections_for(self.actor).filter(case=self.case.pk)
        self.known = list(known) if self.actor.organisation_id else []
        self.own = next(
            (one for one in self.known if self.is_own(one) and one.state == ObjectionState.OPEN),
            None,
        )

    def is_own(self, objection: Objection) -> bool:
        """Whether the reader's organisation made it."""
        return self.actor.acts_for(objection.objector_id)

    def context(self) -> dict[str, Any]:
        """What the notice shows; `verdict` says whether this reader may object."""
        asset, version = self.case.asset, self.case.version
        digests = (
            ("SHA-256", version.sha256),
            ("SM3", version.sm3),
            ("BLAKE3", version.blake3),
            (_("Chunk tree"), version.chunk_root),
            (_("Row digest"), version.row_digest),
        )
        return {
            "notice": self.notice,
            "case": self.case,
            "asset": asset,
            "version": version,
            "certificate": getattr(self.case, "certificate", None),
            "ground": GROUNDS[SourceKind(asset.source_kind)],
            "rights": [(Right(r).label, RIGHT_TERMS[Right(r)][0]) for r in self.case.rights],
            "digests": [pair for pair in digests if pair[1]],
            "known": self.known,
            "own": self.own,
            "verdict": rules.may_object(self.actor, self.case),
        }

    def here(self, said: Any) -> Done:
        """Back to the notice, with what was done."""
        return Done(reverse("notice", args=[self.case.pk]), said)

    def do_object(self, data: dict[str, Any]) -> Done:
        """The reader's organisation objects."""
        actions.object_to(self.case, **data, by=self.actor)
        return self.here(_("The objection is made. No certificate is issued before its decision."))

    def do_withdraw(self, _data: dict[str, Any]) -> Done:
        """The reader's organisation takes its objection back."""
        if self.own is None:
            raise NotFound("not-found", _("Your organisation has no open objection here."))
        actions.withdraw_objection(self.own, by=self.actor)
        return self.here(_("The objection is taken back."))


class ReviewObjection(Page):
    """`/review/objections/<id>`: what was objected, by whom, and the reviewer's decision."""

    template_name = "registry/objection_show.html"
    forms = {"uphold": ReasonForm, "reject": ReasonForm}

    def prepare(self, **kwargs: str) -> None:
        """The objection. Raises NotFound for who is no party and sees not everything."""
        self.objection = queries.objection(kwargs["objection_id"], self.actor)
        self.case = self.objection.case

    def verdict(self) -> Verdict:
        """Whether this reader may decide."""
        by, now = self.actor, timezone.now()
        sides = (self.case.asset.holder_id, self.objection.objector_id)
        close = affiliated_with_any(by.user_id, sides, now)
        return first_denied(
            rules.may_decide_objection(by, self.objection, affiliated=close),
            may_work(by, claimed_by(self.case.pk)),
        )

    def context(self) -> dict[str, Any]:
        """The objection, its deadline, and whether this reader may decide."""
        running = self.objection.state == ObjectionState.OPEN
        return {
            "objection": self.objection,
            "case": self.case,
            "asset": self.case.asset,
            "basis": REFUSALS[RefusalGround(self.objection.ground)],
            "deadline": queries.decision_due(self.objection, timezone.now()) if running else None,
            "staff": sees_everything(self.actor),
            "verdict": self.verdict() if running else None,
        }

    def here(self, said: Any) -> Done:
        """Back to the objection, with what was done."""
        return Done(reverse("review_objection", args=[self.objection.pk]), said)

    def do_uphold(self, data: dict[str, Any]) -> Done:
        """The objection is right."""
        actions.uphold(self.objection, reason=data["reason"], by=self.actor)
        return self.here(_("The objection is upheld and the registration refused."))

    def do_reject(self, data: dict[str, Any]) -> Done:
        """The objection is not right."""
        actions.reject(self.objection, reason=data["reason"], by=self.actor)
        return self.here(_("The objection is rejected; the registration goes on."))
