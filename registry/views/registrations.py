"""The applicant's registrations: the list, a new one, and one from draft to certificate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.organisations import RemarkForm
from accounts.views.base import OwnPage
from core.casework import remarks_on
from core.forms import DeedForm
from core.history import Word, history
from core.pages import Done, Step
from core.tables import TablePage
from core.templatetags.tally import china_day
from registry import actions, queries, rules
from registry.actions.possession import chunks_drawn
from registry.forms.applications import AnswerForm, ApplicationForm, stated_by
from registry.grounds import GROUNDS, RIGHT_TERMS
from registry.models import RegistrationCase
from registry.queries.clocks import own_case, own_cases
from registry.queries.deadlines import Clocks
from registry.states import CASE, CaseState, Right, SourceKind

WORDS = {
    "registry.CaseOpened": Word(_("Draft begun")),
    "registry.CaseAmended": Word(_("Draft changed")),
    "registry.CaseSubmitted": Word(_("Submitted to the exchange")),
    "registry.CaseSentBack": Word(_("Sent back for correction"), "items", "warn"),
    "registry.CaseDeclined": Word(_("Not accepted"), "reason", "bad"),
    "registry.CaseAccepted": Word(_("Accepted; the review begins")),
    "registry.DisclosureConsented": Word(_("Agreed to show chunks")),
    "registry.ChallengeDrawn": Word(_("Possession challenge drawn"), tone="warn"),
    "registry.PossessionProven": Word(_("Possession proven")),
    "registry.CasePublicised": Word(_("Publicity began")),
    "registry.CaseRefused": Word(_("Registration refused"), "reason", "bad"),
    "registry.CaseWithdrawn": Word(_("Withdrawn")),
    "registry.CertificateIssued": Word(_("Certificate issued"), tone="seal"),
}
S = CaseState
REACHED = {S.DRAFT: 0, S.RETURNED: 0, S.SUBMITTED: 1, S.ACCEPTED: 2, S.PUBLICITY: 3, S.ISSUED: 5}
EDITABLE = (S.DRAFT, S.RETURNED)
STATE_TONES = {
    S.DRAFT: "mute", S.SUBMITTED: "dai", S.RETURNED: "amber", S.DECLINED: "crimson",
    S.ACCEPTED: "dai", S.PUBLICITY: "dai", S.ISSUED: "seal", S.REFUSED: "crimson",
    S.WITHDRAWN: "mute",
}  # fmt: skip


def grounds() -> list[dict[str, Any]]:
    """The decision table: each source with what it carries, what to show and on what article."""
    return [
        {
            "label": kind.label,
            "term": ground.term,
            "rights": [right in ground.rights for right in Right],
            "evidence": ground.evidence,
            "basis": ground.basis,
        }
        for kind, ground in ((SourceKind(k), g) for k, g in GROUNDS.items())
    ]


def matrix() -> dict[str, Any]:
    """The decision table with its heads."""
    return {"grounds": grounds(), "terms": [RIGHT_TERMS[right][0] for right in Right]}


class Registrations(OwnPage, TablePage):
    """Every registration of the organisation, the newest first, with what runs."""

    template_name = "registry/registration_list.html"
    headings = (
        _("Name"),
        _("State"),
        _("Begun"),
        _("Submitted"),
        _("SHA-256"),
    )
    filename = "registrations"

    def chosen(self) -> str:
        """The state asked for; "" for all."""
        asked = self.request.GET.get("state", "")
        return asked if asked in S.values else ""

    def rows(self) -> QuerySet[RegistrationCase]:
        own = own_cases(self.organisation.pk)
        return own.filter(state=self.chosen()) if self.chosen() else own

    def lines(self, rows: list[RegistrationCase]) -> list[dict[str, Any]]:
        clocks = Clocks(timezone.now())
        return [
            {"case": case, "deadline": clocks.deadline(case), "tone": STATE_TONES[S(case.state)]}
            for case in rows
        ]

    def cells(self, row: RegistrationCase) -> tuple[Any, ...]:
        moments = (row.opened_at, row.submitted_at)
        told = [moment.isoformat() if moment else None for moment in moments]
        return row.asset.name, row.get_state_display(), *told, row.version.sha256

    def context(self) -> dict[str, Any]:
        verdict = rules.may_open(self.actor, self.organisation)
        shown = {"states": S.choices, "chosen": self.chosen(), "verdict": verdict}
        return super().context() | shown


class NewRegistration(OwnPage):
    """The wizard of a first registration; it ends with a draft."""

    template_name = "registry/registration_new.html"
    forms = {"open": ApplicationForm}

    def context(self) -> dict[str, Any]:
        verdict = rules.may_open(self.actor, self.organisation)
        return matrix() | {"verdict": verdict, "draft": "registration"}

    def do_open(self, _data: dict[str, Any]) -> Done:
        """A draft stands; nobody but the holder sees it."""
        stated = self.stated.application()
        case = actions.open_case(self.organisation, application=stated, by=self.actor)
        said = _("The draft is saved. Look it over and submit it.")
        return Done(reverse("registration", args=[case.id]), said)

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if data is not None and isinstance(made, ApplicationForm):
            self.stated = made
        return made


class OneRegistration(OwnPage):
    """One registration: what it says, where it stands, and what awaits the applicant."""

    template_name = "registry/registration_show.html"
    forms = {
        "amend": ApplicationForm,
        "submit": DeedForm,
        "withdraw": DeedForm,
        "consent": DeedForm,
        "answer": AnswerForm,
        "remark": RemarkForm,
    }

    def prepare(self, **kwargs: str) -> None:
        self.case = own_case(kwargs["case_id"], self.organisation.pk)

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if isinstance(made, ApplicationForm):
            made.initial = stated_by(self.case)
            if data is not None:
                self.stated = made
        return made

    def context(self) -> dict[str, Any]:
        case, clocks = self.case, Clocks(timezone.now())
        challenge = queries.open_challenge(case) if case.state == S.ACCEPTED else None
        answer_by = clocks.answer_by(challenge) if challenge else None
        over = queries.publicity_over(case, clocks.now, clocks)
        return matrix() | {
            "case": case,
            "tone": STATE_TONES[S(case.state)],
            "deadline": clocks.deadline(case),
            "challenge": challenge,
            "answer_by": answer_by,
            "answer_left": clocks.left(answer_by) if answer_by else None,
            "answer_over": bool(answer_by and clocks.now >= answer_by.at),
            "possible": () if over else CASE.verbs_from(case.state),
            "verdict": rules.may_tend(self.actor, case),
            "editable": case.state in EDITABLE,
            "needs_consent": self.needs_consent(),
            "steps": steps(case, clocks),
            "moments": history(case.id, WORDS),
            "talk": remarks_on(case.id, self.organisation.pk),
            "rights": [(Right(r).label, RIGHT_TERMS[Right(r)][0]) for r in case.rights],
            "ground": GROUNDS[SourceKind(case.asset.source_kind)],
            "origin": settings.LOG_ORIGIN,
            "draft": f"registration-{case.id}-{case.round}",
        }

    def needs_consent(self) -> bool:
        """Whether the answer would show so much of the file that the applicant has to agree."""
        case = self.case
        waits = case.state == S.ACCEPTED and not (case.consented_at or case.possession_at)
        drawn = chunks_drawn(case)
        return waits and rules.needs_consent(drawn, case.version.chunk_count)

    def here(self, said: Any) -> Done:
        """Back to this page."""
        return Done(reverse("registration", args=[self.case.id]), said)

    def do_amend(self, _data: dict[str, Any]) -> Done:
        """The draft or returned case says this instead."""
        actions.amend(self.case, application=self.stated.application(), by=self.actor)
        return self.here(_("The changes are saved. Submit when all is in order."))

    def do_submit(self, _data: dict[str, Any]) -> Done:
        """The exchange has the case."""
        actions.submit(self.case, by=self.actor)
        return self.here(_("Submitted. The days within which the exchange answers are shown."))

    def do_withdraw(self, _data: dict[str, Any]) -> Done:
        """The case is over, without a certificate."""
        actions.withdraw(self.case, by=self.actor)
        return self.here(_("The registration is withdrawn."))

    def do_consent(self, _data: dict[str, Any]) -> Done:
        """A challenge may be drawn for this small file."""
        actions.consent_to_disclosure(self.case, by=self.actor)
        return self.here(_("You agreed. The reviewer draws the challenge next."))

    def do_answer(self, data: dict[str, Any]) -> Done:
        """Possession is proven."""
        actions.answer_challenge(self.case, answers=data["answer"], by=self.actor)
        return self.here(_("Possession is proven; the chunks are deleted at the decision."))

    def do_remark(self, data: dict[str, Any]) -> Done:
        """The reviewer reads the message beside the case."""
        actions.remark(self.case, text=data["text"], outward=True, by=self.actor)
        return self.here(_("Sent to the exchange."))


def steps(case: RegistrationCase, clocks: Clocks) -> list[Step]:
    """The way of a case; where it ended early, the last step says how."""
    moments = (case.submitted_at, case.accepted_at, case.possession_at, case.publicised_at)
    applied, accepted, proven, publicised = (china_day(m) if m else "" for m in moments)
    titles = [
        (_("Application"), applied),
        (_("Acceptance"), accepted),
        (_("Review"), _("possession proven") if proven else ""),
        (_("Publicity"), publicised),
        (_("Certificate"), china_day(case.issued_at) if case.issued_at else ""),
    ]
    state = S(case.state)
    if state in REACHED:
        at = REACHED[state]
        deadline = clocks.deadline(case)
        if deadline and not deadline.overdue:
            ends = _("until %(day)s") % {"day": china_day(deadline.at)}
            titles[at] = (titles[at][0], ends)
        return [
            Step(title, "done" if n < at else "now" if n == at else "", note)
            for n, (title, note) in enumerate(titles)
        ]
    done = 1 + bool(case.accepted_at) + bool(case.publicised_at) if case.submitted_at else 0
    closed = china_day(case.closed_at) if case.closed_at else ""
    return [
        *(Step(title, "done", note) for title, note in titles[:done]),
        Step(state.label, "now", closed),
    ]
