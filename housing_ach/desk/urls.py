from django.urls import include, path

from housing_ach.desk.views import status

desk_urls = [
    path("status/", status.status, name="status"),
]

urlpatterns = [
    path("desk/", include((desk_urls, "desk"))),
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
]
