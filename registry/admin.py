"""The registry's rows, to look at."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from registry.models import (
    Asset,
    AssetVersion,
    Attestation,
    Certificate,
    CorrectionNotice,
    DurationRule,
    Encumbrance,
    Objection,
    PossessionChallenge,
    RegistrationCase,
    RightGrant,
    SerialCounter,
)


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "holder", "source_kind", "created_at")
    list_filter = ("source_kind", "form")
    list_select_related = ("holder",)
    search_fields = ("id", "name")


@admin.register(AssetVersion)
class AssetVersionAdmin(ReadOnlyAdmin):
    list_display = ("id", "asset", "number", "size_bytes", "sha256")
    list_select_related = ("asset",)
    search_fields = ("id", "sha256", "manifest_sha256", "row_digest")


@admin.register(RegistrationCase)
class RegistrationCaseAdmin(ReadOnlyAdmin):
    acts_at = "review_registration"
    list_display = ("id", "asset", "state", "submitted_at", "accepted_at", "publicised_at")
    list_filter = ("state",)
    list_select_related = ("asset",)
    search_fields = ("id", "asset__name")


@admin.register(CorrectionNotice)
class CorrectionNoticeAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "reviewer", "given_at")
    list_select_related = ("case",)


@admin.register(PossessionChallenge)
class PossessionChallengeAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "indexes", "state", "drawn_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("case",)


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "reviewer", "attested_at")
    list_select_related = ("case",)


@admin.register(DurationRule)
class DurationRuleAdmin(ReadOnlyAdmin):
    acts_at = "exchange_settings"
    list_display = ("procedure", "step", "workdays", "basis", "effective_from")
    list_filter = ("procedure", "step")


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ("code", "asset", "valid_from", "valid_until", "state")
    list_select_related = ("asset",)
    search_fields = ("code", "vc_sha256", "asset__name")


@admin.register(RightGrant)
class RightGrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "asset", "holder", "right", "term_from", "term_to")
    list_filter = ("right",)
    list_select_related = ("asset", "holder")


@admin.register(Encumbrance)
class EncumbranceAdmin(ReadOnlyAdmin):
    list_display = ("id", "asset", "kind", "authority", "state", "since", "lifted_at")
    list_filter = ("kind", "state")
    list_select_related = ("asset",)


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    list_display = ("id", "case", "objector", "ground", "state", "filed_at", "closed_at")
    list_filter = ("state", "ground")
    list_select_related = ("case", "objector")


@admin.register(SerialCounter)
class SerialCounterAdmin(ReadOnlyAdmin):
    list_display = ("region", "yyyymm", "last")
