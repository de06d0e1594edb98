from housing_ach.api.views import parties

ENDPOINTS = (
    ("properties", parties.PropertiesView, "properties"),
    ("properties/<str:external_id>", parties.PropertyView, "property"),
    ("units", parties.UnitsView, "units"),
    ("units/<str:external_id>", parties.UnitView, "unit"),
    ("tenants", parties.TenantsView, "tenants"),
    ("tenants/<str:external_id>", parties.TenantView, "tenant"),
    ("leases", parties.LeasesView, "leases"),
    ("leases/<str:external_id>", parties.LeaseView, "lease"),
)
