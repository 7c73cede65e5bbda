"""Every address of the site. Each app's urls.py has `api` (under /api/v1/) and `pages`."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from core.views import ApiDocs
from marketplace.views import home

handler400 = "core.http.bad_request"
handler403 = "core.http.permission_denied"
handler404 = "core.http.page_not_found"
handler429 = "core.http.too_many_requests"
handler500 = "core.http.server_error"

api: list[URLPattern | URLResolver] = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", ApiDocs.as_view(url_name="schema"), name="swagger"),
]
pages: list[URLPattern | URLResolver] = [path("", home, name="home")]
for app in settings.LOCAL_APPS:
    if find_spec(app) and find_spec(f"{app}.urls"):
        module = import_module(f"{app}.urls")
        api += getattr(module, "api", [])
        pages += getattr(module, "pages", [])

urlpatterns = [
    path("api/v1/", include(api)),
    *i18n_patterns(
        path("accounts/", include("allauth.urls")),
        path("break-glass/", admin.site.urls),
        *pages,
        prefix_default_language=False,
    ),
]
