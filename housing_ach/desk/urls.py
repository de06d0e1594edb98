from django.urls import include, path

from housing_ach.desk.views import (
    batches,
    cases,
    notices,
    overview,
    payments,
    properties,
    reports,
    status,
)

desk_urls = [
    path("", overview.overview, name="overview"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/live/", batches.batch_live, name="batch-live"),
    path("batches/<int:pk>/file/", batches.batch_file, name="batch-file"),
    path("batches/<int:pk>/approve/", batches.batch_approve, name="batch-approve"),
    path("batches/<int:pk>/eject/", batches.batch_eject, name="batch-eject"),
    path("batches/<int:pk>/cancel/", batches.batch_cancel, name="batch-cancel"),
    path("exceptions/", cases.cases, name="cases"),
    path("exceptions/bulk/", cases.cases_bulk, name="cases-bulk"),
    path("exceptions/<int:pk>/", cases.case, name="case"),
    path("exceptions/<int:pk>/act/", cases.case_act, name="case-act"),
    path("exceptions/<int:pk>/owner/", cases.case_assign, name="case-assign"),
    path("payments/", payments.payments, name="payments"),
    path("properties/", properties.properties, name="properties"),
    path("properties/<int:pk>/", properties.property_page, name="property"),
    path("properties/<int:pk>/rollout/", properties.rollout, name="property-rollout"),
    path("properties/<int:pk>/pilot/", properties.pilot, name="property-pilot"),
    path("properties/<int:pk>/policy/", properties.policy, name="property-policy"),
    path("properties/policy/", properties.policy, name="policy"),
    path("messages/", notices.notices, name="notices"),
    path("messages/<int:pk>/", notices.notice, name="notice"),
    path("reports/", reports.reports, name="reports"),
    path("reports/day/", reports.day_end, name="report-day"),
    path("reports/batch/", reports.batch_report, name="report-batch"),
    path("reports/statement/", reports.statement, name="report-statement"),
    path("reports/returns/", reports.returns_csv, name="report-returns"),
    path("reports/<int:pk>/", reports.document, name="document"),
    path("status/", status.status, name="status"),
]

urlpatterns = [
    path("desk/", include((desk_urls, "desk"))),
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
]
