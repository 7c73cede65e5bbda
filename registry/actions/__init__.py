"""Writes of the registry, by noun."""

from registry.actions.applications import (
    amend,
    open_case,
    submit,
    withdraw,
)
from registry.actions.casework import check_item, claim, release, remark
from registry.actions.certificates import issue, run_clock
from registry.actions.durations import decide_day, set_duration
from registry.actions.encumbrances import lift_encumbrance, record_encumbrance
from registry.actions.objections import object_to, reject, uphold, withdraw_objection
from registry.actions.possession import (
    answer_challenge,
    attest_on_site,
    consent_to_disclosure,
    draw_challenge,
)
from registry.actions.reviews import accept, decline, pass_review, refuse, send_back

__all__ = [
    "accept",
    "amend",
    "answer_challenge",
    "attest_on_site",
    "check_item",
    "claim",
    "consent_to_disclosure",
    "decide_day",
    "decline",
    "draw_challenge",
    "issue",
    "lift_encumbrance",
    "object_to",
    "open_case",
    "pass_review",
    "record_encumbrance",
    "refuse",
    "reject",
    "release",
    "remark",
    "run_clock",
    "send_back",
    "set_duration",
    "submit",
    "uphold",
    "withdraw",
    "withdraw_objection",
]
