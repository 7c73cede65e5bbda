"""How the facts of a deal are said in the timelines of its pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.states import Role
from core.history import Moment, Word, history

SIDES: dict[str, Any] = {Role.SELLER: _("Seller"), Role.BUYER: _("Buyer")}
DEAL = {
    "marketplace.OrderPlaced": Word(_("Ordered"), "purpose"),
    "contracts.ContractOffered": Word(_("The seller proposed other terms")),
    "contracts.ContractAccepted": Word(_("The buyer accepted the seller's terms")),
    "marketplace.OrderAccepted": Word(_("The seller accepted: the terms are frozen")),
    "contracts.ContractSigned": Word(_("Signed"), "role"),
    "contracts.ContractFinalized": Word(
        _("Both have signed: the contract is concluded"), "", "seal"
    ),
    "contracts.ContractTerminated": Word(_("Broken off"), "reason", "bad"),
    "contracts.ContractLapsed": Word(_("Lapsed: a signature did not come in time"), "", "bad"),
    "marketplace.OrderFunded": Word(_("The price is in escrow")),
    "marketplace.OrderActivated": Word(_("Use may begin")),
    "contracts.GrantSuspended": Word(_("Use suspended"), "reason", "warn"),
    "contracts.GrantResumed": Word(_("Use goes on")),
    "contracts.GrantTerminated": Word(_("Ended early"), "reason", "bad"),
    "contracts.StatementDrawn": Word(_("A usage statement was drawn")),
    "contracts.StatementObjected": Word(_("Objection to a statement"), "reason", "warn"),
    "contracts.StatementObjectionWithdrawn": Word(_("Objection withdrawn")),
    "contracts.StatementCountersigned": Word(_("A statement is countersigned by both")),
    "contracts.StatementDeemedAccepted": Word(_("A statement counts as accepted by silence")),
    "marketplace.TransactionVoucherIssued": Word(_("Settled: a transaction voucher was issued")),
    "marketplace.OrderCancelled": Word(_("Order cancelled"), "reason", "bad"),
    "marketplace.OrderCompleted": Word(_("Order completed"), "", "seal"),
}


def deal_history(contract_id: str) -> list[Moment]:
    """What happened to a deal, oldest first; one query."""
    return [
        replace(moment, text=str(SIDES[moment.text])) if moment.text in SIDES else moment
        for moment in history(contract_id, DEAL)
    ]
