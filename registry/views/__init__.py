"""Pages of the registry, by noun."""

from registry.views.certificates import certificate_detail, certificate_find

__all__ = ["certificate_detail", "certificate_find"]
