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
    path("r/", views.certificate_find, name="certificate_find"),
    path("r/<str:code>", views.certificate_detail, name="certificate_detail"),
    path("desk/registrations", views.Registrations.as_view(), name="registrations"),
    path("desk/registrations/new", views.NewRegistration.as_view(), name="registration_new"),
    path(
        "desk/registrations/<str:case_id>", views.OneRegistration.as_view(), name="registration"
    ),
]
