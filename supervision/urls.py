"""Addresses of supervision."""

from django.urls import path

from supervision.api import Accesses, Proof, Trail, TrailBundle, Trust
from supervision.views.desk import ReviewDesk, ReviewMembers, ReviewProducts, ReviewRegistrations
from supervision.views.member import ReviewMember
from supervision.views.product import ReviewProduct
from supervision.views.registration import ReviewRegistration
from supervision.views.settings import ExchangeSettings
from supervision.views.verify import BundleVerify, trust_json
from supervision.views.watch import Decisions, Overview, OwnAccesses, Trace, TraceBundle, TraceOf

api = [
    path("trails/<str:ref>", Trail.as_view(), name="trail"),
    path("trails/<str:ref>/bundle", TrailBundle.as_view(), name="trail-bundle"),
    path("accesses", Accesses.as_view(), name="accesses"),
    path("trust", Trust.as_view(), name="trust"),
    path("events/<str:event_id>/proof", Proof.as_view(), name="event-proof"),
]
pages = [
    path("verify", BundleVerify.as_view(), name="verify"),
    path("trust.json", trust_json, name="trust_json"),
    path("settings/", ExchangeSettings.as_view(), name="exchange_settings"),
    path("supervision/", Overview.as_view(), name="supervision"),
    path("supervision/trace/", Trace.as_view(), name="trace"),
    path("supervision/trace/<str:ref>", TraceOf.as_view(), name="trace_of"),
    path("supervision/trace/<str:ref>/bundle", TraceBundle.as_view(), name="trace_bundle"),
    path("supervision/decisions/", Decisions.as_view(), name="supervision_decisions"),
    path("supervision/accesses/", OwnAccesses.as_view(), name="supervision_accesses"),
    path("review/", ReviewDesk.as_view(), name="review"),
    path("review/members/", ReviewMembers.as_view(), name="review_members"),
    path("review/members/<str:organisation_id>", ReviewMember.as_view(), name="review_member"),
    path("review/registrations/", ReviewRegistrations.as_view(), name="review_registrations"),
    path(
        "review/registrations/<str:case_id>",
        ReviewRegistration.as_view(),
        name="review_registration",
    ),
    path("review/products/", ReviewProducts.as_view(), name="review_products"),
    path("review/products/<str:product_id>", ReviewProduct.as_view(), name="review_product"),
]
