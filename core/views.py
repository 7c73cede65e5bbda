"""Pages that belong to no room: the programming interface."""

from __future__ import annotations

from drf_spectacular.views import SpectacularSwaggerSplitView


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger UI in the site's own frame; its script is a file of its own, as the CSP asks."""

    template_name = "core/api_docs.html"
