"""Contracts, grants and statements in the reading room."""

from django.contrib import admin

from contracts.models import (
    Contract,
    DeadlineRule,
    Grant,
    IngestBatch,
    Objection,
    Offer,
    QuotaAccount,
    QuotaLease,
    SealedBucket,
    Signature,
    Statement,
    StatementSignature,
    UsageRollup,
)
from core.admin import ReadOnlyAdmin


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ("id", "state", "seller", "buyer", "digest", "requested_at")
    list_filter = ("state",)
    list_select_related = ("seller", "buyer")
    search_fields = ("id", "digest", "seller__name", "buyer__name")


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(ReadOnlyAdmin):
    list_display = ("step", "workdays", "basis", "effective_from")


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("contract_id", "number", "role", "digest", "made_at")
    search_fields = ("contract__id", "digest")


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = ("contract_id", "role", "public_key", "signed_at")
    search_fields = ("contract__id", "public_key")


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "contract_id", "state", "starts_at", "ends_at")
    list_filter = ("state",)
    search_fields = ("id", "contract__id")


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("id", "contract_id", "number", "state", "since", "until", "amount_fen")
    list_filter = ("state",)
    search_fields = ("id", "contract__id", "digest")


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    list_display = ("statement_id", "role", "reason", "raised_at", "withdrawn_at")
    search_fields = ("id", "statement__id")


@admin.register(StatementSignature)
class StatementSignatureAdmin(ReadOnlyAdmin):
    list_display = ("statement_id", "role", "public_key", "signed_at")
    search_fields = ("statement__id", "public_key")


@admin.register(QuotaAccount)
class QuotaAccountAdmin(ReadOnlyAdmin):
    list_display = ("contract_id", "meter", "granted", "leased", "used")
    search_fields = ("id", "contract__id")


@admin.register(QuotaLease)
class QuotaLeaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "account_id", "units", "recorded", "state", "holder", "taken_at")
    list_filter = ("state",)
    search_fields = ("id", "segment", "holder")


@admin.register(UsageRollup)
class UsageRollupAdmin(ReadOnlyAdmin):
    list_display = ("contract_id", "meter", "hour", "units", "calls", "indeterminate")
    search_fields = ("contract__id",)


@admin.register(IngestBatch)
class IngestBatchAdmin(ReadOnlyAdmin):
    list_display = ("segment", "first_byte", "end_byte", "rows", "duplicates", "conflicts")
    search_fields = ("segment",)


@admin.register(SealedBucket)
class SealedBucketAdmin(ReadOnlyAdmin):
    list_display = ("bucket", "rows", "digest", "sealed_at")
