"""Every fact as a line that a reader understands without knowing the fields.

A line may name fields of its fact; an amount in fen appears as yuan under the field's name
without `_fen`. A test holds the table against the facts that exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.money import yuan
from core.time import CHINA

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

LINES: dict[str, Any] = {
    "accounts.AdmissionApplied": _("%(name)s (%(uscc)s) applied for admission"),
    "accounts.ApiKeyIssued": _("An API key was issued to a member"),
    "accounts.ApiKeyRevoked": _("An API key was revoked"),
    "accounts.ApplicationClaimed": _("Somebody of the exchange took the application on"),
    "accounts.ApplicationItemChecked": _("A reviewer found on the item %(item)s: %(result)s"),
    "accounts.ApplicationReleased": _("The application was given back"),
    "accounts.ApplicationRemarked": _("A remark about the application was written"),
    "accounts.ExchangeFounded": _("The exchange %(name)s was founded"),
    "accounts.InterestDeclared": _("A person declared an interest in an organisation"),
    "accounts.InvitationAccepted": _("The invited person agreed to become a member"),
    "accounts.InvitationLapsed": _("An invitation was not answered in time and lapsed"),
    "accounts.InvitationRefused": _("The invited person did not want to become a member"),
    "accounts.InvitationWithdrawn": _("An invitation was withdrawn"),
    "accounts.KeyChallenged": _("A signing key was challenged for proof of possession"),
    "accounts.KeyEnrolled": _("A signing key was enrolled with proof of possession"),
    "accounts.KeyRevoked": _("A signing key was revoked: %(reason)s"),
    "accounts.MemberAdded": _("A member was added with the roles %(roles)s"),
    "accounts.MemberInvited": _("A person was invited to the roles %(roles)s"),
    "accounts.MemberRemoved": _("A member was removed"),
    "accounts.OrganisationAdmitted": _("The organisation %(uscc)s was admitted"),
    "accounts.OrganisationRefused": _("The organisation was refused: %(reason)s"),
    "accounts.OrganisationReinstated": _("The organisation was reinstated"),
    "accounts.OrganisationSuspended": _("The organisation was suspended: %(reason)s"),
    "accounts.UserRegistered": _("A person opened an account"),
    "contracts.BucketSealed": _("Usage of bucket %(bucket)s was closed with %(rows)s calls"),
    "contracts.ContractAccepted": _("The buyer accepted the seller's offer"),
    "contracts.ContractAgreed": _("The seller agreed; the terms wait for signatures"),
    "contracts.ContractFinalized": _("Both parties have signed the contract"),
    "contracts.ContractLapsed": _("The contract was not signed in time and lapsed"),
    "contracts.ContractOffered": _("The seller made a counter-offer (proposal %(number)s)"),
    "contracts.ContractRequested": _("The buyer asked for a contract (proposal %(number)s)"),
    "contracts.ContractSigned": _("The contract was signed by the %(role)s"),
    "contracts.ContractTerminated": _("The negotiation was broken off: %(reason)s"),
    "contracts.GrantActivated": _("The right to use began, from %(starts_at)s to %(ends_at)s"),
    "contracts.GrantResumed": _("The right to use was resumed"),
    "contracts.GrantSuspended": _("The right to use was suspended: %(reason)s"),
    "contracts.GrantTerminated": _("The right to use was ended early: %(reason)s"),
    "contracts.StatementCountersigned": _(
        "Usage statement %(number)s over %(amount)s was countersigned by both parties"
    ),
    "contracts.StatementDeemedAccepted": _(
        "Nobody objected in time: usage statement %(number)s over %(amount)s counts as accepted"
    ),
    "contracts.StatementDrawn": _("Usage statement %(number)s over %(amount)s was drawn"),
    "contracts.StatementObjected": _("The %(role)s objected to the statement: %(reason)s"),
    "contracts.StatementObjectionWithdrawn": _("The %(role)s took the objection back"),
    "contracts.StatementSigned": _("The usage statement was countersigned by the %(role)s"),
    "delivery.FileDeposited": _("The registered file (%(size_bytes)s bytes) was deposited"),
    "delivery.FileRestored": _("The deposited file was damaged and was deposited again"),
    "marketplace.GateAttested": _("A reviewer stated about gate %(gate)s: %(result)s"),
    "marketplace.ListingRecommended": _("A reviewer recommended the listing"),
    "marketplace.OrderAccepted": _("The seller accepted the order over %(price)s"),
    "marketplace.OrderActivated": _("The order is active: the buyer may draw"),
    "marketplace.OrderCancelled": _("The order was cancelled, %(returned)s went back: %(reason)s"),
    "marketplace.OrderCompleted": _(
        "The order was completed: %(settled)s settled, %(returned)s went back"
    ),
    "marketplace.OrderFunded": _("%(amount)s were paid into escrow for the order"),
    "marketplace.OrderPlaced": _("A buyer ordered %(quota)s calls for %(price)s: %(purpose)s"),
    "marketplace.ProductAmended": _("The product's draft was changed"),
    "marketplace.ProductDelisted": _("The product was delisted: %(reason)s"),
    "marketplace.ProductListed": _("A second person approved; version %(number)s was listed"),
    "marketplace.ProductOpened": _("The product %(name)s was opened on the asset"),
    "marketplace.ProductRefused": _("The listing was refused: %(reason)s"),
    "marketplace.ProductRemarked": _("A remark about the product was written"),
    "marketplace.ProductRestored": _("The product's quarantine ended"),
    "marketplace.ProductSentBack": _("The product was sent back: %(reason)s"),
    "marketplace.ProductSubmitted": _("Version %(number)s of the product was submitted"),
    "marketplace.ProductSuspended": _("The product was quarantined: %(reason)s"),
    "marketplace.ReviewClaimed": _("A reviewer took the product's review on"),
    "marketplace.ReviewReleased": _("The reviewer gave the product's review back"),
    "marketplace.TransactionVoucherIssued": _(
        "A voucher over %(amount)s was issued; %(held)s stay held"
    ),
    "marketplace.WalletToppedUp": _("A wallet was credited with %(amount)s (simulated)"),
    "marketplace.ZoneOpened": _("The zone %(name)s was opened"),
    "marketplace.ZoneFeesChanged": _(
        "The zone's fees became %(exchange_bps)s and %(tax_bps)s basis points"
    ),
    "money.AccountOpened": _("The money account %(key)s was opened"),
    "money.TransfersPosted": _("%(count)s transfers over %(total)s were posted"),
    "registry.CaseAccepted": _("The registration was accepted for review"),
    "registry.CaseAmended": _("The application was amended"),
    "registry.CaseClaimed": _("A reviewer took the case on"),
    "registry.CaseDeclined": _("The application was not accepted: %(reason)s"),
    "registry.CaseItemChecked": _("A reviewer found on the item %(item)s: %(result)s"),
    "registry.CaseOpened": _("A registration was drafted"),
    "registry.CasePublicised": _("The review was passed; publicity of %(workdays)s workdays began"),
    "registry.CaseRefused": _("The registration was refused: %(reason)s"),
    "registry.CaseReleased": _("The case was given back"),
    "registry.CaseRemarked": _("A remark about the case was written"),
    "registry.CaseSentBack": _("The correction notice was given: %(items)s"),
    "registry.CaseSubmitted": _("The application was submitted"),
    "registry.CaseWithdrawn": _("The application was withdrawn"),
    "registry.CertificateIssued": _("The certificate %(code)s was issued"),
    "registry.ChallengeDrawn": _("Chunks %(indexes)s were drawn for proof of possession"),
    "registry.DayDecided": _("The day %(day)s was decided: working day %(works)s, %(note)s"),
    "registry.DisclosureConsented": _("The applicant agreed to show %(chunks)s chunks"),
    "registry.DurationSet": _(
        "From %(effective_from)s on the step %(step)s takes %(workdays)s working days"
    ),
    "registry.EncumbranceLifted": _("An encumbrance was lifted by %(authority)s"),
    "registry.EncumbranceRecorded": _("An encumbrance was recorded for %(authority)s"),
    "registry.ObjectionFiled": _("A member objected to the registration (%(ground)s)"),
    "registry.ObjectionRejected": _("The objection was rejected: %(reason)s"),
    "registry.ObjectionUpheld": _("The objection was upheld: %(reason)s"),
    "registry.ObjectionWithdrawn": _("The objection was taken back"),
    "registry.PossessionProven": _("Possession of the file was proven (%(method)s)"),
    "supervision.EvidenceExported": _("Evidence of %(events)s events about %(ref)s was exported"),
    "supervision.RecordRead": _("%(address)s was read"),
    "supervision.TrailRead": _("The trail of %(ref)s was read"),
}


class Shown(dict[str, str]):
    """Field values as text; a field that is not there shows as a dash."""

    def __missing__(self, name: str) -> str:
        return "—"


def sentence(event_type: str, values: Mapping[str, Any]) -> str:
    """The line of an event in the active language; of an unknown type, the type itself."""
    if event_type not in LINES:
        return event_type
    shown = Shown((name, text(value)) for name, value in values.items())
    for name, value in values.items():
        if name.endswith("_fen") and isinstance(value, int):
            shown[name.removesuffix("_fen")] = yuan(value)
    return str(LINES[event_type]) % shown


def text(value: Any) -> str:
    """A field's value as it stands in a line: a list separated by semicolons, a moment in China
    Standard Time."""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    return str(value)
