"""The payments of the properties a member of staff works for."""

from django.db.models import BigIntegerField, Case, F, Value, When
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from housing_ach.desk.access import desk_page, person
from housing_ach.desk.forms.payments import PaymentFilter
from housing_ach.desk.tables_payments import PaymentTable
from housing_ach.payments.models import Payment
from housing_ach.payments.states import Purpose
from housing_ach.shared.tables import as_csv, paged

SHOWN_CENTS = Case(
    When(purpose=Purpose.MICRO_DEPOSIT, then=Value(None)),
    default=F("cents"),
    output_field=BigIntegerField(),
)


@require_safe
@desk_page()
def payments(request: HttpRequest) -> HttpResponseBase:
    mine = Payment.objects.visible_to(person(request)).select_related(
        "tenant", "lease__unit__property"
    )
    filters = PaymentFilter(request.GET)
    table = PaymentTable(filters.of(mine.annotate(shown_cents=SHOWN_CENTS)))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "payments")
    told = {"table": paged(request, table), "filters": filters, "query": request.GET.urlencode()}
    return render(request, "desk/payments.html", told)
