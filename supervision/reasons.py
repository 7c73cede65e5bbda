"""The usual reasons of decisions, as data: a reviewer picks one and may add to it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

Reasons = tuple[tuple[str, Any], ...]

REASONS: dict[tuple[str, str], Reasons] = {
    ("registration", "send_back"): (
        ("name", _("The name does not say time, place, industry, content and kind.")),
        ("source", _("The evidence of the source does not agree with what is stated.")),
        ("overview", _("The overview does not say what the data contain.")),
        ("restrictions", _("The restrictions are not stated in full.")),
    ),
    ("registration", "decline"): (
        ("scope", _("The subject of the application is outside the scope of this registry.")),
        ("incomplete", _("The materials were not completed in the time given.")),
    ),
    ("registration", "refuse"): (
        ("proof", _("Possession of the file was not shown.")),
        ("dispute", _("A dispute about the rights has not been resolved.")),
        ("source", _("The lawfulness of the source was not shown.")),
    ),
    ("product", "send_back"): (
        ("scenario", _("The scenario does not say for what the data are used.")),
        ("price", _("The price is not explained.")),
        ("evidence", _("The evidence for a gate is missing.")),
    ),
    ("product", "refuse"): (
        ("gate", _("A gate of listing cannot be passed.")),
        ("personal", _("Personal information without consent or anonymisation.")),
    ),
    ("product", "suspend"): (
        ("complaint", _("A complaint is being looked into.")),
        ("content", _("The data delivered differ from what was registered.")),
        ("order", _("An authority asked for it.")),
    ),
    ("product", "delist"): (
        ("rights", _("The right to operate has ended.")),
        ("breach", _("The seller broke the rules of listing.")),
    ),
    ("member", "refuse"): (
        ("document", _("The onboarding document does not show who applies.")),
        ("kind", _("The organisation is not of a kind that this exchange admits.")),
    ),
    ("member", "suspend"): (
        ("breach", _("The member broke the rules of the exchange.")),
        ("lapsed", _("The business licence is no longer valid.")),
    ),
}
"""(what is reviewed, verb) -> (key, sentence) in the order in which they are offered."""


def reason_of(subject: str, verb: str, key: str) -> str:
    """The sentence of a key in the active language; "" for none."""
    return str(dict(REASONS.get((subject, verb), ())).get(key, ""))
