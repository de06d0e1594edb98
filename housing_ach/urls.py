from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("housing_ach.portal.urls")),
    path("", include("housing_ach.desk.urls")),
    path("", include("housing_ach.api.urls")),
    path("admin/", admin.site.urls),
]
