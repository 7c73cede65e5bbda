"""Addresses of the contracts room."""

from django.urls import path

from contracts import api as views

api = [
    path("contracts", views.Contracts.as_view()),
    path("contracts/<str:contract_id>", views.OneContract.as_view()),
    path("contracts/<str:contract_id>/signing-request", views.ContractSigningRequest.as_view()),
    path("contracts/<str:contract_id>/offer", views.ContractOffer.as_view()),
    path("contracts/<str:contract_id>/request", views.ContractCounter.as_view()),
    path("contracts/<str:contract_id>/accept", views.ContractAccept.as_view()),
    path("contracts/<str:contract_id>/agree", views.ContractAgree.as_view()),
    path("contracts/<str:contract_id>/terminate", views.ContractTerminate.as_view()),
    path("contracts/<str:contract_id>/suspend", views.ContractSuspend.as_view()),
    path("contracts/<str:contract_id>/resume", views.ContractResume.as_view()),
    path("contracts/<str:contract_id>/signatures", views.ContractSignatures.as_view()),
    path("contracts/<str:contract_id>/statements", views.ContractStatements.as_view()),
    path("statements/<str:statement_id>", views.OneStatement.as_view()),
    path("statements/<str:statement_id>/signing-request", views.StatementSigningRequest.as_view()),
    path("statements/<str:statement_id>/objection", views.StatementObjection.as_view()),
    path("statements/<str:statement_id>/withdraw", views.StatementWithdrawal.as_view()),
    path("statements/<str:statement_id>/signatures", views.StatementSignatures.as_view()),
]
