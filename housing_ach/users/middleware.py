from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from housing_ach.audit.acting import acting

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ActingMiddleware:
    """Whatever a request writes is its user's doing.

    A visitor who only reads costs no question to the database: health checks need none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            actor = f"user:{request.user.pk}"
        elif request.method in READING:
            return self.get_response(request)
        else:
            actor = "visitor"
        with acting(actor):
            return self.get_response(request)
