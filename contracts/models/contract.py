"""A contract in negotiation or concluded, the proposals it went through, its signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, SigningKey
from contracts import terms
from contracts.states import NegotiationState, Role
from core.ids import PrefixedIdField
from core.states import in_states

SIGNED = (NegotiationState.VERIFIED, NegotiationState.FINALIZED)


class Contract(models.Model):
    """One negotiation about one frozen value of terms.

    `terms` is the canonical value of `contracts.terms.Terms`, `digest` its SHA-256; a
    new proposal replaces both, and from AGREED on the database refuses that.
    """

    id = PrefixedIdField(prefix="ctr")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="contracts_sold")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="contracts_bought")
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=NegotiationState.choices,
        default=NegotiationState.REQUESTED,
    )
    terms = models.JSONField(_("terms"))
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    requested_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    finalized_at = models.DateTimeField(null=True)
    terminated_at = models.DateTimeField(null=True)
    termination_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        indexes = [
            models.Index(fields=["seller", "state"]),
            models.Index(fields=["buyer", "state"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=in_states(NegotiationState.values), name="contract_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(seller=models.F("buyer")), name="contract_has_two_parties"
            ),
            models.CheckConstraint(
                condition=~in_states((NegotiationState.AGREED, *SIGNED))
                | Q(agreed_at__isnull=False),
                name="contract_agreed_at_when_agreed",
            ),
            models.CheckConstraint(
                condition=~in_states(SIGNED) | Q(verified_at__isnull=False),
                name="contract_verified_at_when_verified",
            ),
            models.CheckConstraint(
                condition=Q(state=NegotiationState.FINALIZED, finalized_at__isnull=False)
                | (~Q(state=NegotiationState.FINALIZED) & Q(finalized_at__isnull=True)),
                name="contract_finalized_at_iff_finalized",
            ),
            models.CheckConstraint(
                condition=Q(state=NegotiationState.TERMINATED, terminated_at__isnull=False)
                | (~Q(state=NegotiationState.TERMINATED) & Q(terminated_at__isnull=True)),
                name="contract_terminated_at_iff_terminated",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def terms_value(self) -> terms.Terms:
        """The terms as a value. The row's own copy was checked when it was written."""
        return terms.parse(self.terms)

    def role_of(self, organisation_id: str) -> Role | None:
        """The side on which an organisation stands, None for a stranger."""
        sides = {self.seller_id: Role.SELLER, self.buyer_id: Role.BUYER}
        return sides.get(organisation_id)

    def side_of(self, organisation_id: str) -> tuple[Role, Organisation]:
        """The side and the organisation of a party. Raises LookupError for a stranger."""
        if organisation_id == self.buyer_id:
            return Role.BUYER, self.buyer
        if organisation_id == self.seller_id:
            return Role.SELLER, self.seller
        raise LookupError(f"{organisation_id} is no party to {self.pk}")


class Offer(models.Model):
    """One proposal of terms in a negotiation. Evidence: never changed.

    `number` counts from 1; the newest is what the contract carries.
    """

    id = PrefixedIdField(prefix="ofr")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="offers")
    number = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=6, choices=Role.choices)
    terms = models.JSONField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proposal of terms")
        verbose_name_plural = _("proposals of terms")
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="offer_number_once"),
            models.CheckConstraint(
                condition=in_states(Role.values, field_name="role"), name="offer_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} offer {self.number}"


class Signature(models.Model):
    """One party's signature over the contract's digest. Evidence: never changed.

    `public_key` (64 hex digits) and `signature` (128) are Ed25519, over the statement
    tallystick/contract/v1, origin, digest, role.
    """

    id = PrefixedIdField(prefix="csg")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=6, choices=Role.choices)
    signing_key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "role"], name="contract_signed_once_a_side"
            ),
            models.CheckConstraint(
                condition=in_states(Role.values, field_name="role"), name="signature_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.role}"
