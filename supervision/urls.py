"""Addresses of supervision."""

from django.urls import path

from supervision.api import Accesses, Proof, Trail, TrailBundle, Trust
from supervision.views.verify import BundleVerify, trust_json

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
]
