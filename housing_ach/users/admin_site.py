from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    default_site = "housing_ach.users.site.Site"
