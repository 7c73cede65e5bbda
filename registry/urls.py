"""Addresses of the registry."""

from django.urls import path

from registry import views
from registry.api import (
    VERBS,
    AssetDetail,
    AssetEncumbrances,
    Assets,
    CertificateCheck,
    CertificateCredential,
    CertificateDetail,
    Certificates,
    EncumbranceLift,
    Publicity,
    Registration,
    RegistrationAmend,
    RegistrationAnswer,
    RegistrationChunks,
    Registrations,
)
from registry.objection_api import (
    ObjectionReject,
    Objections,
    ObjectionUphold,
    ObjectionWithdraw,
    OneObjection,
    PublicityObjections,
)
from registry.views import notices

api = [
    path("registrations", Registrations.as_view()),
    path("registrations/<str:case_id>", Registration.as_view()),
    path("registrations/<str:case_id>/amend", RegistrationAmend.as_view()),
    path("registrations/<str:case_id>/answer", RegistrationAnswer.as_view()),
    path("registrations/<str:case_id>/chunks", RegistrationChunks.as_view()),
    *(
        path(f"registrations/<str:case_id>/{name}", endpoint.as_view())
        for name, endpoint in VERBS.items()
    ),
    path("publicity", Publicity.as_view()),
    path("publicity/<str:case_id>/objections", PublicityObjections.as_view()),
    path("objections", Objections.as_view()),
    path("objections/<str:objection_id>", OneObjection.as_view()),
    path("objections/<str:objection_id>/uphold", ObjectionUphold.as_view()),
    path("objections/<str:objection_id>/reject", ObjectionReject.as_view()),
    path("objections/<str:objection_id>/withdraw", ObjectionWithdraw.as_view()),
    path("assets", Assets.as_view()),
    path("assets/<str:asset_id>", AssetDetail.as_view()),
    path("assets/<str:asset_id>/encumbrances", AssetEncumbrances.as_view()),
    path("encumbrances/<str:encumbrance_id>/lift", EncumbranceLift.as_view()),
    path("certificates", Certificates.as_view()),
    path("certificates/<str:code>", CertificateDetail.as_view()),
    path("certificates/<str:code>/vc", CertificateCredential.as_view()),
    path("certificates/<str:code>/check", CertificateCheck.as_view()),
]
pages = [
    path("notices", notices.Notices.as_view(), name="notices"),
    path("notices/<str:case_id>", notices.OneNotice.as_view(), name="notice"),
    path(
        "review/objections/<str:objection_id>",
        notices.ReviewObjection.as_view(),
        name="review_objection",
    ),
    path("r/", views.certificate_find, name="certificate_find"),
    path("r/<str:code>", views.certificate_detail, name="certificate_detail"),
    path("desk/registrations", views.Registrations.as_view(), name="registrations"),
    path("desk/registrations/new", views.NewRegistration.as_view(), name="registration_new"),
    path("desk/registrations/<str:case_id>", views.OneRegistration.as_view(), name="registration"),
]
