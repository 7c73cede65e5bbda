"""Tables of the contracts room, a module for each noun."""

from contracts.models.contract import Contract, Offer, Signature
from contracts.models.deadline import DeadlineRule
from contracts.models.grant import Grant
from contracts.models.quota import QuotaAccount, QuotaLease
from contracts.models.statement import Objection, Statement, StatementSignature
from contracts.models.usage import IngestBatch, SealedBucket, UsageEvent, UsageRollup

__all__ = [
    "Contract",
    "DeadlineRule",
    "Grant",
    "IngestBatch",
    "Objection",
    "Offer",
    "QuotaAccount",
    "QuotaLease",
    "SealedBucket",
    "Signature",
    "Statement",
    "StatementSignature",
    "UsageEvent",
    "UsageRollup",
]
