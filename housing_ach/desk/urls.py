from django.contrib import admin
from django.urls import path

from housing_ach.desk import views

urlpatterns = [
    path("", admin.site.admin_view(views.status), name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
