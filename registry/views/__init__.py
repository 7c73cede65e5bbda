"""Pages of the registry, by noun."""

from registry.views.certificates import certificate_detail, certificate_find
from registry.views.registrations import NewRegistration, OneRegistration, Registrations

__all__ = [
    "NewRegistration",
    "OneRegistration",
    "Registrations",
    "certificate_detail",
    "certificate_find",
]
