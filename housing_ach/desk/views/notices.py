"""What was written to tenants, as they got it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from housing_ach.desk.access import desk_page, person
from housing_ach.desk.forms.notices import MessageFilter
from housing_ach.desk.tables_properties import MessageTable
from housing_ach.notices.selectors import sent_messages
from housing_ach.shared.tables import as_csv, paged


@require_safe
@desk_page()
def notices(request: HttpRequest) -> HttpResponseBase:
    filters = MessageFilter(request.GET)
    table = MessageTable(filters.of(sent_messages(person(request))))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "messages")
    return render(
        request, "desk/notices.html", {"table": paged(request, table), "filters": filters}
    )


@require_safe
@desk_page()
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(sent_messages(person(request)), pk=pk)
    return render(request, "desk/notice.html", {"message_": message})
