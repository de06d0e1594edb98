from django.conf import settings
from django.contrib import admin
from django.urls import URLResolver, include, path

SANDBOX = [] if settings.LIVE_MODE else [path("", include("housing_ach.sandbox.urls"))]

handler500 = "housing_ach.api.views.failures.failed"

urlpatterns: list[URLResolver] = [
    path("", include("housing_ach.portal.urls")),
    path("", include("housing_ach.desk.urls")),
    # Before the API, which answers for every other address of its own.
    *SANDBOX,
    path("", include("housing_ach.api.urls")),
    path("admin/", admin.site.urls),
]
