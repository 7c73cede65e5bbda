"""The work page of a registration."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DeedForm
from core.pages import Done, Step
from core.templatetags.tally import china_day
from registry import actions
from registry.checklist import ITEMS
from registry.grounds import GROUNDS, REFUSALS, RIGHT_TERMS
from registry.models import AssetVersion
from registry.states import CASE, CaseState, RefusalGround, Right, SourceKind
from supervision import diffs
from supervision.forms.decisions import (
    AttestForm,
    CorrectionForm,
    FindingForm,
    RefuseRegistrationForm,
    reasoned,
)
from supervision.queries import dossiers
from supervision.queries.clocks import PAUSED, Lamp
from supervision.queries.desk import REGISTRATIONS, STEP_OF
from supervision.views.work import COMMON, WorkPage

C = CaseState
ORDER = (C.SUBMITTED, C.ACCEPTED, C.PUBLICITY, C.ISSUED)
ENDED = (C.DECLINED, C.REFUSED, C.WITHDRAWN)
FIELDS = {
    "size": gettext_lazy("Size"),
    "rows": gettext_lazy("Rows"),
    "columns": gettext_lazy("Column names"),
    "sha256": "SHA-256",
    "sm3": "SM3",
    "blake3": "BLAKE3",
    "root": gettext_lazy("Chunk tree"),
    "row_digest": gettext_lazy("Row set"),
}


class ReviewRegistration(WorkPage):
    """One registration: what is stated, what changed, possession, checklist, decision."""

    template_name = "supervision/review_registration.html"
    url_name, kind, items = "review_registration", REGISTRATIONS, ITEMS
    room: ClassVar[Any] = actions
    forms = COMMON | {
        "check": FindingForm,
        "accept": DeedForm,
        "decline": reasoned("registration", "decline"),
        "send_back": CorrectionForm,
        "challenge": DeedForm,
        "attest": AttestForm,
        "pass": DeedForm,
        "refuse": RefuseRegistrationForm,
        "issue": DeedForm,
    }

    def load(self, key: str, at: datetime) -> Any:
        return dossiers.registration(key, self.actor, at)

    def lamp(self) -> Lamp:
        """The deadline of the step that the case is in."""
        case = self.thing
        if case.state == C.RETURNED:
            return PAUSED
        if case.state not in STEP_OF:
            return Lamp()
        step, begins = STEP_OF[case.state]
        return self.clocks.lamp(case.procedure, step, getattr(case, begins))

    def context(self) -> dict[str, Any]:
        shared = super().context()
        case = self.thing
        self.challenges = dossiers.challenges(case)
        before, equal = dossiers.versions_about(case)
        rows = compare(before, case.version)
        everything = "all" in self.request.GET
        ground = GROUNDS[SourceKind(case.asset.source_kind)]
        return shared | {
            "lamp": self.lamp(),
            "steps": self.steps(),
            "before": before,
            "rows": [row for row in rows if everything or row.changed or before is None],
            "changes": sum(row.changed for row in rows),
            "same": sum(not row.changed for row in rows),
            "everything": everything,
            "equal": equal,
            "ground": ground,
            "rights": [RIGHT_TERMS[Right(right)][0] for right in case.rights],
            "notice": getattr(case, "correction_notice", None),
            "challenges": self.challenges,
            "refusal_basis": REFUSALS[RefusalGround(case.refusal_ground)]
            if case.refusal_ground
            else "",
            "verbs": CASE.verbs_from(case.state),
            "why_not": self.why_not(shared["hindrance"]),
        }

    def steps(self) -> list[Step]:
        """The way of the case with the day of each step."""
        case = self.thing
        at = (case.submitted_at, case.accepted_at, case.publicised_at, case.issued_at)
        words = (_("Application"), _("Review"), _("Publicity"), _("Certificate"))
        stands = C.SUBMITTED if case.state == C.RETURNED else case.state
        now = ORDER.index(stands) if stands in ORDER else len(ORDER)
        found = []
        for number, (title, moment) in enumerate(zip(words, at, strict=True)):
            state = "done" if moment and (number < now or case.state == C.ISSUED) else ""
            if number == now and case.state != C.ISSUED:
                state = "now"
            found.append(Step(title, state, china_day(moment) if moment else ""))
        return found

    def why_not(self, hindrance: str) -> dict[str, str]:
        """Verb -> why its button cannot be pressed."""
        why = dict.fromkeys(self.forms, hindrance)
        case = self.thing
        if not hindrance:
            unproven = "" if case.possession_at else _("Possession has not been shown.")
            why["pass"] = unproven or self.open_items()
            waiting = any(one.state == "open" for one in self.challenges)
            why["challenge"] = _("Possession has been proven.") if case.possession_at else ""
            why["challenge"] = why["challenge"] or (
                _("A challenge waits for its answer.") if waiting else ""
            )
            why["send_back"] = (
                _("The one correction notice has been given.")
                if getattr(case, "correction_notice", None)
                else ""
            )
        return why

    def do_accept(self, _data: dict[str, Any]) -> Done:
        actions.accept(self.thing, by=self.actor)
        return self.done(_("Accepted; the clock of review runs."))

    def do_decline(self, data: dict[str, Any]) -> Done:
        actions.decline(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Not accepted; the applicant reads your reason."))

    def do_send_back(self, data: dict[str, Any]) -> Done:
        actions.send_back(self.thing, items=data["items"], by=self.actor)
        return self.done(_("The correction notice was given."))

    def do_challenge(self, _data: dict[str, Any]) -> Done:
        drawn = actions.draw_challenge(self.thing, by=self.actor)
        chunks = "、".join(map(str, drawn.indexes))
        return self.done(_("Drawn: chunks %(chunks)s.") % {"chunks": chunks})

    def do_attest(self, data: dict[str, Any]) -> Done:
        actions.attest_on_site(self.thing, by=self.actor, **data)
        return self.done(_("Attested: the file was seen whole."))

    def do_pass(self, _data: dict[str, Any]) -> Done:
        actions.pass_review(self.thing, by=self.actor)
        return self.done(_("Passed; the publicity has begun."))

    def do_refuse(self, data: dict[str, Any]) -> Done:
        ground, reason = data["ground"], data["reason"]
        actions.refuse(self.thing, ground=ground, reason=reason, by=self.actor)
        return self.done(_("Refused; the applicant reads ground and reason."))

    def do_issue(self, _data: dict[str, Any]) -> Done:
        made = actions.issue(self.thing, by=self.actor)
        return self.done(_("Certificate %(code)s was issued.") % {"code": made.code})


def compare(before: AssetVersion | None, now: AssetVersion) -> list[diffs.Row]:
    """The fingerprints of two versions side by side; against nothing for the first."""
    old = stated(before) if before else stated(now)
    digests = frozenset(FIELDS[name] for name in FIELDS if name not in {"size", "rows"})
    return diffs.compared(old, stated(now), digests)


def stated(version: AssetVersion) -> dict[Any, str]:
    """What a fingerprint says, as texts by the name of the field."""
    table = version.manifest.get("table") or {}
    values = {
        "size": f"{version.size_bytes:,} B",
        "rows": f"{version.row_count:,}" if version.row_count is not None else "–",
        "columns": ", ".join(column["name"] for column in table.get("columns", [])) or "–",
        "sha256": version.sha256,
        "sm3": version.sm3,
        "blake3": version.blake3,
        "root": version.chunk_root,
        "row_digest": version.row_digest or "–",
    }
    return {FIELDS[name]: value for name, value in values.items()}
