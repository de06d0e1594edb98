"""What programs said of a day's settlement: where the bank agrees, where not, and the exceptions."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from housing_ach.desk.access import desk_page
from housing_ach.desk.forms.reconciliations import LineFilter, ReconciliationFilter
from housing_ach.desk.tables_reconciliations import (
    FATES,
    FORMS,
    LineTable,
    ReconciliationTable,
    file_badge,
)
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role

LOOK = desk_page(Role.FINANCE, Role.AUDITOR, Role.ADMIN, whole=True)


@require_safe
@LOOK
def reconciliations(request: HttpRequest) -> HttpResponseBase:
    filters = ReconciliationFilter(request.GET)
    rows = filters.of(Reconciliation.objects.select_related("client"))
    table = ReconciliationTable(rows)
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "settlement-files")
    told = {"table": paged(request, table), "filters": filters}
    return render(request, "desk/reconciliations.html", told)


@require_safe
@LOOK
def reconciliation(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(Reconciliation.objects.select_related("client"), pk=pk)
    filters = LineFilter(request.GET)
    table = LineTable(filters.of(found.lines.all()))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, f"settlement-file-{found.pk}")
    told = {
        "row": found,
        "badge": file_badge(found),
        "form_words": FORMS[found.form],
        "fates": [(words, getattr(found, fate.lower())) for fate, (words, _) in FATES.items()],
        "table": paged(request, table),
        "filters": filters,
    }
    return render(request, "desk/reconciliation.html", told)
